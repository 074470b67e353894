"""The figure of a study of load: time in the system against the rate of a stream."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.plots import COLUMN
from accelsim.plots.layout import add_caption, legend_above, new_panels
from accelsim.plots.scales import log_axis
from accelsim.plots.style import Look, look, nested, styled
from accelsim.quantities import axis
from accelsim.study.captions import Source
from accelsim.study.load import SATURATED, LoadPoint, LoadStudy

_LATE = 1  # of the percentiles of a stream's load: 95 %


def load_figure(study: LoadStudy, source: Source, width: float = COLUMN) -> Figure:
    """Return time in the system and energy by contexts; dotted lines: what the machine can take."""
    with styled():
        figure, (times, energy) = new_panels(2, width, 2.1)
        for number, (contexts, capacity) in enumerate(study.capacity.items()):
            chosen = [each for each in study.points if each.contexts == contexts]
            shown = look(number)
            label = f"{contexts} context{'s' * (contexts > 1)}"
            size = nested(number)
            _draw_times(times, chosen, shown, size, label)
            rates = [each.rate / 1e6 for each in chosen]
            energy.plot(rates, [each.energy_aJ / 1e6 for each in chosen], **shown.line(), ms=size)
            for axes in (times, energy):
                axes.axvline(capacity / 1e6, color=shown.colour, lw=0.7, ls=(0, (1, 2)), zorder=0)
                axes.set_xlabel("offered load, million images a second")
                axes.grid(axis="y")
        times.set_ylabel(axis("time_in_system", "ns"))
        energy.set_ylabel(axis("energy_per_image", "pJ"))
        log_axis(times, "y")
        legend_above(figure, times)
        more = [
            "Time: mean with its 95 % interval (filled), p95 (hollow).",
            "Energy with standby. Dotted lines: saturation.",
            *([f"{SATURATED}."] if study.is_saturated else []),
        ]
        what = f"Latency under load, {study.process} arrivals"
        add_caption(figure, source.caption(what, *more))
    return figure


def _draw_times(axes: Axes, points: list[LoadPoint], shown: Look, size: float, label: str) -> None:
    rates = [each.rate / 1e6 for each in points]
    means = [each.load.in_system.value / 1e3 for each in points]
    errors = [(each.load.in_system.half or 0) / 1e3 for each in points]
    late = [each.load.percentiles[_LATE] / 1e3 for each in points]
    axes.errorbar(rates, means, errors, **shown.line(), ms=size, label=label)
    axes.plot(rates, late, **shown.line(), ms=size, mfc="white", lw=0.6)
