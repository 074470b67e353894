"""Compares two runs: their traces record by record, their machines, what decides their values."""

from dataclasses import dataclass, field

from accelsim.config.machine import Override
from accelsim.errors import InputError
from accelsim.runs.kept import NONE, kept_in_words, refuse_part
from accelsim.runs.machines import machine_changes
from accelsim.runs.moved import MovedFigure, moved_figures
from accelsim.runs.outcomes import ValueChanges, value_changes
from accelsim.runs.sources import NamedTrace, Subject, open_source
from accelsim.runs.streams import check_owners, owners_of, stream_changes
from accelsim.trace import Window
from accelsim.trace.diff import Change, Owners, ProgramsDifferError, Totals, TraceDiff, diff_traces
from accelsim.trace.reader import Progress
from accelsim.wording import given

NO_RECORDS = TraceDiff(None, 0, 0, 0, {}, (0, 0), 0, ((), ()), (Totals(), Totals()))
"""How the records of two runs differ that keep none."""


@dataclass(frozen=True)
class Comparison:
    """Two runs, or traces, side by side.

    machine: keys of the machines that differ, with both values; empty if a machine is not known.
    load: the figures of both under load, if one is a run of a stream. values: what decides the
    values and differs; empty unless both are run directories. moved: latency, interval and energy
    that differ, and why, of two runs. unaligned: why no records are compared, where the runs have
    different programs of one network.
    """

    a: NamedTrace
    b: NamedTrace
    traces: TraceDiff = field(repr=False)
    machine: dict[str, tuple[Override | None, Override | None]]
    values: ValueChanges
    load: list[Change] = field(default_factory=list, repr=False)
    moved: list[MovedFigure] = field(default_factory=list, repr=False)
    unaligned: str = ""

    @property
    def figures_alone(self) -> bool:
        """Whether neither run keeps records, so that their figures are all that is compared."""
        return all(each.run is not None and each.run.records is None for each in (self.a, self.b))

    @property
    def same(self) -> bool:
        """Whether schedule, energy and values are the same, and what a stream met."""
        if self.unaligned:
            return False
        if self.a.run is not None and self.b.run is not None and self.figures_alone:
            return self.a.run.stats == self.b.run.stats and not self.values
        moved = any(each.differs for each in self.load)
        return self.traces.same and not self.values and not moved


def compare_runs(a: Subject, b: Subject, progress: Progress | None = None) -> Comparison:
    """Compare two runs cycle by cycle; runs of streams that keep no records by their figures.

    a, b: each a Result, a RecordedRun, a table of accelsim.trace.SCHEMA, or the path of a run
    directory or trace file. Raises InputError for one that cannot be read, or is no trace.
    """
    one, other = (open_source(each, without_records=True) for each in (a, b))
    _check_kept(one, other)
    if one.run is not None and other.run is not None:
        check_owners(one.run, other.run)
    traces, unaligned = _traces(one, other, progress)
    machine: dict[str, tuple[Override | None, Override | None]] = {}
    if one.machine is not None and other.machine is not None:
        machine = machine_changes(one.machine, other.machine)
    values: ValueChanges = {}
    load: list[Change] = []
    moved: list[MovedFigure] = []
    if one.run is not None and other.run is not None:
        values = value_changes(one.run, other.run)
        load = stream_changes(one.run.stats, other.run.stats)
        moved = moved_figures(one.run, other.run)
    return Comparison(one, other, traces, machine, values, load, moved, unaligned)


def _traces(one: NamedTrace, other: NamedTrace, progress: Progress | None) -> tuple[TraceDiff, str]:
    """Compare the records; or say why they cannot be, of runs that compare by their figures."""
    if not (one.trace.records or other.trace.records):
        return NO_RECORDS, ""
    try:
        found = diff_traces(one.trace, other.trace, progress, (_owners(one), _owners(other)))
    except ProgramsDifferError as error:
        runs = (one.run, other.run)
        if (
            len({None if run is None else run.manifest["workload"] for run in runs}) > 1
            or None in runs
        ):
            raise
        return NO_RECORDS, str(error)
    return found, ""


def _owners(source: NamedTrace) -> Owners | None:
    return None if source.run is None else owners_of(source.run)


def _check_kept(one: NamedTrace, other: NamedTrace) -> None:
    """Refuse to compare records of which one side keeps others: they would all differ."""
    kept = [Window() if each.run is None else each.run.kept for each in (one, other)]
    if kept[0] != kept[1]:
        words = [NONE if each is None else kept_in_words(each) for each in kept]
        raise InputError(
            f"{one.name} keeps the records of {words[0]}, {other.name} those of {words[1]}; "
            f"expected runs that keep the same ({given('trace')})"
        )
    for each in (one, other):
        if each.run is not None and each.run.records is None and "load" not in each.run.stats:
            raise refuse_part(each.run.path, None)
