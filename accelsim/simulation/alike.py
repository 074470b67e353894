"""What machines have in common: two that differ in nothing here need one simulation, or program."""

from collections.abc import Collection

from accelsim.config import Machine
from accelsim.documents.plain import tree

_VALUES_ONLY = (
    "name", "description", "technology", "device_file", "machine_files", "noise", "effects", "cell",
    "variation", "response",
)  # fmt: skip
"""Keys of a machine that its events do not depend on."""
_NOT_COMPILED = (*_VALUES_ONLY, "clock", "energy", "power", "faults")
"""Keys that a program does not depend on, but for the prices that come from them."""


def events_key(machine: Machine) -> str:
    """Return a text that machines share whose discrete events are the same."""
    # How long cells hold a level without power says what a supply that is off costs.
    held = () if machine.power is None and machine.faults is None else ("cell", "technology")
    return repr(_without(machine, [key for key in _VALUES_ONLY if key not in held]))


def program_key(machine: Machine) -> str:
    """Return a text that machines share whose micro-programs are the same."""
    return repr((_without(machine, _NOT_COMPILED), sorted(machine.prices_aJ.items())))


def _without(machine: Machine, keys: Collection[str]) -> dict[str, object]:
    found = tree(machine.model_copy(update=dict.fromkeys(keys)))  # None is left out
    timing = machine.timing  # the times that the cell needs are not among what happens
    return found | {"timing": (timing.read_cycles.value, timing.write_cycles.value)}
