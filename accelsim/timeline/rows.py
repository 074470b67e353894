"""Where a component stands on a timeline: its group, its row, and its stripe of the row.

A row is one kind of block of one circuit: the arrays of circuit A, plane 0 of its banks. Its
stripes, from the top, are the lanes; of the waits, the contexts. So a machine of any number of
lanes has few rows, and a step that takes half of the lanes fills half of a row.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

STEPS = "steps"
STEP_ROW = "steps"
_CIRCUIT = re.compile(r"circuit_(?P<circuit>\w+)\.lane(?P<lane>\d+)\.(?P<block>.+)")
_PLANE = re.compile(r"(?P<store>\w+)\.plane(?P<plane>\d+)")
_HOST_PLANE = re.compile(r"host\.boundary\.plane(?P<plane>\d+)")
_DATAPATH = re.compile(r"(?P<source>[a-z])_to_(?P<target>[a-z])")
_FIRST = (STEPS, "sequencer", "datapath")
_ROW_ORDER = (
    "issue", "waits", "clock", "A → B", "B → A",
    "host queue", "host load", "host handoff", "host boundary",
    "host planes",
)  # fmt: skip


class Row(NamedTuple):
    """A row of the timeline: the group it is shown or hidden with, and its name."""

    group: str
    name: str


class Spot(NamedTuple):
    """The place of a component: its row, and its stripe of the row from 0."""

    row: Row
    stripe: int


def spot(component: str) -> Spot | None:
    """Return the place of a component; None for a whole bank, which has standby energy only."""
    match = _CIRCUIT.fullmatch(component)
    if match:
        return _circuit_spot(match["circuit"].upper(), int(match["lane"]), match["block"])
    head, _, rest = component.partition(".")
    if head == "sequencer":
        return _sequencer_spot(rest)
    if head == "host":
        return _host_spot(component, rest)
    if head == "datapath":
        return Spot(Row("datapath", _direction(rest)), 0)
    return Spot(Row("sequencer" if head == "clock" else head, component), 0)


def energy_group(component: str) -> str:
    """Return the group whose energy a component's is counted in."""
    if component == "clock":
        return "clock"
    found = spot(component)
    if found is not None:
        return found.row.group
    circuit = _CIRCUIT.fullmatch(component)
    return f"{circuit['circuit'].upper()} banks" if circuit else component.partition(".")[0]


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Return rows from the top of a timeline to its bottom, each once."""
    return sorted(set(rows), key=_rank)


def ordered_groups(groups: Iterable[str]) -> list[str]:
    """Return energy groups in the order of their rows, each once; the clock last."""
    return sorted(set(groups), key=lambda group: (group == "clock", _rank(Row(group, ""))))


def groups_of(rows: Iterable[Row]) -> list[str]:
    """Return the groups of rows in the order of the rows, each once."""
    return list(dict.fromkeys(row.group for row in rows))


def _rank(row: Row) -> tuple[int, str, int, str, int]:
    place = _FIRST.index(row.group) if row.group in _FIRST else len(_FIRST)
    place += row.group == "host"
    known = _ROW_ORDER.index(row.name) if row.name in _ROW_ORDER else len(_ROW_ORDER)
    name, _, number = row.name.rpartition(" ")
    return place, row.group, known, name, int(number) if number.isdigit() else 0


def _circuit_spot(circuit: str, lane: int, block: str) -> Spot | None:
    if block == "array":
        return Spot(Row(f"{circuit} arrays", f"{circuit} arrays"), lane)
    match = _PLANE.fullmatch(block)
    if match is None:
        return None if "." not in block else Spot(Row(f"{circuit} other", block), lane)
    store = "plane" if match["store"] == "bank" else match["store"]
    return Spot(Row(f"{circuit} banks", f"{circuit} {store} {match['plane']}"), lane)


def _sequencer_spot(rest: str) -> Spot:
    context = rest.removeprefix("context")
    if context.isdigit():
        return Spot(Row("sequencer", "waits"), int(context))
    return Spot(Row("sequencer", "issue"), 0)


def _direction(rest: str) -> str:
    match = _DATAPATH.fullmatch(rest)
    if match:
        return f"{match['source'].upper()} → {match['target'].upper()}"
    circuit, _, local = rest.partition("_")
    return f"{circuit.upper()} {local}" if local else rest


def _host_spot(component: str, rest: str) -> Spot:
    match = _HOST_PLANE.fullmatch(component)
    if match:
        return Spot(Row("host", "host planes"), int(match["plane"]))
    return Spot(Row("host", f"host {rest}"), 0)
