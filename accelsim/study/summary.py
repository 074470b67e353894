"""Rows of a study over their seeds: mean and spread of each point."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from accelsim.study.measure import Measured
from accelsim.study.points import Point


@dataclass(frozen=True)
class Summary:
    """A point over its seeds.

    images: of each seed. Accuracies as shares; deviation: of a sample, 0 for one seed.
    """

    point: Point
    seeds: int
    images: int
    mean: float
    deviation: float
    least: float
    most: float
    cycles: float
    latency_ps: float
    energy_aJ: float  # noqa: N815 - aJ is the unit


def summarize(rows: Sequence[Measured]) -> list[Summary]:
    """Return one summary a point, in the order of the rows."""
    groups: dict[int, list[Measured]] = {}
    for row in rows:
        groups.setdefault(id(row.point), []).append(row)
    return [_of(group) for group in groups.values()]


def _of(rows: list[Measured]) -> Summary:
    shares = [row.accuracy for row in rows]
    first = rows[0]
    return Summary(
        point=first.point,
        seeds=len(rows),
        images=first.images,
        mean=statistics.fmean(shares),
        deviation=statistics.stdev(shares) if len(shares) > 1 else 0.0,
        least=min(shares),
        most=max(shares),
        cycles=first.cycles,
        latency_ps=first.latency_ps,
        energy_aJ=first.energy_aJ,
    )
