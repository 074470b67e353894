"""Colours, shades, markers, dashes and hatches: what is told apart is so without colour, too."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl

from accelsim.plots import LEAST_LETTERS

LETTERS, SMALL = 7.0, 6.5
"""Sizes of a text, points: of the names of axes, and of all others."""
GREY, PALE = "#777777", "#bbbbbb"
_RULES: Any = {
    "font.size": LETTERS,
    "axes.titlesize": LETTERS,
    "axes.labelsize": LETTERS,
    "figure.titlesize": LETTERS,
    "figure.labelsize": LEAST_LETTERS,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "legend.handletextpad": 0.5,
    "legend.labelspacing": 0.3,
    "legend.columnspacing": 1.2,
    "legend.borderpad": 0.2,
    "axes.linewidth": 0.5,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": (-5, 7),
    "axes.labelpad": 2.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.linewidth": 0.3,
    "grid.color": "#cccccc",
    "lines.linewidth": 1.0,
    "lines.markersize": 3.5,
    "lines.markeredgewidth": 0.8,
    "errorbar.capsize": 1.8,
    "hatch.linewidth": 0.4,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "font.sans-serif": ["DejaVu Sans"],
    "text.parse_math": False,  # names are text, whatever is in them
    "svg.fonttype": "none",  # which a paper's fonts can replace
    "svg.hashsalt": "accelsim",
}


@dataclass(frozen=True)
class Look:
    """How one of several series is drawn. dash: a line style; hatch: of an area."""

    colour: str
    marker: str
    dash: Any
    hatch: str

    def line(self) -> dict[str, Any]:
        """Return the options of a line with markers."""
        return {"color": self.colour, "marker": self.marker, "ls": self.dash}

    def area(self) -> dict[str, Any]:
        """Return the options of a bar or patch."""
        return {"facecolor": self.colour, "hatch": self.hatch, "edgecolor": "white", "lw": 0}


# Colours: the schemes "high-contrast" and "medium-contrast" of P. Tol, "Colour schemes",
# SRON/EPS/TN/09-002 (2021), made for colour-blind eyes and for print without colour.
LOOKS = (
    Look("#004488", "o", "-", ""),
    Look("#DDAA33", "s", (0, (4, 1.5)), "////"),
    Look("#BB5566", "^", (0, (4, 1.2, 1, 1.2)), "...."),
    Look("#000000", "D", (0, (1, 1.2)), "xxxx"),
    Look("#6699CC", "v", (0, (6, 1, 1, 1, 1, 1)), "\\\\\\\\"),
    Look("#997700", "P", (0, (2.5, 1)), "----"),
    Look("#EE99AA", "X", (0, (6, 2)), "++++"),
    Look("#994455", "<", (0, (1, 2)), "||||"),
    Look("#888888", ">", (0, (3, 1, 1, 1, 1, 1)), "oooo"),
)
"""Looks of series, the first first: neighbours differ in shade, marker, dash and hatch."""


def nested(number: int) -> float:
    """Return a size of markers, points, by which series that coincide stay in sight."""
    return max(2.2, 5.5 - 1.1 * number)


def look(number: int) -> Look:
    """Return the look of the series with a number from 0; they repeat."""
    return LOOKS[number % len(LOOKS)]


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the one style, whatever the user's settings of Matplotlib are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RULES)
        yield
