"""The charts of a reproduction, as SVG text: the schedule of an image, energy by layer."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from accelsim.quantities import axis
from accelsim.simulation import Result

# Two pairs that stay apart in print and for colour-blind readers.
READ, WRITE = "#1b6ca8", "#f2a65a"
COLOURS = {"irmen": "#1b6ca8", "charge": "#b3541e"}
_STYLE: Any = {
    "svg.hashsalt": "accelsim",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def schedule_svg(result: Result) -> str:
    """Return the steps of a result's first image over time: read and write phase of each."""
    with _figure(9.5, 0.24 * len(result.schedule) + 1.1) as figure:
        axes = figure.subplots()
        read = result.machine.timing.read_cycles.value * result.machine.period_ps / 1e3
        for row in result.schedule:
            start, end = row.t_start_ps / 1e3, row.t_end_ps / 1e3
            axes.barh(row.step, read, left=start, color=READ, height=0.7)
            axes.barh(row.step, end - start - read, left=start + read, color=WRITE, height=0.7)
            energy = f"{row.energy_aJ / 1e6:.4g} pJ"
            axes.annotate(
                energy, (end, row.step), (4, 0), textcoords="offset points", va="center", size=8
            )
        names = [f"{row.step} {row.op} ({row.layer})" for row in result.schedule]
        axes.set_yticks([row.step for row in result.schedule], names)
        axes.invert_yaxis()
        axes.set_xlabel("time, ns")
        axes.set_xlim(0, 1.12 * result.schedule[-1].t_end_ps / 1e3)
        keys = [Patch(color=READ, label="read phase"), Patch(color=WRITE, label="write phase")]
        axes.legend(handles=keys, loc="lower left", frameon=False)
        return _svg(figure)


def energy_svg(results: Mapping[str, Result]) -> str:
    """Return energy by layer of each machine's run, an image, on a logarithmic scale."""
    with _figure(9.5, 3.2) as figure:
        axes = figure.subplots()
        width = 0.8 / len(results)
        for place, (name, result) in enumerate(results.items()):
            layers = {row.layer: 0.0 for row in result.schedule}
            images = len(result.times)
            for layer in layers:
                layers[layer] = result.ledger.layer_aJ.get(layer, 0) / images / 1e6
            spots = [spot + (place - (len(results) - 1) / 2) * width for spot in range(len(layers))]
            colour = COLOURS.get(name)
            bars = axes.bar(spots, list(layers.values()), width, label=name, color=colour)
            axes.bar_label(bars, fmt="{:,.1f}", fontsize=7, padding=2)
            axes.set_xticks(range(len(layers)), list(layers))
        axes.set_yscale("log")
        axes.set_ylabel(axis("energy_per_image", "pJ"))
        axes.legend(frameon=False)
        return _svg(figure)


@contextmanager
def _figure(width: float, height: float) -> Iterator[Figure]:
    with mpl.rc_context(_STYLE):
        yield Figure(figsize=(width, height), layout="constrained")


def _svg(figure: Figure) -> str:
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    text = stream.getvalue()
    return text[text.index("<svg") :]
