"""Where a component stands on a timeline: its group, its row, and its stripe of the row.

A row is one kind of block of one circuit: the arrays of circuit A, plane 0 of its banks. Its
stripes, from the top, are the lanes; of the waits, the contexts. So a machine of any number of
lanes has few rows, and a step that takes half of the lanes fills half of a row.
"""

from collections.abc import Iterable
from typing import NamedTuple

from accelsim.topology import Component, PathKind, Place, component

STEPS = "steps"
STEP_ROW = "steps"
SRAM_GROUP = "SRAM, converters"
_FIRST = (STEPS, "sequencer", "datapath")
_ROW_ORDER = (
    "issue", "waits", "clock", "A → B", "B → A", "ADC", "DAC", "digital engine",
    "host queue", "host load", "host handoff", "host boundary",
    "host planes", "arrivals", "for the ADC", "ADC", "SRAM", "engine",
)  # fmt: skip
_SINGLE = {
    PathKind.SEQUENCER: ("sequencer", "issue"),
    PathKind.CONTEXT: ("sequencer", "waits"),
    PathKind.CLOCK: ("sequencer", "clock"),
    PathKind.QUEUE: ("host", "host queue"),
    PathKind.LOAD: ("host", "host load"),
    PathKind.HANDOFF: ("host", "host handoff"),
    PathKind.BOUNDARY: ("host", "host boundary"),
    PathKind.BOUNDARY_PLANE: ("host", "host planes"),
    PathKind.ADC: (SRAM_GROUP, "ADC"),
    PathKind.DAC: (SRAM_GROUP, "DAC"),
    PathKind.ENGINE: (SRAM_GROUP, "digital engine"),
    PathKind.CLASSIFIER_QUEUE: ("classifier", "for the ADC"),
    PathKind.CLASSIFIER_ADC: ("classifier", "ADC"),
    PathKind.CLASSIFIER_SRAM: ("classifier", "SRAM"),
    PathKind.CLASSIFIER_ENGINE: ("classifier", "engine"),
    PathKind.FAULT: ("faults", "faults"),
}


class TimelineRow(NamedTuple):
    """A row of the timeline: the group it is shown or hidden with, and its name."""

    group: str
    name: str


class Spot(NamedTuple):
    """The place of a component: its row, and its stripe of the row from 0."""

    row: TimelineRow
    stripe: int


def spot(path: str) -> Spot | None:
    """Return the place of a component; None for a whole bank, which has standby energy only."""
    part = component(path)
    single = _SINGLE.get(part.part)
    if single is not None:
        numbers = (part.context, part.plane, part.fault)
        return Spot(TimelineRow(*single), next((n for n in numbers if n is not None), 0))
    if part.part is PathKind.DIRECTION:
        return Spot(TimelineRow("datapath", _direction(part)), 0)
    if part.part is PathKind.POWER_STATE:
        return Spot(TimelineRow("power", path.rpartition(".")[2].replace("_", "-")), 0)
    row = _of_lanes(part)
    return None if row is None else Spot(row, part.lane or 0)


def _of_lanes(part: Component) -> TimelineRow | None:
    """Return the row of what each lane has one of; None of a whole bank."""
    circuit = part.circuit.upper()
    if part.part is PathKind.ARRAY:
        return TimelineRow(f"{circuit} arrays", f"{circuit} arrays")
    if part.part is not PathKind.PLANE:
        return None
    if part.place is Place.SRAM:
        return TimelineRow(SRAM_GROUP, f"SRAM map {part.plane}")
    store = "staging" if part.place is Place.STAGING else "plane"
    return TimelineRow(f"{circuit} banks", f"{circuit} {store} {part.plane}")


def energy_group(path: str) -> str:
    """Return the group whose energy a component's is counted in."""
    part = component(path)
    if part.part is PathKind.CLOCK:
        return "clock"
    if part.place is Place.SRAM:
        return SRAM_GROUP
    found = spot(path)
    return found.row.group if found else f"{part.circuit.upper()} banks"


def ordered(rows: Iterable[TimelineRow]) -> list[TimelineRow]:
    """Return rows from the top of a timeline to its bottom, each once."""
    return sorted(set(rows), key=_rank)


def ordered_groups(groups: Iterable[str]) -> list[str]:
    """Return energy groups in the order of their rows, each once; the clock last."""
    return sorted(set(groups), key=lambda group: (group == "clock", _rank(TimelineRow(group, ""))))


def groups_of(rows: Iterable[TimelineRow]) -> list[str]:
    """Return the groups of rows in the order of the rows, each once."""
    return list(dict.fromkeys(row.group for row in rows))


def _rank(row: TimelineRow) -> tuple[int, str, int, str, int]:
    place = _FIRST.index(row.group) if row.group in _FIRST else len(_FIRST)
    place += row.group == "host"
    known = _ROW_ORDER.index(row.name) if row.name in _ROW_ORDER else len(_ROW_ORDER)
    name, _, number = row.name.rpartition(" ")
    return place, row.group, known, name, int(number) if number.isdigit() else 0


def _direction(part: Component) -> str:
    """Return 'A → B' of a direction, 'A local' of one within a circuit."""
    names = [place if place is Place.STAGING else place.upper() for place in part.way or ()]
    return f"{names[0]} local" if len(set(names)) == 1 else " → ".join(names)
