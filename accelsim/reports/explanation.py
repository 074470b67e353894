"""Why a recorded run has the latency, energy, waits and busy times that it has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from accelsim.analysis import prices as priced
from accelsim.analysis import stalls as waits
from accelsim.analysis import utilization as use
from accelsim.analysis.critical import CriticalPath, critical_path, named
from accelsim.analysis.dependencies import COLUMNS as RECORD
from accelsim.analysis.dependencies import Record
from accelsim.analysis.limits import IntervalLimit, LatencyLimit, interval_limit, latency_limit
from accelsim.analysis.passages import COLUMNS, Passages
from accelsim.analysis.tail import SHARE, Tail, tail_of
from accelsim.config.power import PRICE_KEYS
from accelsim.documents.prices import Price
from accelsim.errors import InputError, ReconciliationError
from accelsim.model import Design
from accelsim.resources import display
from accelsim.runs import RecordedRun, tenants_of
from accelsim.runs.arrivals import recorded_stream
from accelsim.trace import Window
from accelsim.trace.reader import Progress
from accelsim.units import PS_PER_S
from accelsim.wording import given


@dataclass(frozen=True)
class LatencyReport:
    """The critical path of an image. causes: records of other images that its waits name."""

    path: CriticalPath
    causes: Mapping[int, Record] = field(repr=False)


@dataclass(frozen=True)
class ActionCost:
    """An action with the price that applied, and the constant that the file quotes.

    images: how many share it.
    """

    action: priced.PricedAction
    constant: Price
    images: int = 1

    @property
    def moved_aJ(self) -> Fraction:  # noqa: N802 - aJ is the unit
        """By how much the image's energy moves if the price moves by a tenth."""
        return self.action.moved_aJ() / self.images


@dataclass(frozen=True)
class EnergyReport:
    """Energy of an image: what its records cost, and its part of what no image caused.

    standby_aJ: leakage, refresh and idle clock of the whole run, shared by its `images`;
    standby: the first two as actions of the run.
    """

    image: int
    images: int
    spent: priced.Spent
    charges: tuple[ActionCost, ...]
    standby_aJ: int  # noqa: N815 - aJ is the unit
    standby: tuple[ActionCost, ...] = ()

    @property
    def total_aJ(self) -> Fraction:  # noqa: N802
        """Energy of the image with its part of standby."""
        return self.spent.total_aJ + Fraction(self.standby_aJ, self.images)


@dataclass(frozen=True)
class StallReport:
    """Waits of a run. in_flight_ps: latencies of all images together.

    fill: those of `stalls` before the loads of the images that got a context at once, where all
    images of a network came at one time: in a stream they would come one after another.
    """

    stalls: tuple[waits.Stall, ...]
    images: int
    in_flight_ps: int
    fill: tuple[waits.Stall, ...] = ()


@dataclass(frozen=True)
class UtilizationReport:
    """Busy time of every unit of the machine over the makespan of the run."""

    units: tuple[use.UnitUse, ...]
    makespan_ps: int

    @property
    def groups(self) -> list[use.UnitGroup]:
        """The units by sort."""
        return use.groups(self.units, self.makespan_ps)


@dataclass(frozen=True)
class LoadReport:
    """Why the slowest images of a stream are slow. tenants: those of each, if there are several."""

    tail: Tail
    tenants: Mapping[str, Tail]


def chosen_image(run: RecordedRun, image: int | None) -> int:
    """Return an image of a run, the first without a choice; InputError if it has not run."""
    first, number = run.manifest["first_image"], run.manifest["images"]
    if image is None:
        image = int(first)
    if not first <= image < first + number:
        have = f"image {first}" if number == 1 else f"images {first} to {first + number - 1}"
        raise InputError(f"{given('image', image)}: not in the run; it has {have}")
    _check_records(run, image)
    return image


def _check_records(run: RecordedRun, image: int) -> None:
    """Refuse an image of the manifest that the trace knows nothing of."""
    window = Window(images=(image, image + 1))
    if next(run.trace.batches(window, ["image"]), None) is None:
        what = f"no record of image {image}" if run.trace.records else "no records"
        raise InputError(f"{display(run.trace.path)}: damaged: it has {what}")


def explain_latency(run: RecordedRun, image: int | None = None) -> LatencyReport:
    """Return the critical path of an image (without a choice the first).

    Raises InputError for an image that is not in the run.
    """
    number = chosen_image(run, image)
    batches = run.trace.batches(run.published((number, number + 1)), RECORD)
    path = critical_path(pa.Table.from_batches(batches))
    wanted = path.needed()
    if not wanted:
        return LatencyReport(path, {})
    before = path.t_start_ps - path.before_ps
    window = Window(start_ps=before, end_ps=path.t_start_ps + path.latency_ps)
    return LatencyReport(path, named(run.trace.batches(window), wanted))


