"""Energy of an image against the rate at which images come, by machine and policy of power.

Images come one after another at one distance, from one an hour to as many as the machine can take.
Of a run of N + 2 images the first two are taken away, which leaves N images with a rest each, as
in an endless stream. N spans an interval of refresh, unless that takes more than 200 images: then
none may be due in them, which of charge-based cells is 0.3 % of an image or less. Machines: IRMEN
cells by what holds their levels, and charge-based cells. A policy that waits waits until its state
pays, which is computed from prices (`simulation.rest`).
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from accelsim.compiler import Program, compile_network
from accelsim.config import Machine, load_machine
from accelsim.config.machine import Override
from accelsim.config.power import ALWAYS_ON, GATE_AFTER, OFF_AFTER, ORACLE, POLICIES
from accelsim.device.storage import STORAGES
from accelsim.errors import InputError
from accelsim.model import Arrival
from accelsim.network import Network
from accelsim.simulation import run_events
from accelsim.simulation.events import Events
from accelsim.simulation.rest import RestCosts
from accelsim.study.load import saturated
from accelsim.topology import PowerState
from accelsim.units import PS_PER_S, UnitError, parse_rate
from accelsim.wording import changed, given

IRMEN, CHARGE = "irmen", "charge"
RATES = tuple(
    Fraction(rate) for rate in (
        Fraction(1, 3600), Fraction(1, 60), 1, 10, 100, 1_000, 10_000, 30_000, 100_000, 300_000,
        1_000_000, 3_000_000, 10_000_000,
    )
)  # fmt: skip
IMAGES = 8
_MOST_IMAGES = 10_000
_SPANNING = 200  # images at most, to span an interval of refresh
_OVER = ("cell.storage", "power.policy", "power.after")
_WAITING = {GATE_AFTER: PowerState.GATED, OFF_AFTER: PowerState.OFF}


@dataclass(frozen=True)
class BreakEven:
    """From how long a rest on (ps) a state pays, None: never, and how long it takes to wake.

    gated, off: instead of staying active. off_or_gated: off instead of gated. waking_ps: from off
    after the shortest rest in which that pays. words: restored then.
    """

    gated: int | None
    off: int | None
    off_or_gated: int | None
    waking_ps: int
    words: int


@dataclass(frozen=True)
class PowerPoint:
    """A machine with a policy at a rate. energy_aJ, time_ps: of an image, its rest included.

    interval_ps: between images. gated, off: share of the time, of a period. after_ps: what the
    policy waits; 0 for one that does not wait.
    """

    machine: str
    policy: str
    after_ps: int
    interval_ps: int
    energy_aJ: float  # noqa: N815 - aJ is the unit
    in_system_ps: float
    gated: float
    off: float

    @property
    def rate(self) -> float:
        """Images a second."""
        return PS_PER_S / self.interval_ps


@dataclass(frozen=True)
class PowerStudy:
    """Points by machine and policy, in order of their rates; what each machine can take a second.

    image_aJ: of an image that waits for nothing and leaves no rest.
    """

    points: Sequence[PowerPoint]
    break_even: dict[str, BreakEven]
    capacity: dict[str, float]
    image_aJ: dict[str, float] = field(repr=False)  # noqa: N815 - aJ is the unit

    def of(self, machine: str, policy: str) -> list[PowerPoint]:
        """Return the points of a machine with a policy."""
        return [each for each in self.points if (each.machine, each.policy) == (machine, policy)]


Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Plan:
    """What a study goes over. changes: of every machine."""

    rates: Sequence[Fraction] = RATES
    images: int = IMAGES
    changes: Mapping[str, Override] = field(default_factory=dict)


class _Subject:
    """A machine of the study, with its program."""

    def __init__(
        self, name: str, config: str, changes: Mapping[str, Override], network: Network
    ) -> None:
        self.name = name
        self._machine = load_machine(config, {**changes, "power.policy": ORACLE})
        machine = self.with_policy(ALWAYS_ON)
        self.program: Program = compile_network(network, machine)
        self.costs = RestCosts.of(self.with_policy(ORACLE), self.program)
        self.interval = saturated(machine, self.program)
        self.period_ps = machine.period_ps

    def with_policy(self, policy: str, after_ps: int = 0) -> Machine:
        """Return the machine with a policy that waits for a time."""
        power = self._machine.power
        assert power is not None  # noqa: S101 - for the type checker: it has a policy
        after = replace(power.after, value=after_ps, text=f"{after_ps} ps")
        chosen = power.model_copy(update={"policy": policy, "after": after})
        return self._machine.model_copy(update={"power": chosen})

    def break_even(self) -> BreakEven:
        costs = self.costs
        off = costs.break_even_ps(PowerState.OFF)
        left = (off or 0) - costs.power.off.entry_ps
        waking = costs.power.waking_ps(PowerState.OFF, costs.words, left)
        return BreakEven(
            gated=costs.break_even_ps(PowerState.GATED),
            off=off,
            off_or_gated=costs.break_even_ps(PowerState.OFF, PowerState.GATED),
            waking_ps=waking,
            words=(waking - costs.power.off.exit_ps) // costs.power.restore_ps,
        )

    def after_ps(self, policy: str) -> int:
        """Return how long a policy waits: until its state pays."""
        state = _WAITING.get(policy)
        return (self.costs.break_even_ps(state) or 0) if state is not None else 0

    def intervals(self, rates: Sequence[Fraction]) -> list[int]:
        """Return distances in whole cycles, longest first, down to what the machine can take."""
        cycle = self.period_ps
        least = -(-self.interval // cycle) * cycle
        found = {-(-PS_PER_S // (rate * cycle)) * cycle for rate in rates}
        return sorted({each for each in found if each > least} | {int(least)}, reverse=True)


def study_power(network: Network, plan: Plan, progress: Progress) -> PowerStudy:
    """Run streams at each rate on each machine with each policy.

    Raises InputError for rates or a number of images that cannot be, and for changes that a
    machine does not allow.
    """
    _check(plan)
    subjects = [
        _Subject(f"{IRMEN}, {storage}", IRMEN, {**plan.changes, "cell.storage": storage}, network)
        for storage in STORAGES
    ]
    subjects.append(_Subject(CHARGE, CHARGE, plan.changes, network))
    points: list[PowerPoint] = []
    image: dict[str, float] = {}
    total = len(subjects) * len(POLICIES)
    for number, subject in enumerate(subjects):
        for place, policy in enumerate(POLICIES):
            progress(number * len(POLICIES) + place, total, f"{subject.name}, {policy}")
            points += _points(subject, policy, plan)
        single = run_events(subject.with_policy(ALWAYS_ON), subject.program, [Arrival(0, 0)])
        image[subject.name] = single.ledger.total_aJ
    progress(total, total, "done")
    return PowerStudy(
        points,
        {each.name: each.break_even() for each in subjects},
        {each.name: float(PS_PER_S / each.interval) for each in subjects},
        image,
    )


def power_csv(study: PowerStudy) -> str:
    """Return the points as CSV; times in ps, energy in aJ, rates a second."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["machine", "policy", "after_ps", "arrival_rate_per_s", "interarrival_time_ps",
         "energy_per_image_aJ", "time_in_system_ps", "gated_share", "off_share"]
    )  # fmt: skip
    for each in study.points:
        writer.writerow(
            [each.machine, each.policy, each.after_ps, f"{each.rate:.6g}", each.interval_ps,
             f"{each.energy_aJ:.10g}", f"{each.in_system_ps:.10g}", f"{each.gated:.6g}",
             f"{each.off:.6g}"]
        )  # fmt: skip
    return out.getvalue()


