"""What stands below the bars of the figure: the queue, power and energy, over the same time."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from accelsim.plots import LEAST_LETTERS
from accelsim.records.view import Column
from accelsim.timeline.bins import Floats, Load
from accelsim.timeline.look import energy_colour, energy_hatch

LEGEND: Any = {
    "fontsize": LEAST_LETTERS, "handlelength": 1, "handleheight": 0.8, "columnspacing": 0.8,
    "handletextpad": 0.4, "borderpad": 0, "labelspacing": 0.25, "borderaxespad": 0.4,
}  # fmt: skip


def draw_queue(axes: Axes, edges: Column, lengths: Column | Floats) -> None:
    """Draw how many images wait in the host's queue, between edges in ps."""
    axes.stairs(lengths, edges / 1e3, color="#222222", lw=0.7, fill=True, alpha=0.35)
    axes.stairs(lengths, edges / 1e3, color="#222222", lw=0.7, baseline=None)
    axes.set_ylabel("queue")
    axes.set_ylim(0, max(1.0, 1.15 * float(lengths.max(initial=0))))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))


def draw_power(axes: Axes, load: Load) -> None:
    """Draw the power of all groups."""
    total = sum(load.power_mW.values(), np.zeros(len(load.widths)))
    axes.stairs(total, load.edges / 1e3, color="#222222", lw=0.7, fill=True, alpha=0.75)
    axes.set_ylabel("power, mW")
    axes.set_ylim(0)


def draw_energy(axes: Axes, load: Load, *, wide: bool) -> None:
    """Draw the energy since the left edge, by group, with a legend below."""
    below = np.zeros(len(load.edges))
    drawn = {group: energy for group, energy in load.energy_aJ.items() if energy.any()}
    total = sum(float(energy.sum()) for energy in drawn.values())
    unit, scale = ("nJ", 1e9) if total >= 1e9 else ("pJ", 1e6)
    for group, energy in drawn.items():
        above = below + np.append(0.0, np.cumsum(energy)) / scale
        axes.fill_between(load.edges / 1e3, below, above, **_look(group))
        below = above
    axes.set_ylabel(f"energy, {unit}")
    axes.set_ylim(0, 1.3 * total / scale or 1)
    handles = [Patch(**_look(group), label=group) for group in drawn]
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, -0.55), ncols=8 if wide else 4,
        **LEGEND,
    )  # fmt: skip


def _look(group: str) -> Any:
    colour, hatch = energy_colour(group), energy_hatch(group)
    return {"facecolor": colour, "hatch": hatch, "edgecolor": "white", "lw": 0}
