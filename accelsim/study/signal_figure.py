"""The figure of signal to noise: where accuracy is lost, step by step."""

from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.plots import COLUMN
from accelsim.plots.layout import add_caption, legend_above, new_panels
from accelsim.plots.style import GREY, LOOKS, styled
from accelsim.study.captions import Source
from accelsim.study.snr import ALL, ROUNDING_DB, SignalStudy

_ALONE = [look for look in LOOKS if look.colour != "#000000"]  # all effects are black


def signal_figure(study: SignalStudy, source: Source, width: float = COLUMN) -> Figure:
    """Return signal-to-noise of each step: all effects with their maps, and each alone."""
    with styled():
        figure, (axes,) = new_panels(1, width, 2.5)
        places = range(len(study.steps))
        for shown, name in zip(cycle(_ALONE), study.felt):
            _draw(axes, study, name, ms=3, **shown.line())
        _draw(axes, study, ALL, ms=3, lw=1.6, marker="o", color="black")
        for place, step in enumerate(study.steps):
            maps = step.ratios()
            axes.plot([place] * len(maps), maps, ".", color=GREY, ms=2, zorder=1)
        names = [f"{step.step} {step.op} ({step.layer})" for step in study.steps]
        axes.set_xticks(places, names, rotation=90)
        axes.set_ylabel("signal to noise, dB")
        axes.grid(axis="y")
        legend_above(figure, axes)
        what = "Signal to noise of each step against ideal cells"
        more = "Lines: one effect alone, and all; %: accuracy. Dots: each map, all effects."
        add_caption(figure, source.caption(what, more))
    return figure


def _draw(axes: Axes, study: SignalStudy, name: str, **options: Any) -> None:
    """Draw one effect, or all, along the steps; what is rounding alone is left out."""
    ratios = [step.ratio(name) for step in study.steps]
    shown = [ratio if ratio < ROUNDING_DB else np.nan for ratio in ratios]
    text = "all effects" if name == ALL else name.replace("_", " ")
    right = f" {100 * study.accuracy[name]:.2f} %" if name in study.accuracy else ""
    axes.plot(range(len(shown)), shown, **options, label=text + right)
