"""The figure of the spread of energy over images: how many cost how much, and by label."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.plots import COLUMN, LEAST_LETTERS
from accelsim.plots.layout import add_caption, legend_above, new_panels
from accelsim.plots.style import GREY, look, nested, styled
from accelsim.quantities import axis
from accelsim.study.captions import Source
from accelsim.study.spread import SpreadStudy

_PJ = 1e6
_BINS = 40
_HEIGHT = 1.8  # of a panel, inches


def spread_figure(study: SpreadStudy, source: Source, width: float = COLUMN) -> Figure:
    """Return how many images cost how much, by the synapses' class, and the mean by label."""
    has_labels = study.labels is not None
    with styled():
        figure, panels = new_panels(1 + has_labels, width, _HEIGHT)
        _images(panels[0], study)
        if has_labels:
            _labels(panels[1], study)
        legend_above(figure, panels[0])
        add_caption(
            figure,
            source.caption(
                "Energy of an image by weights and values",
                "signal share: of the synapses' current, what follows the value read.",
                "Dotted: energy by count.",
                "By label: mean, and the 5 to 95 % of its images." if has_labels else "",
            ),
        )
    return figure


def _images(axes: Axes, study: SpreadStudy) -> None:
    for number, case in enumerate(study.cases):
        shown = look(number)
        counts, edges = np.histogram(case.images.each / _PJ, _BINS)
        axes.stairs(
            counts / counts.max(), edges, fill=False, color=shown.colour, ls=shown.dash,
            label=f"signal share {case.signal_share:g}",
        )  # fmt: skip
    by_count = study.cases[0].images.by_count / _PJ
    axes.axvline(by_count, color=GREY, lw=0.8, ls=(0, (1, 2)), zorder=0)
    axes.annotate(
        "by count", (by_count, 0.98), (-2, 0), ("data", "axes fraction"), "offset points",
        rotation=90, va="top", ha="right", fontsize=LEAST_LETTERS,
    )  # fmt: skip
    axes.set_xlabel(axis("energy_per_image", "pJ"))
    axes.set_ylabel("images, of the fullest bin")
    axes.set_ylim(0, 1.05)


def _labels(axes: Axes, study: SpreadStudy) -> None:
    for number, case in enumerate(study.cases):
        mean = float(case.images.each.mean())
        labels, shares, low, high = [], [], [], []
        for label, each in study.of_labels(case):
            of_mean = 100 * (each / mean - 1)
            ends = np.percentile(of_mean, (5, 95))
            labels.append(label + 0.15 * number)
            shares.append(float(of_mean.mean()))
            low.append(shares[-1] - float(ends[0]))
            high.append(float(ends[1]) - shares[-1])
        shown = look(number)
        axes.errorbar(
            labels, shares, (low, high), color=shown.colour, marker=shown.marker, ls="none",
            ms=nested(number),
        )  # fmt: skip
    axes.axhline(0, color=GREY, lw=0.5, zorder=0)
    axes.set_xlabel("label")
    axes.set_xticks(np.unique(study.labels if study.labels is not None else []))
    axes.set_ylabel("energy against the mean, %")
