"""Figures of sweeps of a cell: size and stability, and the length of its read-out's IR layer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.device.conversion import NM, ConversionPoint
from accelsim.device.readstack import BEST_MEASURED
from accelsim.device.sweep import CUBIC_NM, SweepPoint
from accelsim.plots import COLUMN, LEAST_LETTERS
from accelsim.plots.layout import add_caption, legend_beside, new_panels
from accelsim.plots.scales import log_axis
from accelsim.plots.style import GREY, look, styled

_DOTTED: Any = {"color": GREY, "lw": 0.6, "ls": (0, (1, 2)), "zorder": 0}
_LIVES = ((1.0, "1 s"), (3.156e8, "10 years"))
_BARS = "Bars: standard error."


def sweep_figure(points: Sequence[SweepPoint], caption: str, width: float = COLUMN) -> Figure:
    """Return noise, settling and flips of m_x against volume and stability."""
    with styled():
        figure, panels = new_panels(3, width, 1.9)
        volume = [point.volume / CUBIC_NM for point in points]
        noise, settling, flips = panels
        before, after = [p.instantaneous for p in points], [p.sigma for p in points]
        noise.plot(volume, before, **look(1).line(), label="instantaneous")
        errors = [p.sigma_error for p in points]
        noise.errorbar(volume, after, errors, **look(0).line(), label="after the read")
        noise.set_ylabel("σ at level 0.5, of full scale")
        full, worst = [1e9 * p.settling for p in points], [1e9 * p.worst for p in points]
        settling.plot(volume, full, **look(0).line(), label="full swing")
        settling.plot(volume, worst, **look(1).line(), label="worst step")
        settling.set_ylabel(f"settled to {points[0].timing.precision} bits, ns")
        flips.plot(volume, [p.flip for p in points], **look(0).line())
        flips.set_ylabel("direction flips after, s")
        log_axis(flips, "y")
        _lives(flips, volume[0])
        for axes in (noise, settling):
            axes.set_ylim(0, 1.35 * axes.get_ylim()[1])
            axes.legend(loc="upper right")
        _name_volumes(panels, points, stacked=width <= COLUMN)
        what = f"Size and stability of the magnet. (c) Néel-Arrhenius. {_BARS}"
        add_caption(figure, f"{what} {caption}")
        return figure


def conversion_figure(
    points: Sequence[ConversionPoint], caption: str, width: float = COLUMN
) -> Figure:
    """Return output voltage and noise of a read against the conversion length."""
    with styled():
        figure, (output, noise) = new_panels(2, width, 1.9)
        length = [point.length / NM for point in points]
        output.plot(length, [p.voltage * 1e3 for p in points], **look(0).line(), label="output")
        output.axhline(BEST_MEASURED * 1e3, color=GREY, lw=0.8, ls="--", label="largest measured")
        output.set_ylabel("output at full scale, mV")
        noise.errorbar(
            length, [p.noise for p in points], [p.noise_error for p in points], **look(0).line(),
            label="read at level 0.5",
        )  # fmt: skip
        for number, (name, values) in enumerate(
            (("kT/C", [p.readout_ktc for p in points]), ("shot", [p.shot for p in points])), 1
        ):
            noise.plot(length, values, **look(number).line(), label=name)
        noise.set_ylabel("σ, of full scale")
        for axes in (output, noise):
            axes.set_xlabel("conversion length λ, nm")
            log_axis(axes, "x")
            log_axis(axes, "y")
            legend_beside(axes)
        what = f"Read-out by the length of spin-to-charge conversion. {_BARS}"
        add_caption(figure, f"{what} {caption}")
        return figure


def _lives(axes: Axes, left: float) -> None:
    low, high = axes.get_ylim()
    for seconds, name in _LIVES:
        if low < seconds < high:
            axes.axhline(seconds, **_DOTTED)
            axes.annotate(
                name, (left, seconds), (0, 1), textcoords="offset points", va="bottom",
                fontsize=LEAST_LETTERS, color=GREY,
            )  # fmt: skip


def _name_volumes(panels: Sequence[Axes], points: Sequence[SweepPoint], *, stacked: bool) -> None:
    """Name volumes below and stabilities above; of panels on one another, once."""
    # Square magnets: the barrier is proportional to the volume.
    per = points[-1].stability / (points[-1].volume / CUBIC_NM)
    for axes in panels[-1:] if stacked else panels:
        axes.set_xlabel("volume, nm³")
    for axes in panels[:1] if stacked else panels:
        top = axes.secondary_xaxis(
            "top", functions=(lambda v: np.asarray(v) * per, lambda d: np.asarray(d) / per)
        )
        top.set_xlabel("stability Δ, kT")
