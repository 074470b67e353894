"""Prints what a program is made of and how far its order is from lower bounds."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from accelsim.cli.tables import new_table
from accelsim.compiler.report import ProgramReport
from accelsim.compiler.smallest import Fit
from accelsim.topology import SEQUENCER


def report_tables(report: ProgramReport) -> Iterator[Table]:
    """Give the tables of a report."""
    yield _layers(report)
    yield _planes(report)
    if report.overheads:
        yield _overheads(report)
    yield _bounds(report)


def fit_table(network: str, machine: str, found: Sequence[Fit]) -> Table:
    """Return the machines that can hold a network as a table, the cheapest first."""
    table = new_table(
        f"Smallest machines like '{machine}' that can hold '{network}', the cheapest first",
        left=("changes",),
        right=("cells", "synapses", "cycles"),
    )
    for fit in found:
        table.add_row(_settings(fit), f"{fit.cells:,}", f"{fit.synapses:,}", f"{fit.cycles:,}")
    table.caption = (
        f"To use the cheapest: {_settings(found[0])}\n"
        "Cheapest: fewest cells and synapses together (assumed); all else stays as it is."
    )
    return table


def _settings(fit: Fit) -> str:
    return " ".join(f"--set {key}={value}" for key, value in fit.changes.items())


def _layers(report: ProgramReport) -> Table:
    table = new_table(
        f"Steps of '{report.network}' on '{report.machine}': {report.steps}",
        left=("layer",),
        right=("steps", "folds", "partial sums", "first issue", "last issue"),
    )
    for row in report.layers:
        figures = (row.steps, row.folds, row.partial, row.first, row.last)
        table.add_row(row.layer, *(f"{figure:,}" for figure in figures))
    table.caption = "Issues: cycles of an image that is alone."
    return table


def _planes(report: ProgramReport) -> Table:
    table = new_table(
        "Planes of an image in a bank, at their peak",
        left=("where", "op", "layer"),
        right=("planes", "from step"),
        order=("where", "planes", "from step", "op", "layer"),
    )
    for peak in report.peaks:
        table.add_row(peak.place.described, str(peak.planes), f"{peak.step:,}", peak.op, peak.layer)
    return table


def _overheads(report: ProgramReport) -> Table:
    table = new_table(
        "What the size of the machine adds", left=("what",), right=("steps", "tap-cycles", "share")
    )
    for row in report.overheads:
        share = row.tap_cycles / report.tap_cycles
        table.add_row(row.what, f"{row.steps:,}", f"{row.tap_cycles:,}", f"{share:.1%}")
    return table


def _bounds(report: ProgramReport) -> Table:
    table = new_table(
        f"Lower bounds of the {report.cycles:,} cycles per image",
        left=("bound by",),
        right=("cycles", "image / bound"),
    )
    for bound in report.bounds:
        what = {"": "critical path", SEQUENCER: "issue slot"}.get(bound.what, bound.what)
        table.add_row(what, f"{bound.cycles:,}", f"{report.cycles / bound.cycles:.3f}")
    before = "needs more planes than there are"
    if report.layer_order is not None:
        gain = report.layer_order / report.cycles
        before = f"takes {report.layer_order:,} cycles, {gain:.3f} times as many"
    table.caption = (
        f"The order of layers and folds {before}.\n"
        "Of lanes and banks the one with the largest bound. An image alone, no refresh."
    )
    return table
