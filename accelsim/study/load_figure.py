"""The figure of a study of load: time in the system against the rate of a stream."""

import matplotlib as mpl
from matplotlib.figure import Figure

from accelsim.plots import COLOURS, STYLE, new_axes
from accelsim.quantities import axis
from accelsim.study.load import SATURATED, LoadStudy

_MARKERS = "osD^v<>"


def load_figure(study: LoadStudy) -> Figure:
    """Return mean and 95th percentile by contexts; dotted lines: what the machine can take."""
    with mpl.rc_context(STYLE):
        figure, (axes, power) = new_axes(1, 2, (10, 4))
        for number, (contexts, capacity) in enumerate(study.capacity.items()):
            chosen = [each for each in study.points if each.contexts == contexts]
            colour, marker = COLOURS[number % len(COLOURS)], _MARKERS[number % len(_MARKERS)]
            rates = [each.rate / 1e6 for each in chosen]
            means = [each.load.in_system.value / 1e3 for each in chosen]
            errors = [(each.load.in_system.half or 0) / 1e3 for each in chosen]
            label = f"{contexts} context{'s' * (contexts > 1)}"
            axes.errorbar(
                rates, means, errors, color=colour, marker=marker, ms=4, lw=1.2, capsize=2,
                label=label,
            )  # fmt: skip
            late = [each.load.percentiles[1] / 1e3 for each in chosen]
            axes.plot(rates, late, color=colour, marker=marker, ms=3, lw=0.8, ls="--")
            for each in (axes, power):
                each.axvline(capacity / 1e6, color=colour, lw=0.8, ls=":")
            energy = [each.energy_aJ / 1e6 for each in chosen]
            power.plot(rates, energy, color=colour, marker=marker, ms=4, lw=1.2, label=label)
        axes.set_yscale("log")
        axes.set(
            xlabel="offered load, million images a second (dotted: saturation)",
            ylabel=f"{axis('time_in_system', 'ns')} (solid: mean, dashed: p95)",
        )
        power.set(
            xlabel="offered load, million images a second",
            ylabel=axis("energy_per_image", "pJ"),
        )
        for each in (axes, power):
            each.grid(axis="y", lw=0.3)
        axes.legend()
        figure.suptitle(f"Latency under load: {study.process} arrivals", fontsize=10)
        if study.is_saturated:
            figure.supxlabel(f"{SATURATED}.", fontsize=7)
    return figure