def rates_of(rates: Sequence[str]) -> list[Fraction]:
    """Return rates such as "10 Hz" and "1/h", those of the study if none; InputError for others."""
    try:
        return [parse_rate(rate.strip()) for rate in rates] or [*RATES]
    except UnitError as error:
        raise InputError(f"{given('rates', ','.join(rates))}: {error}") from None


def _check(plan: Plan) -> None:
    for key, value in plan.changes.items():
        if key in _OVER:
            raise InputError(f"{changed(key, value)}: the study goes over {key} itself")
    if not 1 <= plan.images <= _MOST_IMAGES:
        raise InputError(f"{given('images', plan.images)}: expected 1 to {_MOST_IMAGES}")
    for rate in plan.rates:
        if rate * (2**60) < PS_PER_S * plan.images:
            raise InputError(
                f"{given('rates')}: {float(rate):g} a second: {plan.images} images take longer "
                "than a run can last (13 days)"
            )


def _points(subject: _Subject, policy: str, plan: Plan) -> list[PowerPoint]:
    after = subject.after_ps(policy)
    machine = subject.with_policy(policy, after)
    points = []
    for interval in subject.intervals(plan.rates):
        spanning = min(_SPANNING, -(-subject.costs.round_ps // interval))
        images = max(plan.images, spanning)
        arrivals = [Arrival(number, number * interval) for number in range(images + 2)]
        first = run_events(machine, subject.program, arrivals[:2])
        events = run_events(machine, subject.program, arrivals)
        gated, off = (
            (_asleep(events, state) - _asleep(first, state)) / (images * interval)
            for state in (PowerState.GATED, PowerState.OFF)
        )
        points.append(
            PowerPoint(
                machine=subject.name,
                policy=policy,
                after_ps=after,
                interval_ps=interval,
                energy_aJ=(events.ledger.total_aJ - first.ledger.total_aJ) / images,
                in_system_ps=float(events.times.time_in_system_ps[2:].mean()),
                gated=gated,
                off=off,
            )
        )
    return points


def _asleep(events: Events, state: PowerState) -> int:
    return 0 if events.power is None else events.power.asleep_ps[state]
