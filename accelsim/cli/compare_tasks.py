"""What `accelsim compare` does: read machines and networks, run, print, draw."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from accelsim.cli.compare import comparison_tree, print_comparison
from accelsim.cli.consoles import plain_console
from accelsim.cli.jsons import print_json
from accelsim.cli.options import DEFAULT_WORKLOAD, parse_images
from accelsim.cli.report import print_warnings
from accelsim.cli.tables import new_table
from accelsim.config.machine import parse_changes
from accelsim.errors import InputError
from accelsim.network import Network, load_network
from accelsim.quantities import heading, label, text
from accelsim.reports.comparison import Column, MachineComparison, compare, compare_on
from accelsim.reports.contenders import Contender, read_contender
from accelsim.reports.sensitivity import Order, sensitivity

_IN_LINES = ("latency", "energy_per_image", "energy_delay_product", "accuracy")


@dataclass(frozen=True)
class Wanted:
    """What the command was given."""

    contenders: Sequence[str]
    workloads: Sequence[str]
    images: str | None
    changes: Sequence[str]
    sensitivity: bool = False


def run_compare(wanted: Wanted, outdir: Path | None, width: float, *, as_json: bool) -> None:
    """Compare, print tables or JSON, and draw the figure where one is asked for."""
    settings = parse_changes(list(wanted.changes))
    chosen = [read_contender(each, settings) for each in wanted.contenders]
    networks = _networks(chosen, wanted.workloads)
    some = None if wanted.images is None else parse_images(wanted.images)
    orders: list[Order] = []
    with Console(stderr=True).status("starting") as status:
        if networks:
            found = compare_on(chosen, networks, some, status.update)
        else:
            found = (compare(chosen, None, some, status.update),)
        if wanted.sensitivity:
            status.update("moving one constant at a time")
            orders = _orders(chosen, found[0], networks)
    if as_json:
        print_json(_tree(found, orders))
    else:
        _print(plain_console(), found, orders)
    if outdir is not None:
        _draw(found, outdir, width, quietly=as_json)


def _networks(chosen: Sequence[Contender], workloads: Sequence[str]) -> list[Network]:
    """Return the networks to run; none beside runs, which have their own."""
    if not workloads and any(each.run for each in chosen):
        return []
    return [load_network(name) for name in workloads or [DEFAULT_WORKLOAD]]


def _orders(
    chosen: Sequence[Contender], found: MachineComparison, networks: Sequence[Network]
) -> list[Order]:
    if not networks:
        raise InputError("--sensitivity: runs alone were given; expected machines")
    return sensitivity(chosen, found.names, networks[0])


def _tree(found: Sequence[MachineComparison], orders: Sequence[Order]) -> dict[str, object]:
    """Return what --json prints: of several networks a list of comparisons."""
    trees = [comparison_tree(each) for each in found]
    tree: dict[str, object] = trees[0] if len(trees) == 1 else {"networks": trees}
    return tree | {"sensitivity": [asdict(order) for order in orders]} if orders else tree


def _print(console: Console, found: Sequence[MachineComparison], orders: Sequence[Order]) -> None:
    if len(found) == 1:
        print_comparison(console, found[0])
    else:
        _print_lines(console, found)
    for order in orders:
        if order.turns:
            console.print(_turns_table(order))
        else:
            console.print(f"{_order_text(order)}: no constant alone changes that.\n")
    if orders:
        console.print(
            f"On {found[0].network}, one constant of one machine at a time, 64 times up or down "
            "at most; published constants stay. 'Plausible' is the range that the source of the "
            "constant names.",
            markup=False,
        )


def _print_lines(console: Console, found: Sequence[MachineComparison]) -> None:
    """Print a line for each machine on each network."""
    first = found[0]
    for column in first.columns:
        print_warnings(console, column.machine, column.name)
    table = new_table(
        "Machines on each network",
        left=("network", "machine"),
        right=("images", *map(label, _IN_LINES), "EDP ratio"),
        keys=2,
        spare=("images",),
    )
    for each in found:
        for column in each.columns:
            table.add_row(each.network, column.name, f"{column.images:,}", *_cells(column, each))
    console.print(table)
    console.print(f"EDP ratio: energy-delay product over that of {first.names[0]}.")
    for column in first.columns:
        console.print(f"Accuracy of {column.name}: {column.cells}.", markup=False)


def _cells(column: Column, of: MachineComparison) -> list[str]:
    units = {line.figure: line.unit for line in of.lines if not line.section}
    cells = [text(column.figures[key], units[key]) for key in _IN_LINES]
    product = "energy_delay_product"
    one, base = column.figures[product], of.columns[0].figures[product]
    return [*cells, "-" if one is None or not base else f"{one / base:,.4g}"]


def _turns_table(order: Order) -> Table:
    """Return what could change the order of two machines in one figure."""
    table = new_table(
        _order_text(order),
        left=("machine", "constant", "kind", "plausible"),
        right=("now", "turns at", "times"),
        order=("machine", "constant", "now", "turns at", "times", "kind", "plausible"),
    )
    for turn in order.turns:
        table.add_row(
            turn.machine, turn.key, turn.now, turn.at, f"{turn.factor:.3g}", turn.kind,
            turn.plausible,
        )  # fmt: skip
    return table


def _order_text(order: Order) -> str:
    return f"{heading(order.figure)}: {order.first}, then {order.second} ({order.ratio:.4g} x)"


def _draw(found: Sequence[MachineComparison], outdir: Path, width: float, *, quietly: bool) -> None:
    from accelsim.plots.files import save  # noqa: PLC0415 - Matplotlib
    from accelsim.reports.comparison_figure import comparison_figure  # noqa: PLC0415

    for path in save(comparison_figure(found, width), outdir / "compare"):
        typer.echo(f"written: {path}", err=quietly)
