"""The figure of a study of accuracy: error against what the study goes over."""

from collections.abc import Iterator, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from accelsim.plots import COLUMN
from accelsim.plots.layout import add_caption, legend_above, new_panels
from accelsim.plots.scales import log_axis, zero_and_log_axis
from accelsim.plots.style import GREY, look, styled
from accelsim.study.captions import Source
from accelsim.study.points import Study
from accelsim.study.shown import BARS, ERROR, bar_options, bars, draw_rows, error, remark
from accelsim.study.summary import Summary
from accelsim.study.trade_figure import trade_figure

_AXIS = {
    "volume_nm3": "magnet volume, nm³",
    "weight_bits": "weight bits",
    "synapse_variation": "synapse variation (relative deviation)",
    "stuck_cells": "share of stuck cells",
    "deviation": "relative deviation of a cell's constants",
    "ir_length_nm": "conversion length λ, nm",
}
_FROM_ZERO = ("stuck_cells", "synapse_variation", "deviation")
_ROW = 0.17  # inches


def accuracy_figure(
    study: Study, rows: Sequence[Summary], source: Source, width: float = COLUMN
) -> Figure:
    """Return the error of a study's points, `width` inches wide.

    Against latency and energy if that is what the study is about; along rows if the points
    have names, and along x otherwise.
    """
    if study.x == "latency_ps":
        return trade_figure(study, rows, source, width)
    named = isinstance(rows[0].point.coordinates[study.x], str)
    with styled():
        figure = _named(study, rows, width) if named else _along(study, rows, width)
        add_caption(figure, source.caption(study.title, BARS, remark(rows)))
    return figure


def _named(study: Study, rows: Sequence[Summary], width: float) -> Figure:
    """Draw a row for each name along x, with the points of all series on it."""
    names = list(dict.fromkeys(str(row.point.coordinates[study.x]) for row in rows))
    groups = list(_series(study, rows))
    figure, (axes,) = new_panels(1, width, 0.6 + _ROW * len(names))
    for number, (label, chosen) in enumerate(groups):
        places = [names.index(str(row.point.coordinates[study.x])) for row in chosen]
        shift = 0.24 * (number - (len(groups) - 1) / 2)
        heights = [place + shift for place in places]
        shown = {**look(number).line(), **bar_options(look(number)), "ls": ""}
        errors = [error(row) for row in chosen]
        axes.errorbar(errors, heights, xerr=bars(chosen), **shown, label=label or None)
    if len(groups) == 1:
        axes.axvline(error(rows[0]), color=GREY, lw=0.6, ls=(0, (3, 2)), zorder=0)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params("y", length=0)
    axes.grid(axis="y")
    axes.set_xlabel(ERROR)
    log_axis(axes, "x")
    legend_above(figure, axes)
    return figure


def _along(study: Study, rows: Sequence[Summary], width: float) -> Figure:
    figure, (axes,) = new_panels(1, width, 2.1)
    for number, (label, chosen) in enumerate(_series(study, rows)):
        draw_rows(axes, _values(study, chosen), chosen, look(number), label)
    axes.set(xlabel=_AXIS[study.x], ylabel=ERROR)
    axes.grid(axis="y")
    log_axis(axes, "y")
    if study.x in _FROM_ZERO:
        zero_and_log_axis(axes, _values(study, rows))
    elif study.log_x:
        log_axis(axes, "x")
    elif study.x == "weight_bits":
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if study.x == "volume_nm3":
        _stability(axes, rows)
    legend_above(figure, axes)
    return figure


def _series(study: Study, rows: Sequence[Summary]) -> Iterator[tuple[str, list[Summary]]]:
    """Give the rows of each series with its name; of a study without series, all."""
    if not study.series:
        yield "", list(rows)
        return
    groups: dict[str, list[Summary]] = {}
    for row in rows:
        groups.setdefault(str(row.point.coordinates[study.series]), []).append(row)
    names: Mapping[str, str] = {"weight_bits": "weight bits alone", "all": "all effects"}
    names = {**names, "none": "no effect"} if study.series == "effects" else {}
    for name, chosen in groups.items():
        yield names.get(name, name), chosen


def _values(study: Study, rows: Sequence[Summary]) -> list[float]:
    return [float(row.point.coordinates[study.x]) for row in rows]


def _stability(axes: Axes, rows: Sequence[Summary]) -> None:
    """Name the stability of each volume along the upper edge."""
    above = axes.secondary_xaxis("top")
    shown = rows[:: max(1, len(rows) // 5)]
    volumes = [float(row.point.coordinates["volume_nm3"]) for row in shown]
    above.set_xticks(volumes, [f"{row.point.coordinates['stability_kT']:.3g}" for row in shown])
    above.set_xlabel("stability Δ, kT")
