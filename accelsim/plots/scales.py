"""Logarithmic axes whose numbers are read at the size of print: 0.01, 10⁻⁵, no small exponents."""

import math
from collections.abc import Iterator, Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import (
    FixedFormatter,
    FixedLocator,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
)

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN = (1e-3, 1e4)
_MOST = 6  # numbers along an axis
# Of a decade, what is named, from the densest on: the first that is not too much is taken.
_DENSITIES: Sequence[tuple[float, ...]] = (
    tuple(n / 10 for n in (*range(10, 40, 2), *range(40, 100, 5))),
    (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9),
    (1, 1.5, 2, 3, 5, 7),
    (1, 2, 5),
    (1, 3),
    (1,),
)  # fmt: skip


def log_axis(axes: Axes, which: Literal["x", "y"]) -> None:
    """Make an axis logarithmic, with numbers for the limits that it has: call it last."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    low, high = sorted(axes.get_xlim() if which == "x" else axes.get_ylim())
    ticks = _ticks(low, high)
    if len(ticks) < 2:
        axis.set_major_locator(MaxNLocator(4))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        _name(axis, ticks)
    axis.set_minor_locator(LogLocator(subs="auto", numticks=20))
    axis.set_minor_formatter(NullFormatter())


def zero_and_log_axis(axes: Axes, values: Sequence[float]) -> None:
    """Make the x axis logarithmic from the least value above 0 on, with room for 0."""
    above = [value for value in values if value > 0]
    if not above:
        return
    least, most = min(above), max(above)
    axes.set_xscale("symlog", linthresh=least, linscale=0.5)
    zero = [0.0] if min(values) <= 0 else []
    axes.set_xlim(-0.5 * least if zero else least / 1.2, most * 1.2)
    ticks = [*zero, *_ticks(least, most, _MOST - 1)]
    _name(axes.xaxis, ticks)
    axes.xaxis.set_minor_locator(FixedLocator([]))


def tick_texts(values: Sequence[float]) -> list[str]:
    """Return numbers as the ticks of one axis have them: 0.02 and 500, or 2×10⁻⁵ and 10⁶."""
    least, most = _PLAIN
    if all(value == 0 or least <= abs(value) < most for value in values):
        return [f"{value:g}" for value in values]
    return [_power(value) for value in values]


def _power(value: float) -> str:
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.3e}".split("e")
    raised = f"10{str(int(exponent)).translate(_RAISED)}"
    factor = f"{float(mantissa):g}"
    return raised if factor == "1" else f"{factor}×{raised}"


def _name(axis: Axis, ticks: Sequence[float]) -> None:
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FixedFormatter(tick_texts(ticks)))


def _ticks(low: float, high: float, most: int = _MOST) -> list[float]:
    """Return at most so many round numbers between two, as dense as they can be."""
    for parts in _DENSITIES:
        ticks = list(_between(low, high, parts))
        if len(ticks) <= most:
            return ticks
    return ticks[:: -(-len(ticks) // most)]


def _between(low: float, high: float, parts: Sequence[float]) -> Iterator[float]:
    slack = 1e-9
    for decade in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        for part in parts:
            value = float(f"{part:g}e{decade}")
            if low * (1 - slack) <= value <= high * (1 + slack):
                yield value
