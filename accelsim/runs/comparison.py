"""Compares two runs: their traces record by record, their machines, what decides their values."""

from dataclasses import dataclass, field

from accelsim.config.machine import Override
from accelsim.errors import InputError
from accelsim.runs.kept import kept_in_words
from accelsim.runs.machines import machine_changes
from accelsim.runs.outcomes import ValueChanges, value_changes
from accelsim.runs.sources import NamedTrace, Subject, open_source
from accelsim.runs.streams import check_owners, owners_of, stream_changes
from accelsim.trace import Window
from accelsim.trace.diff import Change, Owners, TraceDiff, diff_traces
from accelsim.trace.reader import Progress


@dataclass(frozen=True)
class Comparison:
    """Two runs, or traces, side by side.

    machine: keys of the machines that differ, with both values; empty if a machine is not known.
    load: the figures of both under load, if one is a run of a stream. values: what decides the
    values and differs; empty unless both are run directories.
    """

    a: NamedTrace
    b: NamedTrace
    traces: TraceDiff = field(repr=False)
    machine: dict[str, tuple[Override | None, Override | None]]
    values: ValueChanges
    load: list[Change] = field(default_factory=list, repr=False)

    @property
    def same(self) -> bool:
        """Whether schedule, energy and values are the same, and what a stream met."""
        moved = any(each.differs for each in self.load)
        return self.traces.same and not self.values and not moved


def compare_runs(a: Subject, b: Subject, progress: Progress | None = None) -> Comparison:
    """Compare two runs cycle by cycle.

    a, b: each a Result, a RecordedRun, a table of accelsim.trace.SCHEMA, or the path of a run
    directory or trace file. Raises InputError for one that cannot be read, or is no trace.
    """
    one, other = open_source(a), open_source(b)
    _check_kept(one, other)
    if one.run is not None and other.run is not None:
        check_owners(one.run, other.run)
    traces = diff_traces(one.trace, other.trace, progress, (_owners(one), _owners(other)))
    machine: dict[str, tuple[Override | None, Override | None]] = {}
    if one.machine is not None and other.machine is not None:
        machine = machine_changes(one.machine, other.machine)
    values: ValueChanges = {}
    load: list[Change] = []
    if one.run is not None and other.run is not None:
        values = value_changes(one.run, other.run)
        load = stream_changes(one.run.stats, other.run.stats)
    return Comparison(one, other, traces, machine, values, load)


def _owners(source: NamedTrace) -> Owners | None:
    return None if source.run is None else owners_of(source.run)


def _check_kept(one: NamedTrace, other: NamedTrace) -> None:
    """Refuse to compare records of which one side keeps others: they would all differ."""
    kept = [Window() if each.run is None else each.run.kept or Window() for each in (one, other)]
    if kept[0] != kept[1]:
        raise InputError(
            f"{one.name} keeps the records of {kept_in_words(kept[0])}, {other.name} those of "
            f"{kept_in_words(kept[1])}; expected runs that keep the same (--trace)"
        )
