"""Accuracies as figures show them: the error, 1 - accuracy, which a logarithmic axis resolves."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from accelsim.plots.style import Look
from accelsim.study.summary import Summary

ERROR = "error (1 − accuracy), %"
BARS = "Mean of the seeds; bars: least to most."


def error(row: Summary) -> float:
    """Return the mean error in %; no error in n images is shown as half an image of them."""
    return _percent(row, row.mean)


def ends(row: Summary) -> tuple[float, float]:
    """Return the least and the largest error of the seeds in %, as `error` shows them."""
    middle = error(row)
    return min(_percent(row, row.most), middle), max(_percent(row, row.least), middle)


def bars(rows: Sequence[Summary]) -> tuple[list[float], list[float]]:
    """Return how far the bars of rows go down and up from their errors."""
    below = [error(row) - ends(row)[0] for row in rows]
    above = [ends(row)[1] - error(row) for row in rows]
    return below, above


def bar_options(look: Look) -> dict[str, Any]:
    """Return how the bars of a series are drawn: thin and pale, so that many stay apart."""
    return {"ecolor": (look.colour, 0.55), "elinewidth": 0.6, "capthick": 0.6}


def draw_rows(
    axes: Axes, x: Sequence[float], rows: Sequence[Summary], look: Look, label: str, **options: Any
) -> None:
    """Draw the errors of a series along x, with bars. options: of the line and its markers."""
    drawn = {**look.line(), **bar_options(look), **options}
    axes.errorbar(x, [error(row) for row in rows], bars(rows), **drawn, label=label or None)


def remark(rows: Sequence[Summary]) -> str:
    """Explain what is shown of rows without an error, if there are any."""
    none = any(row.most >= 1 for row in rows)
    return "No error is shown as half an image." if none else ""


def _percent(row: Summary, share: float) -> float:
    # Rounded: a mean of equal numbers may be a rounding beside them.
    return max(round(100 * (1 - share), 9), 50 / row.images)
