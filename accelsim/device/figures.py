"""Figures of one cell: what it does over time, and what its characterization is drawn from."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.device import criteria
from accelsim.device.spintronic import IrmenResult
from accelsim.device.technology import BITS
from accelsim.device.waveform import Waveform
from accelsim.plots import COLUMN
from accelsim.plots.layout import add_caption, legend_beside, name_panel, new_panels
from accelsim.plots.style import GREY, PALE, look, styled

_THIN: Any = {"color": GREY, "lw": 0.7}
_BELOW = 0.75  # of a panel: below its legend


def waveform_figure(waveform: Waveform, caption: str, width: float = COLUMN) -> Figure:
    """Return the content of Fig. 3 of S2: drive, magnetization and read-out over time."""
    with styled():
        figure, (drive, moment, output) = new_panels(3, width, 1.25, across=1, share_x=True)
        time = waveform.time * 1e9
        drive.plot(time, waveform.field, color="black", lw=1.2, label="ME capacitor")
        drive.fill_between(
            time, waveform.supply - 2.2, -2.2, color=PALE, lw=0, label="read pulses (supply)"
        )
        drive.set(ylabel="level", ylim=(-2.3, 1.4), yticks=(-1, 0, 1))
        moment.plot(time, waveform.m[1], color=look(0).colour, lw=0.6, label="magnetization")
        moment.plot(time, waveform.field, color="black", lw=0.8, ls="--", label="level written")
        moment.set(ylabel="m along hard axis", ylim=(-1.15, 1.15), yticks=(-1, 0, 1))
        shown = np.maximum(abs(waveform.settled), abs(waveform.output))  # held and not read: noise
        top = 1.1 * float(shown.max()) * 1e3
        output.plot(time, waveform.settled * 1e3, color=PALE, lw=0.5, label="without RC")
        output.plot(
            time, waveform.output * 1e3, color=look(2).colour, lw=0.9, label="output of the read"
        )
        output.set(ylabel="output, mV", xlabel="time, ns", ylim=(-top, top))
        output.set_xlim(time[0], time[-1])
        for axes in (drive, moment, output):
            legend_beside(axes)
        figure.align_ylabels([drive, moment, output])
        what = "Two levels written, held and read again and again (as Fig. 3 of S2)."
        add_caption(figure, f"{what} {caption}")
        return figure


def characterization_figure(result: IrmenResult, caption: str, width: float = COLUMN) -> Figure:
    """Return transfer function, settling and read-out noise of an IRMEN cell."""
    with styled():
        figure, (transfer, settling, noise) = new_panels(3, width, 1.9)
        _transfer(transfer, result)
        _settling(settling, result)
        _noise(noise, result)
        what = (
            f"Cell characterized. (b) Write phase: {result.timing.write_cycles} cycles; dotted: "
            "the precision of the machine. (c) Dotted: the read phase."
        )
        add_caption(figure, f"{what} {caption}")
        return figure


def _transfer(axes: Axes, result: IrmenResult) -> None:
    seen = result.seen
    axes.plot(seen.levels, np.clip(seen.levels, -1, 1), **_THIN, label="clip")
    shown = {**look(0).line(), "ls": "", "mfc": "none"}
    axes.plot(seen.levels, seen.own, **shown, label="mean of a read")
    axes.set(xlabel="level driven", ylabel="value read, of full scale")
    name_panel(axes, "transfer")
    axes.legend(loc="upper left")


def _settling(axes: Axes, result: IrmenResult) -> None:
    period = result.timing.period_ps / 1e3
    swing = result.settling.swing
    envelope = [criteria.envelope(result.device, swing, bits) * 1e9 for bits in BITS]
    full = [time * 1e9 for time in result.magnetization]
    worst = [time * 1e9 for time in result.settling.worst]
    phase = result.timing.write_cycles * period
    for number, (name, times) in enumerate(
        ((f"−{swing:g} to {swing:g}", full), ("any step", worst), ("envelope", envelope))
    ):
        axes.plot(BITS, times, **look(number).line(), label=name)
    axes.axhline(phase, **_THIN, label="write phase")
    axes.axvline(result.timing.precision, ymax=_BELOW, **_THIN, ls=(0, (1, 2)))
    axes.set(xlabel="precision, bits", ylabel="settled after, ns")
    axes.set_ylim(0, 1.45 * max(*full, *worst, *envelope, phase))
    name_panel(axes, "write")
    axes.legend(loc="upper left", ncols=2)


def _noise(axes: Axes, result: IrmenResult) -> None:
    noise = result.noise
    chosen = (0, len(noise.levels) // 2, len(noise.levels) - 1)
    for number, row in enumerate(chosen):
        shown = look(number)
        axes.plot(
            noise.times * 1e9, noise.sigma[row], color=shown.colour, ls=shown.dash,
            label=f"level {noise.levels[row]:.2g}",
        )  # fmt: skip
    axes.axhline(result.device.write_ktc, **_THIN, label="kT/C of a write")
    axes.axvline(result.timing.read_phase * 1e9, ymax=_BELOW, **_THIN, ls=(0, (1, 2)))
    axes.set(xlabel="read time, ns", ylabel="σ of a read, of full scale")
    axes.set(
        xlim=(0, None), ylim=(0, 1.25 * max(float(noise.sigma.max()), result.device.write_ktc))
    )
    name_panel(axes, "read-out noise")
    axes.legend(loc="upper right", ncols=2)
