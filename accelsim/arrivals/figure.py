"""The figure of a stream of arrivals: rate over time, and the distances between images."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from accelsim.arrivals.survey import Survey
from accelsim.plots import BLUE, STYLE, new_axes

_UNITS = (
    (86_400e12, "days"), (3600e12, "hours"), (1e12, "s"), (1e9, "ms"), (1e6, "us"), (1e3, "ns"),
)  # fmt: skip


def survey_figure(found: Survey, title: str) -> Figure:
    """Return rate over time beside the histogram of distances."""
    with mpl.rc_context(STYLE):
        figure, (rate, gaps) = new_axes(1, 2, (9, 3.4))
        scale, unit = next(
            ((size, name) for size, name in _UNITS if found.last_ps >= 2 * size), (1.0, "ps")
        )
        rate.stairs(found.rates, found.edges_ps / scale, fill=True, color=BLUE)
        rate.set(xlabel=f"time, {unit}", ylabel="images a second", ylim=(0, None))
        counts, edges = found.histogram()
        if len(counts):
            gaps.stairs(counts, np.array(edges) / 1e12, fill=True, color=BLUE)
            gaps.set_xscale("log")
        gaps.set(xlabel="time since the image before, s", ylabel="images")
        if found.together:
            gaps.set_title(f"{found.together:,} come together with the one before", fontsize=8)
        figure.suptitle(title, fontsize=10)
    return figure
