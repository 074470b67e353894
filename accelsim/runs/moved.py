"""What moved from one run to another, and why: latency step by step, energy action by action.

The lines of a figure add up to its change; what they leave is `rest`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import pyarrow as pa

from accelsim.analysis.critical import CriticalPath, StepPath, critical_path
from accelsim.analysis.dependencies import COLUMNS
from accelsim.analysis.limits import CONTEXTS, PHASES, interval_limit
from accelsim.analysis.utilization import COLUMNS as BUSY
from accelsim.analysis.utilization import utilization
from accelsim.config import Machine
from accelsim.errors import InputError, ReconciliationError
from accelsim.model import Design
from accelsim.runs.machines import machine_changes
from accelsim.runs.recorded import RecordedRun, disagreement
from accelsim.units import render

_OF_PHASE = {
    "write": ("timing.write_cycles", "write phases"),
    "read": ("timing.read_cycles", "read phases"),
    "issue": ("sequencer.contexts", "issue slot"),
    "wait": ("sequencer.contexts", "waits for others"),
}
_COMPILED = ("circuits", "arrays.", "banks.")
_THROUGHPUT = ("clock", "circuits", "arrays.lanes", "arrays.fan_in", "timing.read_cycles",
               "timing.write_cycles", "sequencer.", "scope", "converters.", "digital.")  # fmt: skip
INTERVAL = "initiation_interval"
_MOST = 3
"""Lines of a figure; what more there are is one further line."""


@dataclass(frozen=True)
class Moved:
    """One reason. what: changed; how: the product; amount: in the unit of the figure."""

    what: str
    how: str
    amount: Fraction


@dataclass(frozen=True)
class MovedFigure:
    """A figure of two runs that differs, and why.

    name: a key of QUANTITIES; image: whose it is, None for a mean of the run. why_none: why it has
    no lines.
    """

    name: str
    unit: str
    a: Fraction
    b: Fraction
    image: int | None = None
    lines: tuple[Moved, ...] = ()
    why_none: str = ""

    @property
    def rest(self) -> Fraction:
        """What the lines leave of the change."""
        return self.b - self.a - sum((line.amount for line in self.lines), Fraction(0))


def moved_figures(a: RecordedRun, b: RecordedRun) -> list[MovedFigure]:
    """Return latency, interval and energy per image, as far as they differ."""
    found = [*_latency(a, b), *_interval(a, b), _energy(a, b)]
    return [figure for figure in found if figure.a != figure.b]


def _latency(a: RecordedRun, b: RecordedRun) -> Iterator[MovedFigure]:
    image = _shared_image(a, b)
    try:
        paths = _path(a, image), _path(b, image)
    except InputError as error:
        for old, new in _values(a, b, "latency"):
            yield MovedFigure("latency", "ps", old, new, why_none=str(error))
        return
    lines = tuple(shortened(latency_lines(paths, (a.machine, b.machine))))
    old, new = (Fraction(path.latency_ps) for path in paths)
    yield MovedFigure("latency", "ps", old, new, image, lines)


def _interval(a: RecordedRun, b: RecordedRun) -> Iterator[MovedFigure]:
    for old, new in _values(a, b, INTERVAL):
        lines: tuple[Moved, ...] = ()
        why_none = "it follows the arrivals" if "load" in a.stats or "load" in b.stats else ""
        if old != new and not why_none:
            try:
                limits = [_limit(run, INTERVAL) for run in (a, b)]
            except InputError as error:
                why_none = str(error)
            else:
                what = _of_keys(machine_changes(a.machine, b.machine), _THROUGHPUT)
                both = f"{limits[0]} in both"
                how = both if limits[0] == limits[1] else "{} in A, {} in B".format(*limits)
                lines = (Moved(what, f"limited by {how}", new - old),)
        yield MovedFigure(INTERVAL, "ps", old, new, lines=lines, why_none=why_none)


def _limit(run: RecordedRun, name: str) -> str:
    """Return what sets the interval of a run whose images all came at one time."""
    topology = Design.of(run.machine).topology
    units = utilization(run.trace.batches(columns=BUSY), topology, behind=run.goes_on)
    images, contexts = int(run.manifest["images"]), run.machine.sequencer.contexts.value
    limit = interval_limit(units, images, run.stats[name]["value"], contexts)
    if limit.by != CONTEXTS:
        return limit.by.removeprefix("sequencer, ")
    return f"{contexts} image{'s' * (contexts > 1)} in flight"


def _values(a: RecordedRun, b: RecordedRun, name: str) -> Iterator[tuple[Fraction, Fraction]]:
    """Give a figure of both runs, if both have it."""
    if name in a.stats and name in b.stats:
        old, new = (Fraction(run.stats[name]["value"]) for run in (a, b))
        yield old, new


def _shared_image(a: RecordedRun, b: RecordedRun) -> int | None:
    """Return the first image that both runs have."""
    spans = [(int(run.manifest["first_image"]), int(run.manifest["images"])) for run in (a, b)]
    first = max(begin for begin, _ in spans)
    return first if first < min(begin + number for begin, number in spans) else None


def _path(run: RecordedRun, image: int | None) -> CriticalPath:
    if image is None:
        raise InputError("the runs share no image")
    batches = run.trace.batches(run.published((image, image + 1)), COLUMNS)
    try:
        return critical_path(pa.Table.from_batches(batches))
    except ReconciliationError as error:
        raise disagreement(run.path, error) from None


def latency_lines(
    paths: tuple[CriticalPath, CriticalPath], machines: tuple[Machine, Machine]
) -> Iterator[Moved]:
    """Give what changes one critical path into another: clock, phases of steps, other steps."""
    periods = [machine.period_ps for machine in machines]
    changes = machine_changes(*machines)
    begun = Fraction(paths[0].latency_ps, periods[0])
    if periods[0] != periods[1]:
        slower = periods[1] - periods[0]
        how = f"{_number(begun)} cycles x {slower:+,} ps"
        yield Moved(_changed(changes, "clock", "clock"), how, begun * slower)
    steps = [_keyed(path.steps) for path in paths]
    both = [key for key in steps[0] if key in steps[1]]
    for phase in PHASES:
        pairs = [
            [Fraction(getattr(steps[side][key], f"{phase}_ps"), periods[side]) for side in (0, 1)]
            for key in both
        ]
        moved = Counter(b - a for a, b in pairs if a != b)
        if moved:
            how = " + ".join(
                f"{number} step{'s' * (number > 1)} x {_cycles(by)}" for by, number in moved.items()
            )
            total = sum((by * number for by, number in moved.items()), Fraction(0))
            yield Moved(_changed(changes, *_OF_PHASE[phase]), how, total * periods[1])
    for side, word, sign in ((1, "more", 1), (0, "fewer", -1)):
        alone = [step for key, step in steps[side].items() if key not in both]
        if alone:
            times = (Fraction(step.on_path_ps, periods[side]) for step in alone)
            cycles = sum(times, Fraction(0))
            how = (
                f"{len(alone)} step{'s' * (len(alone) > 1)} {word}, {_cycles(cycles)} of "
                "critical path"
            )
            yield Moved(_of_keys(changes, _COMPILED), how, sign * cycles * periods[1])


def _keyed(steps: Iterable[StepPath]) -> dict[tuple[str, str, int], StepPath]:
    """Return the steps by layer, op, and which of these it is."""
    seen: Counter[tuple[str, str]] = Counter()
    found = {}
    for step in steps:
        found[step.layer, step.op, seen[step.layer, step.op]] = step
        seen[step.layer, step.op] += 1
    return found


_Changes = Mapping[str, tuple[object, object]]


def _changed(changes: _Changes, key: str, words: str) -> str:
    """Return 'write cycles 2 to 3' if that key changed, else what moved in words."""
    if key not in changes:
        return words
    a, b = changes[key]
    return f"{key.rsplit('.', maxsplit=1)[-1].replace('_', ' ')} {a} to {b}"


def _of_keys(changes: _Changes, begins: tuple[str, ...]) -> str:
    """Return those of some keys that changed, or that it is of the program."""
    keys = [key for key in changes if key.startswith(begins)]
    return ", ".join(f"{key} {changes[key][0]} to {changes[key][1]}" for key in keys) or "program"


def _energy(a: RecordedRun, b: RecordedRun) -> MovedFigure:
    sides = [_Spent(run) for run in (a, b)]
    names = dict.fromkeys([*sides[0].energy_aJ, *sides[1].energy_aJ])
    lines = [line for name in names for line in _action_lines(name, *sides)]
    old, new = (sum(side.energy_aJ.values(), Fraction(0)) for side in sides)
    return MovedFigure("energy_per_image", "aJ", old, new, lines=tuple(shortened(lines)))


class _Spent:
    """Counts, energies (aJ) and prices (aJ) of each action, of an image of a run in the mean."""

    def __init__(self, run: RecordedRun) -> None:
        images = int(run.manifest["images"])
        self.prices_aJ = run.machine.prices_aJ
        self.by_values = run.machine.energy.by_values
        self.counts: dict[str, Fraction] = defaultdict(Fraction)
        for name, leaf in run.stats["actions"].items():
            self.counts[name] = Fraction(int(leaf["value"]), images)
        self.energy_aJ: dict[str, Fraction] = defaultdict(Fraction)
        for name, leaf in run.stats["energy"]["by_action"].items():
            self.energy_aJ[name] = Fraction(int(leaf["value"]), images)


def _action_lines(name: str, a: _Spent, b: _Spent) -> Iterator[Moved]:
    """Give what its price has moved, at the old count, and what its count has, at the new price."""
    if name in a.by_values or name in b.by_values:
        old, new = (side.energy_aJ[name] for side in (a, b))
        if old != new:
            models = " to ".join(dict.fromkeys(_model(name, side) for side in (a, b)))
            yield Moved(f"energy of {name}, {models}", _means(name, a, b), new - old)
        return
    prices = [side.prices_aJ.get(name, 0) for side in (a, b)]
    counts = [side.counts[name] for side in (a, b)]
    dearer, more = prices[1] - prices[0], counts[1] - counts[0]
    if dearer and counts[0]:
        how = f"{_number(counts[0])} x {_signed(Fraction(dearer), 'aJ')}"
        what = f"price of {name} {render(prices[0], 'aJ')} to {render(prices[1], 'aJ')}"
        yield Moved(what, how, counts[0] * dearer)
    if more and prices[1]:
        what = f"{name} {_number(counts[0])} to {_number(counts[1])}"
        how = f"{'+' if more > 0 else '-'}{_number(abs(more))} x {render(prices[1], 'aJ')}"
        yield Moved(what, how, more * prices[1])


def _model(name: str, side: _Spent) -> str:
    return "by value" if name in side.by_values else "by count"


def _means(name: str, *sides: _Spent) -> str:
    """Return '~400 aJ to ~500 aJ': what a count costs in the mean of each run."""
    means = [
        float(side.energy_aJ[name] / side.counts[name]) if side.counts[name] else 0.0
        for side in sides
    ]
    return " to ".join(f"~{render(mean, 'aJ')}" for mean in means)


def shortened(lines: Iterable[Moved]) -> Iterator[Moved]:
    """Give the largest lines, and the others as one."""
    ordered = sorted(lines, key=lambda line: -abs(line.amount))
    shown = _MOST if len(ordered) > _MOST + 1 else len(ordered)
    yield from ordered[:shown]
    rest = ordered[shown:]
    if rest:
        total = sum((line.amount for line in rest), Fraction(0))
        yield Moved("others", f"{len(rest)} smaller changes", total)


def _cycles(number: Fraction) -> str:
    return f"{_number(number)} cycle{'s' * (abs(number) != 1)}"


def _number(value: Fraction) -> str:
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):,.6g}"


def _signed(value: Fraction, unit: str) -> str:
    return f"{'+' if value > 0 else '-'}{render(float(abs(value)), unit)}"
