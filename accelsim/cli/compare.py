"""`accelsim compare`: two or more machines on one network, side by side."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from accelsim.cli.consoles import plain_console
from accelsim.cli.options import WorkloadOption, parse_images
from accelsim.errors import InputError
from accelsim.quantities import label, text

if TYPE_CHECKING:
    from accelsim.config import Machine
    from accelsim.config.machine import Override
    from accelsim.reports.comparison import Compared, MachineComparison
    from accelsim.simulation import Result

_SECTIONS = {
    "": "Figures",
    "block": "Energy per image, by block",
    "layer": "Energy per image, by layer",
    "kind": "Energy, by the kind of the prices it rests on",
}


def compare(
    machines: Annotated[
        list[str] | None,
        typer.Argument(metavar="MACHINE MACHINE...", help="Files, or names that ship."),
    ] = None,
    workload: WorkloadOption = "mnist",
    images: Annotated[
        str, typer.Option(metavar="N|FIRST:LAST", help="The first N images, or a range.")
    ] = "100",
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a key of all; repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Run a network on two or more machines: latency, energy, accuracy, and their ratios."""
    from accelsim.config.machine import parse_changes  # noqa: PLC0415
    from accelsim.network import load_network  # noqa: PLC0415
    from accelsim.reports.comparison import compare as run_all  # noqa: PLC0415

    settings = parse_changes(changes or [])
    loaded = [_load(name, settings) for name in machines or []]
    with Console(stderr=True).status("starting") as status:
        found = run_all(loaded, load_network(workload), parse_images(images), status.update)
    if as_json:
        typer.echo(json.dumps(_tree(found), indent=2))
    else:
        _print(plain_console(), found)


def _load(name: str, settings: "dict[str, Override]") -> "Machine":
    """Load a machine; a change that it does not allow says which machine it is."""
    from accelsim.config import load_machine  # noqa: PLC0415

    try:
        return load_machine(name, settings)
    except InputError as error:
        lines = str(error).split("\n")
        said = [f"{name}: {line}" if line.startswith("--set") else line for line in lines]
        raise InputError("\n".join(said)) from None


def _tree(found: "MachineComparison") -> dict[str, object]:
    from accelsim.config.checks import warnings_of  # noqa: PLC0415

    return {
        "machines": list(found.names),
        "workload": found.network,
        "images": found.images,
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
        "accuracy_of": {result.machine.name: _of_cells(result) for result in found.results},
        "published_ratios": [vars(ratio) for ratio in found.published],
        "warnings": {
            result.machine.name: list(warnings_of(result.machine)) for result in found.results
        },
    }


def _of_cells(result: "Result") -> str:
    """Return what cells the accuracy of a result is of, or why there is none."""
    return result.cells if result.values else f"none, {result.no_values}"


def _print(console: Console, found: "MachineComparison") -> None:
    from accelsim.cli.report import print_warnings  # noqa: PLC0415

    images = f"{found.images} image{'s' * (found.images > 1)}"
    for result in found.results:
        print_warnings(console, result.machine, result.machine.name)
    console.print(f"{found.network} on {', '.join(found.names)}, {images}\n")
    for section, title in _SECTIONS.items():
        lines = [line for line in found.lines if line.section == section]
        console.print(_table(title, lines, found.names))
    for result in found.results:
        console.print(f"Accuracy of {result.machine.name}: {_of_cells(result)}.", markup=False)
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


def _table(title: str, lines: "list[Compared]", names: tuple[str, ...]) -> Table:
    from accelsim.cli.tables import new_table  # noqa: PLC0415

    others = [f"{name} / {names[0]}" for name in names[1:]]
    table = new_table(title, left=("figure",), right=(*names, *others))
    table.columns[0].min_width = 20
    for line in lines:
        ratios = ["" if ratio is None else f"{ratio:,.4g}" for ratio in line.ratios[1:]]
        if line.section == "kind":
            ratios = [""] * len(ratios)
        values = (text(value, line.unit) for value in line.values)
        table.add_row(line.figure if line.section else label(line.figure), *values, *ratios)
    return table
