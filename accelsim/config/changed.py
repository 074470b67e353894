"""What a user changed of a machine for a run, as `--set` takes it."""

from collections.abc import Iterator
from functools import reduce

from accelsim.config.derivation import SET_BY_USER
from accelsim.config.machine import CHOICES, load_machine
from accelsim.config.origins import constants_of
from accelsim.config.schema import Machine
from accelsim.documents.prices import PER
from accelsim.resources import names


def set_by_user(machine: Machine) -> dict[str, str]:
    """Return key -> value of what `--set` changed.

    Choices in words carry no source: those of a machine that ships are held against its file, those
    of another are taken for the file's own.
    """
    return dict(_constants(machine)) | dict(_choices(machine))


def _constants(machine: Machine) -> Iterator[tuple[str, str]]:
    for key, constant in constants_of(machine).items():
        if constant.source == SET_BY_USER:
            yield key, constant.text
        elif constant.source == f"{PER} {SET_BY_USER}":
            yield f"{key}.{PER}", str(getattr(constant, PER))


def _choices(machine: Machine) -> Iterator[tuple[str, str]]:
    if machine.name not in names("configs"):
        return
    shipped = load_machine(machine.name)
    for key in CHOICES:
        chosen = _at(machine, key)
        if chosen is not None and chosen != _at(shipped, key):
            yield key, str(chosen)


def _at(machine: Machine, key: str) -> object:
    return reduce(lambda node, name: getattr(node, name, None), key.split("."), machine)  # type: ignore[arg-type, return-value]
