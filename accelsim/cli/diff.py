"""`accelsim diff A B`: where two runs part, and what changed."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accelsim.errors import DIFFERS

if TYPE_CHECKING:
    from rich.console import Console

    from accelsim.config.machine import Override
    from accelsim.runs import TraceSource, ValueChanges
    from accelsim.trace.diff import TraceDiff

    MachineChanges = dict[str, tuple[Override | None, Override | None]]

RunArgument = Annotated[
    Path, typer.Argument(metavar="RUN", help="A run directory, or a trace (.parquet, .csv).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead.")]


def diff(a: RunArgument, b: RunArgument, as_json: JsonOption = False) -> None:
    """Compare two runs cycle by cycle; exit code 0 if they are the same, 3 if they differ.

    Of two run directories the accuracy and what decides the values are compared too.
    """
    from accelsim.cli.progress import watching  # noqa: PLC0415 - loads what --help need not
    from accelsim.runs import open_source, value_changes  # noqa: PLC0415
    from accelsim.runs.machines import machine_changes  # noqa: PLC0415
    from accelsim.trace.diff import diff_traces  # noqa: PLC0415

    one, other = open_source(a), open_source(b)
    with watching() as watch:
        found = diff_traces(
            one.trace, other.trace, lambda done, total: watch("comparing records", done, total)
        )
    machine: MachineChanges = {}
    if one.machine is not None and other.machine is not None:
        machine = machine_changes(one.machine, other.machine)
    values: ValueChanges = {}
    if one.run is not None and other.run is not None:
        values = value_changes(one.run, other.run)
    if as_json:
        tree = diff_json(found, (one.name, other.name), machine, values)
        typer.echo(json.dumps(tree, indent=2))
    else:
        from accelsim.cli.consoles import plain_console  # noqa: PLC0415

        _print(plain_console(), found, (one, other), machine, values)
    if not found.same or values:
        raise typer.Exit(DIFFERS)


def diff_json(
    found: "TraceDiff",
    names: tuple[str, str],
    machine: "MachineChanges",
    values: "ValueChanges | None" = None,
) -> dict[str, object]:
    """Return a comparison as plain data: times in ps, energy in aJ."""
    values = values or {}
    from accelsim.cli.changes_table import changes_json  # noqa: PLC0415
    from accelsim.trace.diff import compare_totals  # noqa: PLC0415

    first = found.first
    return {
        "same": found.same and not values,
        "a": names[0],
        "b": names[1],
        "images": {
            "both": found.images,
            "only_a": [list(span) for span in found.images_only[0]],
            "only_b": [list(span) for span in found.images_only[1]],
        },
        "records": {
            "aligned": found.aligned,
            "differing": found.differing,
            "by_field": found.fields,
            "only_a": found.only[0],
            "only_b": found.only[1],
        },
        "machine": {key: {"a": of_a, "b": of_b} for key, (of_a, of_b) in machine.items()},
        "values": {key: {"a": of_a, "b": of_b} for key, (of_a, of_b) in values.items()},
        "first_divergence": None
        if first is None
        else {
            "moment_ps": first.moment_ps,
            "fields": list(first.fields),
            "a": first.a,
            "b": first.b,
            "led_by_a": list(first.led_by_a),
            "led_by_b": list(first.led_by_b),
        },
        "figures": changes_json(("a", "b"), compare_totals(*found.totals)),
    }


def _print(
    console: "Console",
    found: "TraceDiff",
    sources: "tuple[TraceSource, TraceSource]",
    machine: "MachineChanges",
    values: "ValueChanges",
) -> None:
    from accelsim.cli.changes_table import changes_table, shown_machine  # noqa: PLC0415
    from accelsim.trace.diff import compare_totals  # noqa: PLC0415
    from accelsim.trace.diff.changes import counted  # noqa: PLC0415

    for label, source in zip("AB", sources, strict=True):
        title = "" if source.machine is None else f", on {source.machine.name}"
        console.print(f"{label}: {source.name}{title}", soft_wrap=True)
    if machine:
        console.print(f"Machine: {shown_machine(machine)}")
    same = "The same schedule and energy" if values else "The same"
    console.print(f"{same if found.same else 'They differ'}: {counted(found, 'A', 'B')}")
    if values:
        console.print(f"Values differ: {_shown_values(values)}", soft_wrap=True)
    console.print()
    if found.first is not None:
        console.print(str(found.first), "\n", soft_wrap=True)
    if not found.same:
        if any(found.images_only):
            of_a, of_b = (f"{totals.images:,}" for totals in found.totals)
            console.print(
                f"Over different images, {of_a} in A and {of_b} in B: figures of an image compare, "
                "sums do not.\n"
            )
        changes = compare_totals(*found.totals)
        console.print(changes_table("What changed", ("A", "B"), changes))


def _shown_values(values: "ValueChanges") -> str:
    """Return 'accuracy 95 % -> 100 %, seed 3 -> 0'; of a hash its beginning."""

    def shown(name: str, value: object) -> str:
        if value is None:
            return "none"
        if name == "accuracy" and isinstance(value, float):
            return f"{100 * value:.6g} %"
        return str(value)[:12]

    return ", ".join(
        f"{name} {shown(name, a)} -> {shown(name, b)}" for name, (a, b) in values.items()
    )
