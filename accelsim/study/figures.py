"""Figures of studies, as PNG and SVG."""

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.plots import COLOURS, GREY, STYLE, new_axes, plain
from accelsim.quantities import axis
from accelsim.study.points import Study
from accelsim.study.snr import ALL, SignalStudy
from accelsim.study.summary import Summary

_AXIS = {
    "volume_nm3": "magnet volume, nm$^3$",
    "weight_bits": "weight bits",
    "synapse_variation": "synapse variation (relative deviation)",
    "stuck_cells": "share of stuck cells",
    "deviation": "relative deviation of a cell's constants",
    "ir_length_nm": "conversion length $\\lambda_{IREE}$, nm",
    "latency_ps": "latency, ns",
    "cell": "",
    "effects": "",
}


def accuracy_figure(study: Study, rows: Sequence[Summary]) -> Figure:
    """Return accuracy against the study's x; mean of the seeds, bars from least to most."""
    with mpl.rc_context(STYLE):
        trade = study.x == "latency_ps"
        figure, axes = new_axes(1, 2 if trade else 1, (9 if trade else 6, 3.8))
        series = list(dict.fromkeys(_series(study, row) for row in rows))
        for number, name in enumerate(series):
            chosen = [row for row in rows if _series(study, row) == name]
            colour = COLOURS[number % len(COLOURS)]
            if trade:
                _curve(axes[0], [row.latency_ps / 1e3 for row in chosen], chosen, colour, name)
                _curve(axes[1], [row.energy_aJ / 1e6 for row in chosen], chosen, colour, name)
                _label_cycles(axes[0], chosen, number)
            else:
                _curve(axes[0], _along(study, chosen), chosen, colour, name)
        for each in axes:
            each.set_ylim(top=min(100.0, each.get_ylim()[1]))
        axes[0].set(xlabel=_AXIS[study.x], ylabel="accuracy, % (mean; bars: least to most)")
        if trade:
            axes[0].set_xlabel("latency, ns (numbers: write cycles" + _letters(rows) + ")")
            axes[1].set_xlabel(axis("energy_per_image", "pJ"))
        if study.log_x:
            axes[0].set_xscale("log")
        if study.x in ("stuck_cells", "synapse_variation"):
            axes[0].set_xscale("symlog", linthresh=_least(study, rows))
        if study.x == "volume_nm3":
            _stability(axes[0], rows)
        if study.x == "effects":
            axes[0].tick_params("x", rotation=60)
        if any(series):
            axes[0].legend()
        figure.suptitle(study.title, fontsize=10)
    return figure


def signal_figure(study: SignalStudy) -> Figure:
    """Return signal-to-noise of each step: all effects with their maps, and each alone."""
    with mpl.rc_context(STYLE):
        figure, (axes,) = new_axes(1, 1, (8, 4.2))
        places = range(len(study.steps))
        for number, name in enumerate((ALL, *study.felt)):
            axes.plot(
                places,
                [step.ratio(name) for step in study.steps],
                color="black" if name == ALL else COLOURS[number % len(COLOURS)],
                lw=2 if name == ALL else 1,
                ls="-" if name == ALL else "--",
                marker="o",
                ms=3,
                label=_named(name, study),
            )
        for place, step in enumerate(study.steps):
            maps = step.ratios()
            axes.plot([place] * len(maps), maps, ".", color=GREY, ms=3, zorder=1)
        axes.set_xticks(
            places, [f"{s.step} {s.op}\n{plain(s.layer)}" for s in study.steps], fontsize=7
        )
        axes.set(ylabel="signal to noise, dB", xlabel="step (dots: each map, all effects)")
        axes.grid(axis="y", lw=0.3)
        axes.legend(fontsize=8, ncols=2)
        figure.suptitle("Where accuracy is lost: each step against ideal cells", fontsize=10)
    return figure


def _named(name: str, study: SignalStudy) -> str:
    text = "all effects" if name == ALL else f"{name.replace('_', ' ')} alone"
    return f"{text} ({100 * study.accuracy[name]:.2f} %)" if name in study.accuracy else text


def _series(study: Study, row: Summary) -> str:
    return str(row.point.coordinates[study.series]) if study.series else ""


def _along(study: Study, rows: Sequence[Summary]) -> list[str | int | float]:
    return [row.point.coordinates[study.x] for row in rows]


def _curve(
    axes: Axes, x: Sequence[str | float], rows: Sequence[Summary], colour: str, label: str
) -> None:
    mean = [100 * row.mean for row in rows]
    # A mean of equal numbers may be a rounding beside them.
    below = [100 * max(0.0, row.mean - row.least) for row in rows]
    above = [100 * max(0.0, row.most - row.mean) for row in rows]
    axes.errorbar(
        x, mean, (below, above), color=colour, label=label or None, marker="o", ms=4, capsize=2,
        lw=0 if isinstance(x[0], str) else 1.2, elinewidth=1,
    )  # fmt: skip
    axes.grid(axis="y", lw=0.3)


def _label_cycles(axes: Axes, rows: Sequence[Summary], number: int) -> None:
    """Name the write cycles of a series, and each criterion where it is met first."""
    met = ""
    for row in rows:
        letters = _criteria(row)
        first = "".join(letter for letter in letters if letter not in met)
        axes.annotate(
            f"{row.point.coordinates['write_cycles']} {first}".strip(),
            (row.latency_ps / 1e3, 100 * row.mean),
            textcoords="offset points", xytext=(0, -12 - 9 * number), fontsize=7, ha="center",
            color=COLOURS[number % len(COLOURS)],
        )  # fmt: skip
        met += first


def _letters(rows: Sequence[Summary]) -> str:
    """Explain the letters of `_criteria`, if there are any."""
    if not any(_criteria(row) for row in rows):
        return ""
    return ";\nfrom there on enough by m: magnetization, e: envelope, a: as read"


def _criteria(row: Summary) -> str:
    """Return the first letters of the criteria by which a write is settled."""
    names = str(row.point.coordinates.get("settled_by", "none"))
    known = {"none": "", "all": "mea"}
    return known.get(names, "".join(name[0] for name in names.split(", ")))


def _stability(axes: Axes, rows: Sequence[Summary]) -> None:
    """Name the stability of each volume along the upper edge."""
    above = axes.secondary_xaxis("top")
    shown = rows[:: max(1, len(rows) // 5)]
    volumes = [float(row.point.coordinates["volume_nm3"]) for row in shown]
    above.set_xticks(volumes, [f"{row.point.coordinates['stability_kT']:g}" for row in shown])
    above.set_xlabel("stability, kT")


def _least(study: Study, rows: Sequence[Summary]) -> float:
    values = [float(row.point.coordinates[study.x]) for row in rows]
    return min((value for value in values if value), default=1.0)
