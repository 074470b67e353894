"""Figures of the device, as PNG and SVG. No display is needed."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from accelsim.device import criteria
from accelsim.device.conversion import NM, ConversionPoint
from accelsim.device.readstack import BEST_MEASURED
from accelsim.device.spintronic import IrmenResult
from accelsim.device.sweep import CUBIC_NM, SweepPoint
from accelsim.device.technology import BITS
from accelsim.device.waveform import Waveform
from accelsim.plots import BLUE, GREEN, GREY, ORANGE, STYLE, new_axes


def waveform_figure(waveform: Waveform) -> Figure:
    """Return the content of Fig. 3 of S2: drive, magnetization and read-out over time."""
    with mpl.rc_context(STYLE):
        figure, (drive, moment, output) = new_axes(3, 1, (8, 6), share_x=True)
        time = waveform.time * 1e9
        drive.plot(time, waveform.field, color=GREEN, label="ME capacitor (level)")
        drive.fill_between(
            time, waveform.supply - 2.2, -2.2, color=GREY, lw=0, label="read pulses (supply)"
        )
        drive.set(ylabel="level", ylim=(-2.3, 2.4), yticks=(-1, 0, 1))
        drive.legend(loc="upper right", ncols=2)
        moment.plot(time, waveform.m[1], color=BLUE, lw=0.7, label="magnetization $m_y$")
        moment.plot(time, waveform.field, color=GREEN, lw=1, ls="--", label="level written")
        moment.set(ylabel="$m_y$", ylim=(-1.15, 1.6))
        moment.legend(loc="upper right", ncols=2)
        output.plot(
            time, waveform.settled * 1e3, color=GREY, lw=0.5, label="without the read-out's RC"
        )
        output.plot(time, waveform.output * 1e3, color=ORANGE, lw=1.1, label="output")
        shown = np.maximum(abs(waveform.settled), abs(waveform.output))  # held and not read: noise
        top = 1.6 * float(shown.max()) * 1e3
        output.set(ylabel="output, mV", xlabel="time, ns", ylim=(-top / 1.3, top))
        output.set_xlim(time[0], time[-1])
        output.legend(loc="upper right", ncols=2)
        return figure


def characterization_figure(result: IrmenResult) -> Figure:
    """Return transfer function, settling and read-out noise of an IRMEN cell."""
    with mpl.rc_context(STYLE):
        figure, (transfer, settling, noise) = new_axes(1, 3, (11, 3.6), share_x=False)
        _transfer(transfer, result)
        _settling(settling, result)
        _noise(noise, result)
        return figure


def _transfer(axes: Axes, result: IrmenResult) -> None:
    seen = result.seen
    axes.plot(seen.levels, np.clip(seen.levels, -1, 1), color=GREY, label="clip")
    axes.plot(seen.levels, seen.own, "o", ms=3, color=BLUE, label="mean of a read")
    axes.set(xlabel="level driven", ylabel="value read, of full scale", title="Transfer")
    axes.legend()


def _settling(axes: Axes, result: IrmenResult) -> None:
    period = result.timing.period_ps / 1e3
    swing = result.settling.swing
    axes.plot(
        BITS, [t * 1e9 for t in result.magnetization], "o-", ms=4, color=BLUE,
        label=f"-{swing:g} to {swing:g}",
    )  # fmt: skip
    axes.plot(BITS, [t * 1e9 for t in result.settling.worst], ".:", color=ORANGE, label="any step")
    envelope = [criteria.envelope(result.device, swing, bits) * 1e9 for bits in BITS]
    axes.plot(BITS, envelope, ".--", color=GREEN, label="envelope")
    axes.axhline(
        result.timing.write_cycles * period, color=GREY, lw=0.8, label="write phase scheduled"
    )
    axes.axvline(result.timing.precision, color=GREY, lw=0.5, ls=":")
    axes.set(xlabel="precision, bits", ylabel="settled after, ns", title="Write", ylim=(0, None))
    axes.legend(fontsize=7.5)


def _noise(axes: Axes, result: IrmenResult) -> None:
    noise = result.noise
    chosen = (0, len(noise.levels) // 2, len(noise.levels) - 1)
    for row, color in zip(chosen, (BLUE, GREEN, ORANGE), strict=True):
        axes.plot(
            noise.times * 1e9, noise.sigma[row], color=color, label=f"level {noise.levels[row]:.2g}"
        )
    axes.axhline(result.device.write_ktc, color=GREY, lw=0.8, ls="--", label="kT/C of a write")
    axes.axvline(result.timing.read_phase * 1e9, color=GREY, lw=0.5, ls=":")
    axes.set(
        xlabel="read time, ns", ylabel="$\\sigma$ of a read, of full scale", title="Read-out noise",
        ylim=(0, None), xlim=(0, None),
    )  # fmt: skip
    axes.legend(fontsize=7.5)


def sweep_figure(points: Sequence[SweepPoint]) -> Figure:
    """Return noise, settling and flips of m_x against volume and stability."""
    with mpl.rc_context(STYLE):
        figure, panels = new_axes(1, 3, (11, 3.8), share_x=False)
        volume = [point.volume / CUBIC_NM for point in points]
        per = points[-1].stability / volume[-1]
        noise, settling, flips = panels
        noise.plot(
            volume, [p.instantaneous for p in points], "s--", ms=3, color=GREY,
            label="before the RC",
        )  # fmt: skip
        noise.errorbar(
            volume, [p.sigma for p in points], [p.sigma_error for p in points],
            fmt="o-", ms=4, capsize=2, color=ORANGE, label="after the read",
        )  # fmt: skip
        noise.set(
            ylabel="$\\sigma$ at level 0.5, of full scale", ylim=(0, None),
            title="bars: standard error",
        )  # fmt: skip
        noise.legend()
        settling.plot(
            volume, [p.settling * 1e9 for p in points], "o-", ms=4, color=BLUE, label="full swing"
        )
        settling.plot(
            volume, [p.worst * 1e9 for p in points], ".:", color=ORANGE, label="worst step"
        )
        settling.set(ylabel=f"settled to {points[0].timing.precision} bits, ns")
        settling.legend()
        flips.semilogy(volume, [p.flip for p in points], "o-", ms=4, color=GREEN)
        for seconds, name in ((1.0, "1 s"), (3.156e7, "1 year"), (3.156e8, "10 years")):
            flips.axhline(seconds, color=GREY, lw=0.5, ls=":")
            flips.annotate(name, (volume[0], seconds), fontsize=7, color=GREY, va="bottom")
        flips.set(ylabel="$m_x$ flips after (Néel-Arrhenius), s")
        for axes in panels:
            axes.set_xlabel("volume, nm$^3$")
            # Square magnets: the barrier is proportional to the volume.
            top = axes.secondary_xaxis(
                "top", functions=(lambda v: np.asarray(v) * per, lambda d: np.asarray(d) / per)
            )
            top.set_xlabel("$\\Delta$, kT")
        return figure


def conversion_figure(points: Sequence[ConversionPoint]) -> Figure:
    """Return output voltage and noise of a read against the conversion length."""
    with mpl.rc_context(STYLE):
        figure, (output, noise) = new_axes(1, 2, (9, 3.8), share_x=False)
        length = [point.length / NM for point in points]
        output.loglog(length, [p.voltage * 1e3 for p in points], "o-", ms=4, color=BLUE)
        output.axhline(BEST_MEASURED * 1e3, color=GREY, lw=0.8, ls="--", label="largest measured")
        output.set(ylabel="output at $m_y$ = 1, mV")
        output.legend()
        for name, values, color in (
            ("kT/C", [p.readout_ktc for p in points], GREEN),
            ("shot", [p.shot for p in points], GREY),
        ):
            noise.loglog(length, values, "--", color=color, label=name)
        noise.errorbar(
            length, [p.noise for p in points], [p.noise_error for p in points],
            fmt="o-", ms=4, capsize=2, color=ORANGE, label="a read at level 0.5",
        )  # fmt: skip
        noise.set(ylabel="$\\sigma$, of full scale", title="bars: standard error")
        noise.legend()
        for axes in (output, noise):
            axes.set_xlabel("conversion length $\\lambda_{IREE}$, nm")
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
                axis.set_major_formatter("{x:g}")
                axis.set_minor_formatter(NullFormatter())
        return figure
