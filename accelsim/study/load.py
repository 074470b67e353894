"""Offered load against latency: a stream of images on a machine with 1 to 4 contexts.

For each number of contexts the machine is first saturated: images that all wait at time 0 leave
at a steady interval, whose inverse is the rate that it can take. Streams at shares of that rate
then show queueing: mean, 95th percentile and confidence of the time in the system.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from accelsim.analysis import load_of
from accelsim.analysis.load import PERCENTILES, Load
from accelsim.analysis.steady import mean_interval
from accelsim.arrivals.generators import Settings, generate
from accelsim.compiler import Program, compile_network
from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.model import Stream
from accelsim.network import Network
from accelsim.simulation import run_events
from accelsim.study.catalog import Setting
from accelsim.units import PS_PER_S
from accelsim.wording import given

CONTEXTS = (1, 2, 3, 4)
SHARES = (0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
PROCESSES = ("poisson", "periodic", "bursty")
SATURATED = (
    "From load 1 on the queue grows for as long as the stream lasts: such a time is of this many "
    "images, not of the machine"
)
_SATURATING = 60  # images that wait at time 0
_MOST_CONTEXTS = 64
_LEAST_SHARE = 1e-6


@dataclass(frozen=True)
class LoadPoint:
    """A stream on a machine: rate a second, share of what the machine can take, what came out.

    energy_aJ: of an image, standby included.
    """

    contexts: int
    share: float
    rate: float
    load: Load
    energy_aJ: float  # noqa: N815 - aJ is the unit
    images: int

    @property
    def power_w(self) -> float:
        """Average power in W, standby included."""
        return self.energy_aJ * self.images / self.load.end_ps * 1e-6


@dataclass(frozen=True)
class LoadStudy:
    """Points by contexts, and the rate (a second) that each number of contexts can take."""

    points: Sequence[LoadPoint]
    capacity: dict[int, float]
    process: str
    images: int
    seed: int

    @property
    def is_saturated(self) -> bool:
        """Whether some stream brings more than the machine can take."""
        return any(point.share >= 1 for point in self.points)


Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Plan:
    """What a study of load goes over. process: of PROCESSES, at `shares` of the capacity."""

    contexts: Sequence[int] = CONTEXTS
    shares: Sequence[float] = SHARES
    process: str = "poisson"
    images: int = 4000
    seed: int = 0


def study_load(setting: Setting, network: Network, plan: Plan, progress: Progress) -> LoadStudy:
    """Run streams on a machine with each number of contexts.

    Banks get as many planes as the contexts need, if they have fewer. Raises InputError for
    shares, contexts or a process that cannot be.
    """
    _check(plan)
    points: list[LoadPoint] = []
    capacity: dict[int, float] = {}
    total = len(plan.contexts) * (len(plan.shares) + 1)
    for number in plan.contexts:
        machine, program = _machine(setting, network, number)
        progress(len(points) + len(capacity), total, f"{number} contexts, saturated")
        interval = saturated(machine, program)
        capacity[number] = float(PS_PER_S / interval)
        for share in plan.shares:
            progress(len(points) + len(capacity), total, f"{number} contexts, load {share:g}")
            points.append(_point(machine, program, plan, share, interval))
    progress(total, total, "done")
    return LoadStudy(points, capacity, plan.process, plan.images, plan.seed)


def load_csv(study: LoadStudy) -> str:
    """Return the points as CSV; times in ps, energy in aJ, power in W, rates a second."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    percentiles = [f"time_in_system_p{share}_ps" for share in PERCENTILES]
    writer.writerow(
        ["contexts", "load", "arrival_rate_per_s", "capacity_per_s", "images", "warm_up",
         "time_in_system_mean_ps", "time_in_system_half_width_ps", "wait_mean_ps", *percentiles,
         "time_in_system_max_ps", "images_in_system", "queue_length_max", "energy_per_image_aJ",
         "power_W"]
    )  # fmt: skip
    for each in study.points:
        load = each.load
        half = "" if load.in_system.half is None else f"{load.in_system.half:.1f}"
        writer.writerow(
            [each.contexts, f"{each.share:g}", f"{each.rate:.6g}",
             f"{study.capacity[each.contexts]:.6g}", each.images, load.warm_up,
             f"{load.in_system.value:.1f}", half, f"{load.waiting.value:.1f}", *load.percentiles,
             f"{load.number:.6g}", load.queued_most, f"{each.energy_aJ:.1f}",
             f"{each.power_w:.6g}"]
        )  # fmt: skip
    return out.getvalue()


def _check(plan: Plan) -> None:
    if plan.process not in PROCESSES:
        raise InputError(f"{given('process', plan.process)}: expected {', '.join(PROCESSES)}")
    if plan.images < 1:
        raise InputError(f"{given('images', plan.images)}: expected 1 or more")
    for share in plan.shares:
        if not _LEAST_SHARE <= share <= 2:
            raise InputError(
                f"{given('loads', f'{share:g}')}: expected shares from {_LEAST_SHARE:g} to 2"
            )
    for number in plan.contexts:
        if number not in range(1, _MOST_CONTEXTS + 1):
            raise InputError(f"{given('contexts', number)}: expected 1 to {_MOST_CONTEXTS}")


def _machine(setting: Setting, network: Network, contexts: int) -> tuple[Machine, Program]:
    """Return a machine with so many contexts, and with planes enough for them."""
    machine = setting.load({})
    needed = max(compile_network(network, setting.load({"sequencer.contexts": 1})).planes.values())
    planes = max(machine.banks.planes.value, contexts * needed)
    machine = setting.load({"sequencer.contexts": contexts, "banks.planes": planes})
    return machine, compile_network(network, machine)


def saturated(machine: Machine, program: Program) -> Fraction:
    """Return the mean time in ps between images of a machine that always has one waiting."""
    events = run_events(machine, program, Stream.at_once(range(_SATURATING)))
    interval = events.times.interval_ps
    return mean_interval(events.times.done_ps) if interval is None else Fraction(interval)


def _point(
    machine: Machine, program: Program, plan: Plan, share: float, interval: Fraction
) -> LoadPoint:
    rate = Fraction(share).limit_denominator(10**6) * PS_PER_S / interval
    if plan.process == "periodic":  # a whole number of ps, not faster than asked for
        rate = PS_PER_S / Fraction(-(-PS_PER_S // rate))
    stream = generate(plan.process, Settings(plan.images, rate, plan.seed))
    arrivals = Stream(range(plan.images), stream.time_ps)
    events = run_events(machine, program, arrivals)
    return LoadPoint(
        contexts=machine.sequencer.contexts.value,
        share=share,
        rate=float(rate),
        load=load_of(events.times),
        energy_aJ=events.ledger.total_aJ / plan.images,
        images=plan.images,
    )
