"""How much of a run each unit was busy, read and write phases apart, for a trace of any length."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from accelsim.analysis.sums import Key, Total, add_durations
from accelsim.topology import (
    CLASSIFIER_ADC,
    CLASSIFIER_ENGINE,
    Component,
    PathKind,
    Place,
    Topology,
    Unit,
    component,
    levels,
    unit_of,
)

COLUMNS = ("t_start_ps", "t_end_ps", "component", "kind")
ISSUE_SLOT = "sequencer, issue slot"
"""Group of the one unit that issues."""


@dataclass(frozen=True)
class UnitUse:
    """One unit. slots: how many steps it serves at once. busy_ps: over all its slots.

    group: units of the same sort. phase: the phase of a step in which it is busy.
    """

    unit: str
    group: str
    phase: str
    slots: int
    busy_ps: int

    def share(self, makespan_ps: int) -> float:
        """Return the share of the run, 0 to 1, that its slots were busy."""
        return self.busy_ps / (self.slots * makespan_ps)


@dataclass(frozen=True)
class UnitGroup:
    """Units of one sort: shares of the run, 0 to 1, of all, the least and the most busy."""

    name: str
    phase: str
    units: int
    slots: int
    share: float
    least: float
    most: float


class _Use(NamedTuple):
    """How a sort of unit is used: by which records, in which phase, and what it is called.

    group: with {} for the name of its circuit, place or direction.
    """

    kinds: tuple[str, ...]
    phase: str
    group: str


_USES = {
    PathKind.SEQUENCER: _Use(("issue",), "issue", ISSUE_SLOT),
    PathKind.DIRECTION: _Use(("transfer",), "read", "datapath {}"),
    PathKind.ARRAY: _Use(("compute",), "read", "arrays {}"),
    PathKind.READ_PORTS: _Use(("read", "refresh"), "read", "banks {}, read ports"),
    PathKind.WRITE_PORTS: _Use(("write", "refresh"), "read", "banks {}, write ports"),
    PathKind.BANK: _Use(("settle",), "write", "banks {}, planes settling"),
    PathKind.ADC: _Use(("convert",), "read", "converters, ADC"),
    PathKind.DAC: _Use(("convert",), "read", "converters, DAC"),
    PathKind.ENGINE: _Use(("compute",), "read", "digital engine"),
    PathKind.LOAD: _Use(("transfer",), "read", "host, load port"),
    PathKind.HANDOFF: _Use(("transfer",), "read", "host, handoff"),
    PathKind.CLASSIFIER_ADC: _Use(("convert",), "conversion", "classifier, ADC"),
    PathKind.CLASSIFIER_ENGINE: _Use(("mac", "digital"), "layers", "classifier, engine"),
}
_BEHIND = tuple(Unit(component(path), 1) for path in (CLASSIFIER_ADC, CLASSIFIER_ENGINE))


_OF_SRAM = _Use(("settle",), "write", "SRAM, maps being written")


def utilization(
    batches: Iterable[pa.RecordBatch], topology: Topology, *, behind: bool = False
) -> list[UnitUse]:
    """Return every unit of a machine with its busy time. batches: with at least COLUMNS.

    behind: whether those behind the handoff are among them. A unit that no record names was idle.
    """
    totals: dict[Key, Total] = {}
    for batch in batches:
        add_durations(totals, batch, ("component", "kind"))
    busy: Counter[tuple[str, str]] = Counter()
    for (path, kind), total in totals.items():
        busy[unit_of(str(path)), str(kind)] += total.time_ps
    units = [*topology.units(), *(_BEHIND if behind else ())]
    return [_used(unit, busy) for unit in units]


def _used(unit: Unit, busy: Mapping[tuple[str, str], int]) -> UnitUse:
    part = unit.component
    use = _OF_SRAM if part.place is Place.SRAM else _USES[part.part]
    group = use.group.format(_name(part))
    time = sum(busy[part.unit, kind] for kind in use.kinds)
    return UnitUse(part.unit, group, use.phase, unit.slots, time)


def _name(part: Component) -> str:
    """Return what tells units of one sort apart: 'A', 'staging', 'a to b'."""
    if part.way is not None:
        return levels(part.path)[-1].replace("_", " ")
    return "staging" if part.place is Place.STAGING else part.circuit.upper()


def groups(units: Iterable[UnitUse], makespan_ps: int) -> list[UnitGroup]:
    """Return the units by sort, in the order in which they come."""
    sorts: dict[tuple[str, str], list[UnitUse]] = {}
    for unit in units:
        sorts.setdefault((unit.group, unit.phase), []).append(unit)
    found = []
    for (name, phase), members in sorts.items():
        shares = [unit.share(makespan_ps) for unit in members]
        slots = sum(unit.slots for unit in members)
        whole = sum(unit.busy_ps for unit in members) / (slots * makespan_ps)
        found.append(UnitGroup(name, phase, len(members), slots, whole, min(shares), max(shares)))
    return found
