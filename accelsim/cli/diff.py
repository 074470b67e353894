"""`accelsim diff A B`: where two runs part, and what changed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accelsim.cli.jsons import JsonOption, print_json
from accelsim.errors import DIFFERS

if TYPE_CHECKING:
    from rich.console import Console

    from accelsim.runs import Comparison, ValueChanges
    from accelsim.trace.diff import TraceDiff

RunArgument = Annotated[
    Path, typer.Argument(metavar="RUN", help="A run directory, or a trace (.parquet, .csv).")
]
_OF_A_HASH = 12


def diff(a: RunArgument, b: RunArgument, as_json: JsonOption = False) -> None:
    """Compare two runs cycle by cycle; exit code 0 if they are the same, 3 if they differ.

    Of two run directories the accuracy and what decides the values are compared too.
    """
    from accelsim.cli.progress import watching  # noqa: PLC0415 - loads what --help need not
    from accelsim.runs import compare_runs, diff_tree  # noqa: PLC0415

    with watching() as watch:
        found = compare_runs(a, b, lambda done, total: watch("comparing records", done, total))
    if as_json:
        print_json(diff_tree(found))
    else:
        from accelsim.cli.consoles import plain_console  # noqa: PLC0415

        print_difference(plain_console(), found)
    if not found.same:
        raise typer.Exit(DIFFERS)


def print_difference(console: "Console", comparison: "Comparison") -> None:
    """Print which runs were compared, whether they differ, and where."""
    from accelsim.cli.changes_table import shown_machine, streams_table  # noqa: PLC0415
    from accelsim.runs.kept import kept_in_words  # noqa: PLC0415
    from accelsim.trace.diff.changes import counted  # noqa: PLC0415

    for label, source in (("A", comparison.a), ("B", comparison.b)):
        title = "" if source.machine is None else f", on {source.machine.name}"
        console.print(f"{label}: {source.name}{title}")
    if comparison.machine:
        console.print(f"Machine: {shown_machine(comparison.machine)}")
    _print_moved(console, comparison)
    if comparison.a.run is not None and comparison.a.run.kept:
        console.print(f"Compared: {kept_in_words(comparison.a.run.kept)} alone, as both keep it")
    if comparison.load:
        console.print(streams_table(("A", "B"), comparison.load))
    if comparison.unaligned:
        console.print(comparison.unaligned, markup=False)
    elif comparison.figures_alone:
        verdict = "The same" if comparison.same else "They differ"
        console.print(f"{verdict}, by their figures: neither keeps records (--trace none)")
    else:
        console.print(f"{_verdict(comparison)}: {counted(comparison.traces, 'A', 'B')}")
    if comparison.values:
        console.print(f"Values differ: {_shown_values(comparison.values)}")
    console.print()
    _print_records(console, comparison.traces)


def _print_moved(console: "Console", comparison: "Comparison") -> None:
    """Print what moved and why, of two runs that differ."""
    a, b = comparison.a.run, comparison.b.run
    if comparison.same or a is None or b is None:
        return
    from accelsim.cli.moved_lines import accuracy_lines, moved_lines  # noqa: PLC0415

    periods = a.machine.period_ps, b.machine.period_ps
    for line in (*moved_lines(comparison.moved, periods), *accuracy_lines(a, b)):
        console.print(line, markup=False)


def _verdict(comparison: "Comparison") -> str:
    if not comparison.traces.same:
        return "They differ"
    if any(each.differs for each in comparison.load):
        return "The same records, other figures under load"
    return "The same schedule and energy" if comparison.values else "The same"


def _print_records(console: "Console", found: "TraceDiff") -> None:
    """Print where records part first, and what changed in sum."""
    from accelsim.cli.changes_table import changes_table, print_divergence  # noqa: PLC0415
    from accelsim.trace.diff import compare_totals  # noqa: PLC0415

    if found.first is not None:
        print_divergence(console, found.first, ("A", "B"))
    if found.same:
        return
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
    from accelsim.runs.outcomes import INPUTS  # noqa: PLC0415

    def shown(name: str, value: object) -> str:
        if value is None:
            return "none"
        if name == "accuracy" and isinstance(value, float):
            return f"{100 * value:.6g} %"
        return str(value)[:_OF_A_HASH] if name in INPUTS else str(value)

    return ", ".join(
        f"{name} {shown(name, a)} -> {shown(name, b)}" for name, (a, b) in values.items()
    )
