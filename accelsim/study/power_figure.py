"""The figure of a study of power: energy of an image against the rate of images, by policy."""

from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.config.power import POLICIES
from accelsim.plots import STYLE, new_axes, plain
from accelsim.quantities import axis
from accelsim.study.power import PowerStudy
from accelsim.units import PS_PER_S

# Told apart without colour: shade, line and marker.
_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": "#000000", "ls": "-", "marker": "o", "ms": 4},
    {"color": "#5a5a5a", "ls": "--", "marker": "s", "ms": 4},
    {"color": "#8c8c8c", "ls": "-.", "marker": "^", "ms": 4},
    {"color": "#b5b5b5", "ls": ":", "marker": "D", "mfc": "none", "ms": 7},
)
_PJ = 1e6


def power_figure(study: PowerStudy) -> Figure:
    """Return a panel for each machine; thin lines: where states pay, and an image alone."""
    machines = list(study.break_even)
    with mpl.rc_context(STYLE):
        rows = -(-len(machines) // 2)
        figure, every = new_axes(rows, 2, (9, 3.4 * rows), share_x=True)
        lowest, highest = _limits(study)
        for axes, machine in zip(every, machines, strict=False):
            for look, policy in zip(_LOOKS, POLICIES, strict=True):
                points = study.of(machine, policy)
                axes.plot(
                    [point.rate for point in points],
                    [point.energy_aJ / _PJ for point in points],
                    label=policy.replace("_", " "), lw=1.2, **look,
                )  # fmt: skip
            _mark(axes, study, machine)
            axes.set(xscale="log", yscale="log", ylim=(lowest, highest), title=plain(machine))
            axes.grid(axis="y", lw=0.3)
        for axes in every[len(machines) :]:
            axes.set_visible(False)
        every[0].legend()
        for axes in every[::2]:
            axes.set_ylabel(axis("energy_per_image", "pJ"))
        for axes in every[-2:]:
            axes.set_xlabel("images a second")
        figure.suptitle("What a rest costs, by policy of power", fontsize=10)
    return figure


def _limits(study: PowerStudy) -> tuple[float, float]:
    energies = [point.energy_aJ / _PJ for point in study.points]
    return min(energies) / 2, max(energies) * 2


def _mark(axes: Axes, study: PowerStudy, machine: str) -> None:
    """Mark the rates whose rests are as long as a state needs to pay, and an image alone."""
    found = study.break_even[machine]
    marks = (("gated pays", found.gated), ("off pays", found.off))
    for text, rest in marks:
        if rest is not None:
            rate = PS_PER_S / (rest + PS_PER_S / study.capacity[machine])
            axes.axvline(rate, color="#8c8c8c", lw=0.7, ls=(0, (1, 2)))
            axes.annotate(
                text, (rate, 0.98), xycoords=("data", "axes fraction"), rotation=90, va="top",
                ha="right", fontsize=7,
            )  # fmt: skip
    axes.axhline(study.image_aJ[machine] / _PJ, color="#8c8c8c", lw=0.7, ls=(0, (1, 2)))