def explain_energy(run: RecordedRun, image: int | None = None) -> EnergyReport:
    """Return what an image's actions cost (without a choice, the first image's).

    Raises InputError for an image that is not in the run.
    """
    number = chosen_image(run, image)
    prices = run.machine.prices
    batches = run.trace.batches(run.published((number, number + 1)), priced.COLUMNS)
    spent = priced.spent(batches, run.machine.prices_aJ, run.machine.energy.by_values)
    charges = tuple(ActionCost(one, prices[one.action]) for one in spent.actions)
    standby = int(run.stats["energy"]["by_layer"].get("standby", {"value": 0})["value"])
    images = int(run.manifest["images"])
    report = EnergyReport(number, images, spent, charges, standby, tuple(_standby(run, images)))
    if report.images == 1 and report.total_aJ != run.stats["energy"]["total"]["value"]:
        raise ReconciliationError(
            f"the image's actions cost {report.total_aJ} aJ, and stats.json says "
            f"{run.stats['energy']['total']['value']} aJ"
        )
    return report


def _standby(run: RecordedRun, images: int) -> Iterator[ActionCost]:
    """Give the actions of the run that no step counts."""
    prices, at_clock = run.machine.prices, run.machine.prices_aJ
    for name in ("leakage", "refresh", *PRICE_KEYS):
        count = int(run.stats["actions"].get(name, {"value": 0})["value"])
        if count:
            action = priced.PricedAction(name, count, at_clock[name])
            yield ActionCost(action, prices[name], images)


def explain_stalls(run: RecordedRun, progress: Progress | None = None) -> StallReport:
    """Return the waits of all images of a run."""
    batches = run.trace.batches(run.published(), waits.COLUMNS, progress)
    images = int(run.manifest["images"])
    in_flight = round(run.stats["latency"]["value"] * images)
    in_order = run.tenancy.is_alone and not has_load(run)
    fill = tuple(_fill(run)) if in_order else ()
    return StallReport(tuple(waits.stalls(batches)), images, in_flight, fill)


def _fill(run: RecordedRun) -> Iterator[waits.Stall]:
    """Give the waits before their loads of the images that take the contexts as they all come."""
    first, contexts = int(run.manifest["first_image"]), run.machine.sequencer.contexts.value
    window = run.published((first, first + contexts))
    for stall in waits.stalls(run.trace.batches(window, waits.COLUMNS)):
        if stall.where == waits.BEFORE:
            yield stall


def has_load(run: RecordedRun) -> bool:
    """Tell whether the images of a run came in time, so that it has figures under load."""
    return "load" in run.stats


def explain_load(run: RecordedRun, progress: Progress | None = None) -> LoadReport:
    """Return why the 99th percentile of the time in the system is what it is.

    Raises InputError for a run whose images all came at one time.
    """
    check_load(run)
    trace, first = run.trace, int(run.manifest["first_image"])
    found = Passages.of(
        lambda: trace.batches(run.published(), COLUMNS, progress),
        first,
        int(run.manifest["images"]),
    )
    tail, owners = tail_of(found), tenants_of(run)
    _check_limit(tail, run.stats)
    tenants = {}
    for number, name in enumerate(run.tenancy.names):
        mine = np.zeros(0, np.bool_) if owners is None else np.asarray(owners == number)
        if mine.any():
            tenants[name] = tail_of(found, mine)
            _check_limit(tenants[name], run.stats.get("tenants", {}).get(name, {}))
    return LoadReport(tail, tenants)


def check_load(run: RecordedRun) -> None:
    """Refuse a run whose images all came at one time: it has no figures under load."""
    if not has_load(run):
        raise InputError(
            f"load: the images of {display(run.path)} all came at one time; expected a run of a "
            f"stream ({given('arrivals', 'FILE')})"
        )


def _check_limit(tail: Tail, stats: Mapping[str, Any]) -> None:
    recorded = stats.get("load", {}).get(f"time_in_system_p{SHARE}", {}).get("value")
    if tail.limit_ps != recorded:
        raise ReconciliationError(
            f"by its records {SHARE} % of the images take {tail.limit_ps} ps at most, by "
            f"stats.json {recorded} ps"
        )


def explain_limits(
    run: RecordedRun, latency: LatencyReport, use_of_units: UtilizationReport
) -> tuple[LatencyLimit, IntervalLimit | None]:
    """Return what limits the latency of an image, and the interval of the run.

    None for the latter where the run has no steady interval, or that of its arrivals.
    """
    interval = run.stats.get("initiation_interval")
    own = None
    if interval is not None and not has_load(run):
        images, contexts = int(run.manifest["images"]), run.machine.sequencer.contexts.value
        units: Sequence[use.UnitUse] = use_of_units.units
        if run.goes_on:
            topology = Design.of(run.machine).topology
            units = use.utilization(run.trace.batches(None, use.COLUMNS), topology, behind=True)
        own = interval_limit(units, images, interval["value"], contexts)
    return latency_limit(latency.path), own


def offered_rate(run: RecordedRun) -> float | None:
    """Return how many images a second a stream brings, first to last; None if all came at once."""
    stream = recorded_stream(run)
    if stream is None or not (span := int(stream.time_ps[-1] - stream.time_ps[0])):
        return None
    return (len(stream) - 1) * PS_PER_S / span


def explain_utilization(run: RecordedRun, progress: Progress | None = None) -> UtilizationReport:
    """Return the busy time of every unit of a run's machine."""
    batches = run.trace.batches(run.published(), use.COLUMNS, progress)
    topology = Design.of(run.machine).topology
    makespan = int(run.stats["makespan"]["value"])
    return UtilizationReport(tuple(use.utilization(batches, topology)), makespan)
