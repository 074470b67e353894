"""`accelsim replay RUN`: run what was recorded again, here or on another machine."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accelsim.cli.destinations import RUN_FOLDER
from accelsim.cli.jsons import JsonOption
from accelsim.errors import DIFFERS, InputError

if TYPE_CHECKING:
    from accelsim.config import Machine
    from accelsim.runs import Elsewhere, RecordedRun, Replay
    from accelsim.trace.diff import TraceDiff


def replay(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run directory, or a golden trace (.csv).")
    ],
    machine: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|NAME",
            help="What would the same instructions cost on this machine? "
            "For a golden trace: the machine it was made on.",
        ),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the machine; repeatable."),
    ] = None,
    workload: Annotated[
        str | None,
        typer.Option("--workload", "-w", help="Where the network file is now: a file or a name."),
    ] = None,
    outdir: Annotated[
        Path | None,
        typer.Option(
            help="Keep the new run here; without it nothing is left.", callback=RUN_FOLDER
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a run in --outdir.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run a recorded run again: the same bytes are expected, or exit code 3.

    With --machine or --set the recorded instructions run on that machine, as they arrived: what
    they cost there, and how well they classify, is shown beside what was recorded (exit code 0).
    """
    if run.is_file() or run.suffix in (".csv", ".parquet"):
        if outdir is not None:
            raise InputError("--outdir: a golden trace is compared, and leaves no run directory")
        _golden(run, machine, workload, changes or [], as_json=as_json)
    elif machine is None and not changes:
        _again(run, workload, outdir, force=force, as_json=as_json)
    else:
        recorded, design = _another_machine(run, machine, changes or [])
        _elsewhere(recorded, design, workload, outdir, force=force, as_json=as_json)


def _again(
    path: Path, workload: str | None, outdir: Path | None, *, force: bool, as_json: bool
) -> None:
    from accelsim.cli.progress import watching  # noqa: PLC0415 - loads what --help need not
    from accelsim.runs import open_run, replay_run, replay_tree  # noqa: PLC0415

    recorded = open_run(path)
    with watching() as watch:
        found = replay_run(
            recorded, workload=workload, outdir=outdir, force=force, command=_command(), watch=watch
        )
    if as_json:
        typer.echo(json.dumps(replay_tree(found, recorded), indent=2))
    else:
        _print_replay(found, recorded)
    if not found.same:
        raise typer.Exit(DIFFERS)


def _another_machine(
    path: Path, machine: str | None, changes: list[str]
) -> "tuple[RecordedRun, Machine]":
    from accelsim.config import load_machine  # noqa: PLC0415
    from accelsim.config.machine import parse_changes  # noqa: PLC0415
    from accelsim.runs import open_run  # noqa: PLC0415
    from accelsim.runs.directory import CONFIG  # noqa: PLC0415

    recorded = open_run(path)
    return recorded, load_machine(machine or recorded.path / CONFIG, parse_changes(changes))


def _elsewhere(
    recorded: "RecordedRun",
    design: "Machine",
    workload: str | None,
    outdir: Path | None,
    *,
    force: bool,
    as_json: bool,
) -> None:
    from accelsim.cli.progress import watching  # noqa: PLC0415
    from accelsim.runs import elsewhere_tree, replay_elsewhere  # noqa: PLC0415

    with watching() as watch:
        found = replay_elsewhere(
            recorded,
            design,
            workload=workload,
            outdir=outdir,
            force=force,
            command=_command(),
            watch=watch,
        )
    if as_json:
        typer.echo(json.dumps(elsewhere_tree(found, recorded), indent=2))
    else:
        _print_elsewhere(found, recorded)


def _golden(
    path: Path, machine: str | None, workload: str | None, changes: list[str], *, as_json: bool
) -> None:
    from accelsim.config.machine import parse_changes  # noqa: PLC0415
    from accelsim.resources import display  # noqa: PLC0415
    from accelsim.runs import replay_golden, traces_tree  # noqa: PLC0415

    if path.suffix != ".csv":
        raise InputError(
            f"{display(path)}: a trace alone does not say what was run; expected a run directory, "
            "or a golden trace (.csv)"
        )
    found = replay_golden(path, machine, workload, parse_changes(changes))
    if as_json:
        typer.echo(json.dumps(traces_tree(found, (display(path), "the replay")), indent=2))
    else:
        _print_diff(found, "golden", display(path))
    if not found.same:
        raise typer.Exit(DIFFERS)


