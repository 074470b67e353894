"""What limits a run: the phase that most of a latency is, the unit that sets the interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from accelsim.analysis.critical import CriticalPath
from accelsim.analysis.utilization import ISSUE_SLOT, UnitUse
from accelsim.ops import IN_WORDS, STEP_OPS

__all__ = [
    "CONTEXTS", "ISSUE_SLOT", "PHASES", "IntervalLimit", "LatencyLimit", "interval_limit",
    "latency_limit",
]  # fmt: skip

PHASES = ("write", "read", "issue", "wait")
"""Parts of a critical path; of equal ones the first counts as the limit."""
CONVERT, DIGITAL = "convert", "digital"
"""Further parts, of machines that have them: read phases of converters, and of the engine."""
CONTEXTS = "images in flight"
"""The limit of an interval that no unit sets: every context holds an image."""
# How busy a unit is that sets an interval; of an interval that is a mean, at least.
_SATURATED, _ABOUT = Fraction(999, 1000), Fraction(97, 100)


@dataclass(frozen=True)
class LatencyLimit:
    """The phases of an image's critical path.

    parts_ps: of each of PHASES, and of converters and engine if any; sums to latency_ps.
    """

    image: int
    latency_ps: int
    steps: int
    parts_ps: dict[str, int]

    @property
    def phase(self) -> str:
        """The phase that takes most of it."""
        known = (*PHASES, CONVERT, DIGITAL)
        return max(known, key=lambda phase: self.parts_ps.get(phase, 0))


@dataclass(frozen=True)
class IntervalLimit:
    """What sets the interval from image to image while images always wait.

    interval_ps: None for a single image. repeats: whether departures repeat themselves; else the
    interval is the mean over their second half. unit, group: the unit that is busiest. busy_ps: how
    long an image keeps it busy, over its slots. contexts: images in flight at most.
    """

    interval_ps: float | None
    repeats: bool
    unit: str
    group: str
    busy_ps: Fraction
    contexts: int

    @property
    def by(self) -> str:
        """The group of the unit that is never idle, or CONTEXTS."""
        if self.interval_ps is None:
            return CONTEXTS
        least = Fraction(self.interval_ps) * (_SATURATED if self.repeats else _ABOUT)
        return self.group if self.busy_ps >= least else CONTEXTS


def latency_limit(path: CriticalPath) -> LatencyLimit:
    """Return the phases of a critical path."""
    parts = dict.fromkeys(PHASES, 0)
    for step in path.steps:
        for phase in PHASES:
            name = _reader(step.op) if phase == "read" else phase
            parts[name] = parts.get(name, 0) + getattr(step, f"{phase}_ps")
    return LatencyLimit(path.image, path.latency_ps, len(path.steps), parts)


def _reader(op: str) -> str:
    """Return the part that a read phase of an op is."""
    if STEP_OPS[op].is_digital:
        return DIGITAL
    return CONVERT if op in IN_WORDS else "read"


def interval_limit(
    units: Sequence[UnitUse],
    images: int,
    interval_ps: float | None,
    contexts: int,
    *,
    repeats: bool = True,
) -> IntervalLimit:
    """Return what sets an interval. units: with what all images kept them busy."""
    top = max(units, key=lambda unit: Fraction(unit.busy_ps, unit.slots))
    busy = Fraction(top.busy_ps, top.slots * images)
    return IntervalLimit(interval_ps, repeats, top.unit, top.group, busy, contexts)
