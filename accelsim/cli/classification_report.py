"""What `accelsim run` prints of what is behind the handoff, beside the published scope."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from accelsim.analysis import Figure, Stats
from accelsim.cli.tables import new_table
from accelsim.compiler import ClassifierDesign, Program, stages_of
from accelsim.config import Machine
from accelsim.config.digital import codes_text
from accelsim.simulation import Result
from accelsim.units import render

_SHOWN = (
    ("latency", "latency"),
    ("makespan", "makespan"),
    ("throughput", "throughput"),
    ("energy/image", "energy_per_image"),
)


def print_classification(console: Console, result: Result, up_to_label: Stats) -> None:
    """Print the scope up to the class label beside the published one."""
    console.print(scopes_table(result, up_to_label))
    stages = stages_table(result.program, result.machine)
    if stages is not None:
        console.print(stages)
    waits = "; ".join(_waits(up_to_label))
    if waits:
        console.print(f"Waits on average: {waits}.\n")


def scopes_table(result: Result, up_to_label: Stats) -> Table:
    """Return figures of the scope that ends with the handoff, and of that up to the label."""
    table = new_table(
        "To the class label", left=("",), right=("published scope", "classification", "behind")
    )
    behind = up_to_label.behind_handoff or {}
    for label, name in _SHOWN:
        of_both = (getattr(stats, name) for stats in (result.stats, up_to_label))
        table.add_row(label, *map(_text, of_both), _text(behind.get(name)))
    accuracies = result.stats.accuracy, up_to_label.accuracy
    if accuracies[0] is not None and accuracies[1] is not None:
        table.add_row("accuracy", *(f"{100 * each.value:.2f} %" for each in accuracies if each), "")
        codes = codes_text(result.machine.converters, result.machine.digital)
        table.caption = f"Accuracy: ideal layers outside; {codes}."
    return table


def stages_table(program: Program, machine: Machine) -> Table | None:
    """Return what is done behind the handoff for an image; None if nothing is."""
    design = ClassifierDesign.of(machine)
    if design is None:
        return None
    prices, total = machine.prices_aJ, 0
    right = ("step", "time", "count", "reads", "writes", "pJ")
    table = new_table(
        "Behind the handoff", left=("op", "layer", "by"), right=right,
        order=("step", "op", "layer", "by", *right[1:]),
    )  # fmt: skip
    for stage in stages_of(design, program).all:
        energy = sum(
            prices[action] * number
            for _, _, actions in stage.acts
            for action, number in actions.items()
        )
        total += energy
        table.add_row(
            str(stage.step), stage.op, stage.layer, stage.path.partition(".")[2],
            render(stage.time_ps, "ps"), f"{sum(stage.actions.values()):,}",
            f"{stage.reads:,}", f"{stage.writes:,}", f"{energy / 1e6:.3f}",
        )  # fmt: skip
    table.columns[1].footer = "total"
    table.columns[-1].footer = f"{total / 1e6:.3f}"
    table.show_footer = True
    table.caption = (
        "count: conversions, products or operations of an image. reads, writes: words of\n"
        "the SRAM. pJ: without leakage."
    )
    return table


def _waits(stats: Stats) -> Iterator[str]:
    """Say what waited for what, on average."""
    figures = stats.behind_handoff or {}
    for name, what in (
        ("conversion_wait", "of results for the ADC {}"),
        ("compute_wait", "of codes for the engine {}"),
        ("handoff_wait", "of handoffs for a place at the boundary {}"),
    ):
        if name in figures and figures[name].value:
            yield what.format(_text(figures[name]))


def _text(figure: Figure | None) -> str:
    return "" if figure is None else render(figure.value, figure.unit)