def _print_replay(found: "Replay", recorded: "RecordedRun") -> None:
    from accelsim.cli.consoles import plain_console  # noqa: PLC0415
    from accelsim.cli.tables import new_table  # noqa: PLC0415
    from accelsim.resources import display  # noqa: PLC0415

    console = plain_console()
    images = recorded.manifest["images"]
    console.print(
        f"{display(recorded.path)}: {recorded.name}, {images:,} image{'s' * (images != 1)}, "
        f"{int(recorded.stats['records']['value']):,} records, run again from what it recorded\n",
    )
    table = new_table("", left=("file", "replayed"))
    table.title = None
    for name, verdict in found.files.items():
        table.add_row(name, verdict)
    console.print(table)
    if found.no_values:
        console.print(f"Values were not replayed, only schedule and energy: {found.no_values}")
    for note in found.notes:
        console.print(f"Note: {note}")
    if found.diff is not None and not found.diff.same:
        _print_diff(found.diff, "recorded", display(recorded.path))
    elif found.same:
        what = "Schedule and energy" if found.no_values else "The run"
        were = "they were" if found.no_values else "it was"
        console.print(f"{what} came out as {were} recorded.")
    else:
        wrong = [name for name, verdict in found.files.items() if verdict == "differs"]
        console.print(f"Its records are as recorded, but not {', '.join(wrong)}.")


def _print_diff(found: "TraceDiff", label: str, name: str) -> None:
    from accelsim.cli.changes_table import changes_table, print_divergence  # noqa: PLC0415
    from accelsim.cli.consoles import plain_console  # noqa: PLC0415
    from accelsim.trace.diff import compare_totals  # noqa: PLC0415
    from accelsim.trace.diff.changes import counted  # noqa: PLC0415

    console = plain_console()
    verdict = "came out as it was recorded" if found.same else "came out differently"
    counts = counted(found, label, "the replay")
    console.print(f"{name} {verdict}: {counts}")
    if found.first is not None:
        console.print()
        print_divergence(console, found.first, (label, "replay"))
    if not found.same:
        names = (label, "replay")
        console.print(changes_table("What changed", names, compare_totals(*found.totals)))


def _print_elsewhere(found: "Elsewhere", recorded: "RecordedRun") -> None:
    from accelsim.cli.changes_table import (  # noqa: PLC0415
        changes_table,
        shown_machine,
        streams_table,
    )
    from accelsim.cli.consoles import plain_console  # noqa: PLC0415
    from accelsim.cli.report import print_warnings  # noqa: PLC0415
    from accelsim.resources import display  # noqa: PLC0415
    from accelsim.runs.machines import machine_changes  # noqa: PLC0415
    from accelsim.trace.diff import compare_totals  # noqa: PLC0415

    console = plain_console()
    print_warnings(console, found.machine)
    lengths = {len(program.instructions) for program in recorded.tenancy.programs}
    steps = " or ".join(map(str, sorted(lengths)))
    console.print(
        f"{display(recorded.path)}: {recorded.name}; its {steps} instructions an image, as the "
        f"images arrived, on {found.machine.name}",
    )
    changes = machine_changes(recorded.machine, found.machine)
    console.print(f"Machine: {shown_machine(changes) or 'the same'}\n")
    if found.load:
        console.print(streams_table(("recorded", "replayed"), found.load))
    console.print(
        changes_table(
            "The same instructions on both machines",
            ("recorded", "replayed"),
            compare_totals(found.recorded, found.replayed),
        )
    )
    if found.no_values:
        console.print(
            f"Accuracy was not computed, only schedule and energy: {found.no_values}",
        )
    else:
        for name, shares in (found.tenants or {"": found.accuracy}).items():
            recorded_as, replayed_as = map(_accuracy, shares, found.cells)
            whose = f"{name}: " if name else ""
            console.print(f"{whose}Accuracy: recorded {recorded_as}, replayed {replayed_as}")


def _accuracy(share: float | None, cells: str) -> str:
    """Return 'none', or '98.00 % (ideal cells)'."""
    return "none" if share is None else f"{100 * share:.2f} % ({cells})"


def _command() -> list[str]:
    return ["accelsim", *sys.argv[1:]]
