"""How much of a run each unit was busy, read and write phases apart, for a trace of any length."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from accelsim.analysis.sums import Key, Total, add_durations
from accelsim.topology import unit_of

COLUMNS = ("t_start_ps", "t_end_ps", "component", "kind")


@dataclass(frozen=True)
class Hardware:
    """What a machine has, so that a unit no record names counts as idle."""

    circuits: int
    lanes: int
    planes: int
    read_ports: int
    write_ports: int


@dataclass(frozen=True)
class Busy:
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
class Group:
    """Units of one sort: shares of the run, 0 to 1, of all, the least and the most busy."""

    name: str
    phase: str
    units: int
    slots: int
    share: float
    least: float
    most: float


def utilization(batches: Iterable[pa.RecordBatch], hardware: Hardware) -> list[Busy]:
    """Return every unit of a machine with its busy time. batches: with at least COLUMNS."""
    totals: dict[Key, Total] = {}
    for batch in batches:
        add_durations(totals, batch, ("component", "kind"))
    busy: dict[tuple[str, str], int] = {}
    for (component, kind), total in totals.items():
        key = unit_of(str(component)), str(kind)
        busy[key] = busy.get(key, 0) + total.time_ps
    return [
        Busy(unit, group, phase, slots, busy.get((unit, kind), 0))
        for unit, kind, group, phase, slots in _units(hardware)
    ]


def groups(units: Iterable[Busy], makespan_ps: int) -> list[Group]:
    """Return the units by sort, in the order in which they come."""
    sorts: dict[tuple[str, str], list[Busy]] = {}
    for unit in units:
        sorts.setdefault((unit.group, unit.phase), []).append(unit)
    found = []
    for (name, phase), members in sorts.items():
        shares = [unit.share(makespan_ps) for unit in members]
        slots = sum(unit.slots for unit in members)
        whole = sum(unit.busy_ps for unit in members) / (slots * makespan_ps)
        found.append(Group(name, phase, len(members), slots, whole, min(shares), max(shares)))
    return found


def _units(hardware: Hardware) -> list[tuple[str, str, str, str, int]]:
    """Return (unit, kind of record, group, phase, slots) of everything a machine has."""
    two = hardware.circuits == 2
    found = [("sequencer", "issue", "sequencer, issue slot", "issue", 1)]
    ways = ("a_to_b", "b_to_a", "a_local", "b_local") if two else ("a_to_staging", "staging_to_a")
    found += [
        (f"datapath.{way}", "transfer", f"datapath {way.replace('_', ' ')}", "read", 1)
        for way in ways
    ]
    lanes = range(hardware.lanes)
    for circuit in ("a", "b")[: hardware.circuits]:
        name, path = f"arrays {circuit.upper()}", f"circuit_{circuit}.lane{{}}.array"
        found += [(path.format(lane), "compute", name, "read", 1) for lane in lanes]
    places = (
        "circuit_a.lane{}.bank",
        "circuit_b.lane{}.bank" if two else "circuit_a.lane{}.staging",
    )
    for place, name in zip(places, ("A", "B" if two else "staging"), strict=True):
        for kind, what, phase, slots in (
            ("read", "read ports", "read", hardware.read_ports),
            ("write", "write ports", "read", hardware.write_ports),
            ("settle", "planes settling", "write", hardware.planes),
        ):
            found += [
                (place.format(lane), kind, f"banks {name}, {what}", phase, slots) for lane in lanes
            ]
    found.append(("host.load", "transfer", "host, load port", "read", 1))
    found.append(("host.handoff", "transfer", "host, handoff", "read", 1))
    return found
