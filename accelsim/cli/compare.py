"""`accelsim compare`: machines, variants of them and runs, side by side on networks."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from accelsim.cli.jsons import JsonOption
from accelsim.cli.options import (
    ScopeOption,
    WidthOption,
    complete_machine,
    complete_network,
    with_scope,
)
from accelsim.plots import COLUMN
from accelsim.quantities import label, text

if TYPE_CHECKING:
    from accelsim.reports.comparison import Compared, MachineComparison

_SHORT = 20
_OF_FIGURES = ("", "label")
_SECTIONS = {
    "": "Figures",
    "label": "Up to the class label",
    "block": "Energy per image, by block",
    "layer": "Energy per image, by layer",
    "kind": "Energy, by the kind of the prices it rests on",
}


def compare(  # noqa: PLR0913, PLR0917 - the options of a command
    contenders: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="MACHINE|RUN...",
            help="Machines: names that ship, files, or either with changes: "
            "irmen:sequencer.contexts=3. Runs: their directories.",
            autocompletion=complete_machine,
        ),
    ] = None,
    workload: Annotated[
        list[str] | None,
        typer.Option(
            "--workload",
            "-w",
            help="Network, as of run; mnist, or that of the runs. Repeatable: a line for each.",
            autocompletion=complete_network,
        ),
    ] = None,
    images: Annotated[
        str | None,
        typer.Option(
            metavar="N|FIRST:LAST", help="The first N images, or a range; 100, or as of the runs."
        ),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a key of all; repeatable."),
    ] = None,
    scope: ScopeOption = None,
    sensitivity: Annotated[
        bool,
        typer.Option(
            "--sensitivity",
            help="Say by how much each constant would have to move for machines to change places.",
        ),
    ] = False,
    outdir: Annotated[
        Path | None,
        typer.Option(help="Write the figure (PNG, SVG) there.", file_okay=False),
    ] = None,
    width: WidthOption = COLUMN,
    as_json: JsonOption = False,
) -> None:
    """Compare machines and runs on networks: latency, energy, accuracy, and their ratios."""
    from accelsim.cli.compare_tasks import Wanted, run_compare  # noqa: PLC0415

    wanted = Wanted(
        contenders or [], workload or [], images, with_scope(changes, scope), sensitivity
    )
    run_compare(wanted, outdir, width, as_json=as_json)


def comparison_tree(found: "MachineComparison") -> dict[str, object]:
    """Return a comparison as plain data, as --json prints it."""
    from accelsim.config.checks import warnings_of  # noqa: PLC0415

    return {
        "machines": list(found.names),
        "columns": {
            column.name: {
                "of": column.contender.of,
                "machine": column.machine.name,
                "changes": dict(column.contender.changes),
                "images": column.images,
            }
            for column in found.columns
        },
        "workload": found.network,
        "images": found.columns[0].images,
        "figures": [
            {
                "section": line.section or "figures",
                "figure": line.figure,
                "unit": line.unit,
                "values": dict(zip(found.names, line.values, strict=True)),
                "ratios": dict(zip(found.names, line.ratios, strict=True)),
            }
            for line in found.lines
        ],
        "accuracy_of": {column.name: column.cells for column in found.columns},
        "published_ratios": [vars(ratio) for ratio in found.published],
        "warnings": {column.name: list(warnings_of(column.machine)) for column in found.columns},
    }


def print_comparison(console: Console, found: "MachineComparison") -> None:
    """Print tables of figures, energies and prices, and what was published of the ratios."""
    from accelsim.cli.report import print_warnings  # noqa: PLC0415

    for column in found.columns:
        print_warnings(console, column.machine, column.name)
    console.print(f"{found.network} on {', '.join(found.names)}, {_images(found)}")
    for column in found.columns:
        if column.contender.changes:
            changed = ", ".join(f"{key}={each}" for key, each in column.contender.changes.items())
            console.print(f"{column.name}: {column.contender.of} with {changed}")
    console.print(f"Ratios are to {found.names[0]}.\n")
    for section, title in _SECTIONS.items():
        lines = [line for line in found.lines if line.section == section]
        console.print(_table(title, lines, found.names))
    for column in found.columns:
        console.print(f"Accuracy of {column.name}: {column.cells}.", markup=False)
    console.print(
        "Throughput includes fill and drain of the machine; the initiation interval has neither.\n"
    )
    console.print("What was published about their ratios", style="bold")
    if not found.published:
        console.print("Nothing about these machines on this network.")
    for ratio in found.published:
        console.print(
            f"{label(ratio.figure)}, {ratio.machine} over {ratio.base}: published {ratio.relation} "
            f"{ratio.published:.4g} ({ratio.text}), computed {ratio.ours:.4g}"
        )
    if found.published:
        console.print("An energy that rests on calibrated prices is no prediction.")


def _ratios(names: tuple[str, ...]) -> list[str]:
    """Return the headers of the ratios to the first column."""
    first, *others = names
    if max(len(f"{name} / {first}") for name in others) <= _SHORT:
        return [f"{name} / {first}" for name in others]
    return ["ratio"] if len(others) == 1 else [f"ratio {n}" for n in range(2, len(names) + 1)]


def _images(found: "MachineComparison") -> str:
    """Return of how many images the figures are; of each column where runs had different ones."""
    numbers = [column.images for column in found.columns]
    if len(set(numbers)) == 1:
        return f"{numbers[0]} image{'s' * (numbers[0] > 1)}"
    return f"{', '.join(map(str, numbers))} images"


def _table(title: str, lines: "list[Compared]", names: tuple[str, ...]) -> Table:
    from accelsim.cli.tables import new_table  # noqa: PLC0415

    table = new_table(title, left=("figure",), right=(*names, *_ratios(names)))
    table.columns[0].min_width = 20
    for line in lines:
        ratios = ["" if ratio is None else f"{ratio:,.4g}" for ratio in line.ratios[1:]]
        if line.section == "kind":
            ratios = [""] * len(ratios)
        values = (text(value, line.unit) for value in line.values)
        table.add_row(
            label(line.figure) if line.section in _OF_FIGURES else line.figure, *values, *ratios
        )
    return table
