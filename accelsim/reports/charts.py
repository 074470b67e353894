"""The charts of a reproduction, as SVG text: the schedule of an image, energy by layer."""

from collections.abc import Mapping

from matplotlib.patches import Patch

from accelsim.plots import LEAST_LETTERS, WIDTHS
from accelsim.plots.files import svg_text
from accelsim.plots.layout import add_caption, legend_above, new_panels
from accelsim.plots.scales import log_axis
from accelsim.plots.style import look, styled
from accelsim.quantities import axis
from accelsim.simulation import Result

_WIDTH = WIDTHS["page"]
_ROW = 0.16  # inches
_UPRIGHT = 90  # degrees: numbers of neighbouring bars do not meet
_READ, _WRITE = look(0).area(), look(1).area()


def schedule_svg(result: Result, network: str) -> str:
    """Return the steps of a result's first image over time: read and write phase of each."""
    rows = result.schedule
    read = result.machine.timing.read_cycles.value * result.machine.period_ps / 1e3
    with styled():
        figure, (axes,) = new_panels(1, _WIDTH, _ROW * len(rows) + 0.5)
        for row in rows:
            start, end = row.t_start_ps / 1e3, row.t_end_ps / 1e3
            axes.barh(row.step, read, left=start, height=0.75, **_READ)
            axes.barh(row.step, end - start - read, left=start + read, height=0.75, **_WRITE)
            axes.annotate(
                f"{row.energy_aJ / 1e6:.4g} pJ", (end, row.step), (3, 0),
                textcoords="offset points", va="center", fontsize=LEAST_LETTERS,
            )  # fmt: skip
        axes.set_yticks([r.step for r in rows], [f"{r.step} {r.op} ({r.layer})" for r in rows])
        axes.tick_params("y", length=0)
        axes.set_ylim(rows[-1].step + 0.6, rows[0].step - 0.6)
        axes.set_xlabel("time, ns")
        axes.set_xlim(0, 1.08 * rows[-1].t_end_ps / 1e3)
        axes.legend(
            handles=[Patch(**_READ, label="read phase"), Patch(**_WRITE, label="write phase")],
            loc="lower left",
        )
        add_caption(
            figure,
            f"Schedule of an image, and the energy of each step. Network {network}, machine "
            f"{result.machine.name}.",
        )
        return svg_text(figure)


def energy_svg(results: Mapping[str, Result], network: str) -> str:
    """Return energy by layer of each machine's run, an image, on a logarithmic scale."""
    with styled():
        figure, (axes,) = new_panels(1, _WIDTH, 2.0)
        width = 0.8 / len(results)
        for place, (name, result) in enumerate(results.items()):
            layers = list(dict.fromkeys(row.layer for row in result.schedule))
            images = len(result.times)
            energies = [result.ledger.layer_aJ.get(layer, 0) / images / 1e6 for layer in layers]
            spots = [spot + (place - (len(results) - 1) / 2) * width for spot in range(len(layers))]
            bars = axes.bar(spots, energies, width, label=name, **look(place).area())
            axes.bar_label(
                bars, fmt="{:,.4g}", fontsize=LEAST_LETTERS, padding=1, rotation=_UPRIGHT
            )
            axes.set_xticks(range(len(layers)), layers)
        axes.set_ylabel(axis("energy_per_image", "pJ"))
        axes.set_yscale("log")
        axes.set_ylim(top=4 * axes.get_ylim()[1])
        log_axis(axes, "y")
        legend_above(figure, axes)
        machines = " and ".join(results)
        add_caption(figure, f"Energy per image by layer. Network {network}, machines {machines}.")
        return svg_text(figure)
