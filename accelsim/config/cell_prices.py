"""Prices that are a cell's: what its constants make of an action, and what the machine counts.

A price that the machine file has as its own cell makes it follows the cell in use: a current
times a voltage through a time, C V^2 of an event. One that the user set, or that is not what the
cell makes, stays, and the difference is a warning.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from accelsim.config.schema import Machine
from accelsim.device.technologies import TECHNOLOGIES, prices_of
from accelsim.device.technology import CellPrice
from accelsim.documents.document import Document
from accelsim.documents.prices import EVENT, ONE_NS, Price
from accelsim.documents.validation import validate
from accelsim.errors import InputError
from accelsim.units import AJ_PER_J

# Prices are quoted to two digits: a share by which one may differ from what the cell makes.
_APART = 0.02
_FOLLOWS = "Follows the cell: "
_NS_PS = 1000


def follow_cell(
    machine: Machine, own: Mapping[str, object] | None, set_by_user: Collection[str]
) -> Machine:
    """Return a machine whose prices are those of the cell that it has.

    own: the `cell:` section of the machine file, before changes and device files. set_by_user:
    keys that the user changed for this run; prices among them stay.
    """
    before = _made_by(machine, own)
    followed = {}
    for made in prices_of(machine):
        key, old = f"energy.{made.action}", before.get(made.action)
        price = machine.energy.prices[made.action]
        kept = any(each == key or each.startswith(f"{key}.") for each in set_by_user)
        if kept or old is None or old.joule == made.joule:
            continue
        if not _apart(price, old, machine.period_ps):
            followed[made.action] = _price(made, price)
    if not followed:
        return machine
    return machine.model_copy(update={"energy": machine.energy.model_copy(update=followed)})


def contradicting(machine: Machine) -> Iterator[str]:
    """Warn of each price that is not what the constants of the cell make of the action."""
    for made in prices_of(machine):
        price = machine.energy.prices[made.action]
        if _apart(price, made, machine.period_ps):
            yield (
                f"energy.{made.action}: {price.quoted} is counted, and the constants of "
                f"the cell give {_quoted(made)} ({made.formula})"
            )


def followed(machine: Machine) -> Iterator[str]:
    """Say which prices follow the cell, and no longer are those of the machine file."""
    found = [
        f"{made.action} {price.quoted}"
        for made in prices_of(machine)
        if (price := machine.energy.prices[made.action]).source.startswith(_FOLLOWS)
    ]
    if found:
        yield f"Prices follow the cell in use: {', '.join(found)}"


def _made_by(machine: Machine, own: Mapping[str, object] | None) -> dict[str, CellPrice]:
    """Return what the machine file's own cell makes of each action; {} if it is no cell."""
    if own is None or machine.cell is None:
        return {}
    technology = TECHNOLOGIES[machine.technology]
    try:
        cell = validate(technology.cell, Document("cell", Path("cell"), dict(own)))
        return {made.action: made for made in technology.prices(cell)}
    except InputError:
        return {}


def _apart(price: Price, made: CellPrice, period_ps: int) -> bool:
    cycle = period_ps / _NS_PS if made.through_time else 1.0
    expected = made.joule * AJ_PER_J * cycle
    return abs(float(price.exact_aJ(period_ps)) - expected) > _APART * expected


def _quoted(made: CellPrice) -> str:
    return f"{made.joule * AJ_PER_J:.4g} aJ per {ONE_NS if made.through_time else EVENT}"


def _price(made: CellPrice, instead_of: Price) -> Price:
    value = int(made.joule * AJ_PER_J + 0.5)
    return replace(
        instead_of,
        value=value,
        text=f"{value} aJ",
        kind="derived",
        source=f"{_FOLLOWS}{made.formula}, in place of {instead_of.quoted}",
        inputs=made.inputs,
        aims=(),
        per=ONE_NS if made.through_time else EVENT,
        quoted_ps=_NS_PS if made.through_time else None,
    )
