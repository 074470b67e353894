"""Every published figure with ours beside it, and what ours rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from accelsim.config import load_machine
from accelsim.errors import InputError, nearest
from accelsim.network import Network, Published
from accelsim.reports.cells import cell_figures
from accelsim.reports.published import PublishedFigure, load_published
from accelsim.reports.runs import (
    Ours,
    Say,
    energy_shares,
    run_figures,
    run_once,
    shares_text,
    timing_rests,
)
from accelsim.simulation import Result
from accelsim.units import render

MACHINES = ("irmen", "charge")
GROUPS = {
    "run": "The network on the machine",
    "cell": "The cell",
    "constant": "Published constants, and what the machine takes",
    "expected": "Not published: what follows by hand, and what the program arrives at",
    "outside": "Published, not modelled",
}
VERDICTS = {
    "agrees": "as published ('about': within 5 %), on no calibrated constant",
    "calibrated": "rests on a constant chosen so that a published total comes out: no prediction",
    "taken over": "an input of the program, not a result",
    "shown": "published in words; ours is a number",
    "differs": "not as published; the reason is given",
    "not modelled": "published, and nothing here computes it",
}
# What 'about' and 'is' allow for: published figures have two or three digits.
ABOUT, SAME, SHOWN = 0.05, 0.005, 0.0005


@dataclass(frozen=True)
class ReproducedFigure:
    """One figure. published, ours, difference: as text, "" where there is none.

    value, ours_value: the numbers in `unit`, None without one. verdict: a key of VERDICTS.
    """

    group: str
    what: str
    published: str
    ours: str
    difference: str
    verdict: str
    rests: str
    kinds: tuple[str, ...]
    source: str
    reason: str
    value: float | None
    ours_value: float | None
    unit: str


@dataclass(frozen=True)
class Reproduction:
    """The table, and the one-image runs of the shipped machines it comes from."""

    rows: tuple[ReproducedFigure, ...]
    results: Mapping[str, Result] = field(repr=False)
    network: Network = field(repr=False)


def _silent(_: str) -> None:
    return None


def reproduce(network: Network, images: int | None = None, say: Say = _silent) -> Reproduction:
    """Run the shipped machines, characterize their cells, and compare with what was published.

    images: how many digits accuracy is taken over; None: all. say: told what is being done.
    Raises InputError for more images than the data set has.
    """
    lines = load_published()
    machines = {name: load_machine(name) for name in MACHINES}
    say("one image on each machine")
    results = {name: run_once(machine, network) for name, machine in machines.items()}
    ours = run_figures(results, network, images, say)
    ours |= cell_figures(machines["irmen"], machines["charge"], say)
    rows = [
        *(_from_network(entry, results) for entry in network.published),
        *(_from_file(line, ours) for line in lines),
    ]
    order = list(GROUPS)
    rows.sort(key=lambda row: order.index(row.group))
    return Reproduction(tuple(rows), results, network)


def _from_network(entry: Published, results: Mapping[str, Result]) -> ReproducedFigure:
    result = results.get(entry.machine)
    if result is None:
        raise InputError(
            f"published figure of machine '{entry.machine}': no such machine ships"
            f"{nearest(entry.machine, results)}"
        )
    time = entry.figure == "latency"
    value = float(getattr(result.stats, entry.figure).value)
    shares = energy_shares(result)
    if time:
        rests, kinds = timing_rests(result.machine)
    else:
        rests, kinds = shares_text(shares), frozenset(shares)
    base = "ps" if time else "aJ"
    scope, _, note = entry.source.partition(": ")
    return _compared(
        _Statement(
            "run", f"{entry.figure.replace('_', ' ')}, {entry.machine}", entry.relation, scope, note
        ),
        _Shown(
            f"{entry.relation} {entry.text}",
            render(value, base),
            (float(entry.value), value, base),
        ),
        Ours(value, base, rests, kinds),
    )


def _from_file(line: PublishedFigure, ours: Mapping[str, Ours]) -> ReproducedFigure:
    statement = _Statement(line.group, line.what, line.relation, line.source, line.reason)
    if line.figure is None:
        return _compared(statement, _Shown(line.text, ""), Ours(None, "", "", frozenset()))
    if line.figure not in ours:
        raise InputError(
            f"published figure '{line.what}': accelsim computes no '{line.figure}'"
            f"{nearest(line.figure, ours)}"
        )
    found = ours[line.figure]
    if line.value is None or found.value is None:
        text = found.text or _number(found.value, found.unit)
        return _compared(statement, _Shown(line.text, text), found)
    if line.unit != found.unit:
        raise InputError(
            f"published figure '{line.what}' is in '{line.unit}', ours in '{found.unit}'"
        )
    # A statement that amounts to a bound ('slower') is shown as it was made.
    number = _number(line.value, line.unit)
    published = line.text or (number if line.relation == "is" else f"{line.relation} {number}")
    values = (float(line.value), found.value, line.unit)
    shown = _Shown(published, _number(found.value, found.unit), values)
    return _compared(statement, shown, found)


class _Statement(NamedTuple):
    """What was published, and where."""

    group: str
    what: str
    relation: str
    source: str
    reason: str


class _Shown(NamedTuple):
    """Both figures as text; and as numbers, theirs and ours in one unit, if both are numbers."""

    published: str
    ours: str
    values: tuple[float, float, str] | None = None


def _compared(statement: _Statement, shown: _Shown, ours: Ours) -> ReproducedFigure:
    values = shown.values
    verdict, difference = _verdict(statement.group, statement.relation, values, ours)
    return ReproducedFigure(
        group=statement.group,
        what=statement.what,
        published=shown.published,
        ours=shown.ours or verdict,
        difference=difference,
        verdict=verdict,
        rests=ours.rests,
        kinds=tuple(sorted(ours.kinds)),
        source=statement.source,
        reason=statement.reason,
        value=values[0] if values else None,
        ours_value=values[1] if values else ours.value,
        unit=values[2] if values else ours.unit,
    )


def _verdict(
    group: str, relation: str, values: tuple[float, float, str] | None, ours: Ours
) -> tuple[str, str]:
    """Return verdict and difference. What a calibrated constant brings about is never more."""
    if group == "outside":
        return "not modelled", ""
    if values is None:
        return "shown", ""
    published, found, _ = values
    share = found / published - 1
    agrees = {
        "is": abs(share) <= SAME,
        "about": abs(share) <= ABOUT,
        "over": found > published,
        "below": found < published,
    }[relation]
    difference = f"{100 * share:+.1f} %" if abs(share) >= SHOWN else "0"
    if not agrees:
        return "differs", difference
    if "calibrated" in ours.kinds:
        return "calibrated", difference
    return ("taken over" if group == "constant" else "agrees"), difference


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if value == 1 and unit.endswith("s") and unit != "ns":
        unit = unit.removesuffix("s")
    return f"{value:,.5g} {unit}".strip() if abs(value) < 1e6 else f"{value:.3g} {unit}"
