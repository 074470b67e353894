"""The figure of a stream of arrivals: rate over time, and the distances between images."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from accelsim.arrivals.survey import Survey
from accelsim.plots import COLUMN
from accelsim.plots.layout import add_caption, new_panels
from accelsim.plots.scales import log_axis
from accelsim.plots.style import look, styled

_UNITS = (
    (86_400e12, "days"), (3600e12, "hours"), (1e12, "s"), (1e9, "ms"), (1e6, "us"), (1e3, "ns"),
)  # fmt: skip
_MANY = ((1e9, "billion "), (1e6, "million "), (1e3, "thousand "))


def survey_figure(found: Survey, name: str, width: float = COLUMN) -> Figure:
    """Return rate over time beside the histogram of distances, `width` inches wide.

    name: of the file, for the caption.
    """
    with styled():
        figure, (rate, gaps) = new_panels(2, width, 1.8)
        scale, unit = next(
            ((size, unit) for size, unit in _UNITS if found.last_ps >= 2 * size), (1.0, "ps")
        )
        filled: Any = {"fill": True, "facecolor": look(0).colour, "lw": 0}
        most = float(found.rates.max(initial=0))
        size, many = next(((s, name) for s, name in _MANY if most >= s), (1.0, ""))
        rate.stairs(found.rates / size, found.edges_ps / scale, **filled)
        rate.set(xlabel=f"time, {unit}", ylabel=f"{many}images a second", ylim=(0, None))
        counts, edges = found.histogram()
        if len(counts):
            gaps.stairs(counts, np.array(edges) / 1e12, **filled)
            log_axis(gaps, "x")
        gaps.set(xlabel="time since the image before, s", ylabel="images", ylim=(0, None))
        together = f" {found.together:,} come together with the one before." * bool(found.together)
        add_caption(figure, f"Arrivals of {name}: n = {found.number:,} images.{together}")
    return figure
