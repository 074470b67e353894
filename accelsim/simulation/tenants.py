"""The share of each tenant in a run of several: energy, times, schedule, checked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis import (
    Figure,
    Load,
    ScheduleRow,
    ScheduleTally,
    Stats,
    Times,
    compute_stats,
    load_of,
)
from accelsim.analysis.overtaking import overtaken
from accelsim.compiler import Program, Tenancy
from accelsim.config import Machine
from accelsim.energy import STANDBY, Deal, Ledger, PricedSink, Tally, ledger_of
from accelsim.model import Stream
from accelsim.records import StepTimes
from accelsim.units import PS_PER_S


@dataclass(frozen=True, eq=False)
class TenantEvents:
    """What the discrete events of a run gave of one tenant.

    rows: which of the run's images are its own, in order of their numbers. times, load: None
    without an image, and load for images that came at one time. overtaken: of its images, by how
    many that came later. schedule: the steps of its first image. end_ps: of the run, over which
    its throughput and power are taken, so that those of all tenants add up.
    """

    name: str
    program: Program
    rows: NDArray[np.bool_] = field(repr=False)
    ledger: Ledger = field(repr=False)
    times: Times | None = field(repr=False)
    load: Load | None = field(repr=False)
    overtaken: NDArray[np.int64] = field(repr=False)
    schedule: tuple[ScheduleRow, ...] = field(repr=False)
    end_ps: int

    @property
    def images(self) -> int:
        """How many images it had."""
        return int(self.rows.sum())

    def stats(self, period_ps: int, accuracy: float | None = None) -> Stats | None:
        """Return its figures, from its images and their energy alone; None without an image."""
        if self.times is None:
            return None
        found = compute_stats(self.times, self.ledger, period_ps, accuracy, self.load)
        rate = Figure(self.images * PS_PER_S / self.end_ps, "images/s")
        found = replace(found, throughput=rate)
        if found.load is None:
            return found
        more = {
            "overtaken": Figure(int((self.overtaken > 0).sum()), "images"),
            "overtaken_max": Figure(int(self.overtaken.max()), "images"),
        }
        return replace(found, load=found.load | more)

    def step_times(self, times: StepTimes) -> StepTimes:
        """Return the times of its steps, of those of the run.

        `before` is among its own images: none where that of another tenant used the planes.
        """
        places = np.cumsum(self.rows) - 1
        own, steps = times.of(np.flatnonzero(self.rows)), len(self.program.instructions)
        before = own.before
        return replace(
            own,
            issued_ps=own.issued_ps[:, :steps],
            charged_ps=own.charged_ps[:, :steps],
            settled_ps=own.settled_ps[:, :steps],
            before=np.where((before < 0) | ~self.rows[before], -1, places[before]),
        )


class TenantTallies:
    """Tallies of each tenant of a run. sink: takes the priced records of the run.

    stream: of at least one image; their numbers have no gap.
    """

    def __init__(self, tenancy: Tenancy, stream: Stream, machine: Machine) -> None:
        self._tenancy = tenancy
        first = stream.lowest
        self._owner = np.zeros(len(stream), np.int64)
        self._owner[np.asarray(stream.images) - first] = stream.tenants
        prices, read_cycles = machine.prices_aJ, machine.timing.read_cycles.value
        self._tallies = [Tally(prices) for _ in (*tenancy.names, STANDBY)]
        self._schedules: list[ScheduleTally] = []
        for number in range(len(tenancy.names)):
            mine = np.flatnonzero(self._owner == number)
            image = first + int(mine[0]) if len(mine) else -1
            self._schedules.append(ScheduleTally(image, read_cycles))
        pairs = zip(self._tallies, self._schedules, strict=False)
        sinks: list[Sequence[PricedSink]] = [*pairs, (self._tallies[-1],)]
        self.sink: PricedSink = Deal(first, self._owner, sinks)

    def ledger(self, total: Ledger) -> Ledger:
        """Return the ledger of the run by tenant, checked; total: of all records."""
        names = (*self._tenancy.names, STANDBY)
        parts = {name: each.ledger() for name, each in zip(names, self._tallies, strict=True)}
        return ledger_of(total, parts)

    def found(
        self, times: Times, deadline_ps: NDArray[np.int64] | None, *, is_stream: bool
    ) -> tuple[TenantEvents, ...]:
        """Return the share of each tenant. times, deadline_ps: of all images, by number."""
        behind = overtaken(times)
        return tuple(
            self._share(number, times, behind, deadline_ps if is_stream else None, is_stream)
            for number in range(len(self._tenancy.names))
        )

    def _share(
        self,
        number: int,
        times: Times,
        behind: NDArray[np.int64],
        deadline_ps: NDArray[np.int64] | None,
        is_stream: bool,
    ) -> TenantEvents:
        rows = self._owner == number
        mine = times.of(rows) if rows.any() else None
        load = None
        if mine is not None and is_stream:
            wanted = None if deadline_ps is None else deadline_ps[rows]
            load = load_of(mine, wanted, times.makespan_ps)
        return TenantEvents(
            name=self._tenancy.names[number],
            program=self._tenancy.programs[number],
            rows=rows,
            ledger=self._tallies[number].ledger(),
            times=mine,
            load=load,
            overtaken=behind[rows],
            schedule=self._schedules[number].rows(),
            end_ps=times.makespan_ps,
        )
