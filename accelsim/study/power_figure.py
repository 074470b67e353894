"""The figure of a study of power: energy of an image against the rate of images, by policy."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.config.power import POLICIES
from accelsim.plots import COLUMN, LEAST_LETTERS
from accelsim.plots.layout import add_caption, legend_above, name_panel, new_panels
from accelsim.plots.scales import log_axis
from accelsim.plots.style import GREY, look, nested, styled
from accelsim.quantities import axis
from accelsim.study.captions import Source
from accelsim.study.power import PowerStudy
from accelsim.units import PS_PER_S

_PJ = 1e6
_HEIGHT = 1.5  # of a panel, inches
_DOTTED: Any = {"color": GREY, "lw": 0.6, "ls": (0, (1, 2)), "zorder": 0}


def power_figure(study: PowerStudy, source: Source, width: float = COLUMN) -> Figure:
    """Return a panel for each machine; thin lines: where states pay, and an image alone."""
    machines = list(study.break_even)
    with styled():
        figure, panels = new_panels(len(machines), width, _HEIGHT, across=2, share_x=True)
        for axes, machine in zip(panels, machines, strict=True):
            for number, policy in enumerate(POLICIES):
                points = study.of(machine, policy)
                axes.plot(
                    [point.rate for point in points], [point.energy_aJ / _PJ for point in points],
                    **look(number).line(), ms=nested(number), label=policy.replace("_", " "),
                )  # fmt: skip
            axes.set_ylim(*_limits(study))
            log_axis(axes, "x")
            log_axis(axes, "y")
            axes.grid(axis="y")
            name_panel(axes, machine)
            _mark(axes, study, machine)
            axes.set_ylabel(axis("energy_per_image", "pJ"))
        below = panels[-1:] if width <= COLUMN else panels[-2:]
        for axes in below:
            axes.set_xlabel("rate, images a second")
        legend_above(figure, panels[0])
        what = "Energy of an image with its rest, by policy of power"
        more = "Dotted: rates from which down a state pays, and an image alone."
        add_caption(figure, source.caption(what, more))
    return figure


def _limits(study: PowerStudy) -> tuple[float, float]:
    energies = [point.energy_aJ / _PJ for point in study.points]
    return min(energies) / 2, max(energies) * 3


def _mark(axes: Axes, study: PowerStudy, machine: str) -> None:
    """Mark the rates whose rests are as long as a state needs to pay, and an image alone."""
    found = study.break_even[machine]
    marks = (("gated pays", found.gated, "right"), ("off pays", found.off, "left"))
    for text, rest, side in marks:
        if rest is not None:
            rate = PS_PER_S / (rest + PS_PER_S / study.capacity[machine])
            axes.axvline(rate, **_DOTTED)
            axes.annotate(
                text, (rate, 0.98), xycoords=("data", "axes fraction"), rotation=90, va="top",
                ha=side, fontsize=LEAST_LETTERS,
            )  # fmt: skip
    axes.axhline(study.image_aJ[machine] / _PJ, **_DOTTED)
