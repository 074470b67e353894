"""The command line: options in, tables out, one message and an exit code for an error.

What a command needs is imported when it runs, so that `--help` and the shell wait for none of it.
"""

import re
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accelsim.cli.commands import HELP, Commands
from accelsim.cli.compare import compare
from accelsim.cli.destinations import FILE, RUN_FOLDER
from accelsim.cli.device import device_app
from accelsim.cli.diff import diff
from accelsim.cli.explain import explain
from accelsim.cli.find import init, list_, show
from accelsim.cli.imports import import_
from accelsim.cli.jsons import JsonOption
from accelsim.cli.options import (
    DEFAULT_IMAGES,
    ConfigArgument,
    DatasetOption,
    ScopeOption,
    SetOption,
    TenantOption,
    WorkloadOption,
    parse_trace,
    whole_of,
    with_scope,
)
from accelsim.cli.replay import replay
from accelsim.cli.reproduce import reproduce
from accelsim.cli.study import study_app
from accelsim.cli.sweep import sweep
from accelsim.cli.timeline import timeline
from accelsim.cli.trace import trace_app
from accelsim.cli.validate import validate
from accelsim.cli.workload import workload_app
from accelsim.errors import AccelsimError, InputError, InterruptError
from accelsim.resources import visible
from accelsim.version import __version__

if TYPE_CHECKING:
    from accelsim.cli.subject import Subject
    from accelsim.config import Machine

_OF_RESUMING = ("resumed", "dataset", "as_json", "quiet")
_LONGEST_NAME, _LONGEST_LINE, _MOST_LINES = 80, 1000, 20
_NOTHING = re.compile(r"--[a-z-]+=")

app = typer.Typer(
    name="accelsim",
    help="Discrete-event simulator of spintronic CeNN accelerators.",
    cls=Commands,
    context_settings=HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command; exit 0 done, 1 failed, 2 bad input, 3 differs."""
    # As with an interrupt, what is half-written is taken back.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        _refuse_odd(sys.argv[1:])
        app()
    except InterruptError as interrupt:
        typer.echo(shown(str(interrupt)), err=True)
        sys.exit(interrupt.exit_code)
    except AccelsimError as error:
        typer.echo(f"error: {shown(str(error))}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        raise
    except OSError as error:  # what no function foresaw, such as a folder that may not be entered
        place = f"{error.filename}: " if error.filename else ""
        typer.echo(f"error: {shown(f'{place}{error.strerror or error}')}", err=True)
        sys.exit(InputError.exit_code)
    except MemoryError:
        typer.echo("error: more memory is needed than there is", err=True)
        sys.exit(AccelsimError.exit_code)


def shown(message: str) -> str:
    """Return a message as a terminal may show it: a screen at most, long lines cut."""
    lines = message.split("\n")
    kept = [visible(line, _LONGEST_LINE) for line in lines[:_MOST_LINES]]
    more = len(lines) - len(kept)
    return "\n".join([*kept, f"... and {more} more"] if more else kept)


def _refuse_odd(arguments: list[str]) -> None:
    """Refuse an empty argument, which as a folder would be the working one, and odd options."""
    for argument in arguments:
        if not argument or _NOTHING.fullmatch(argument):
            raise InputError(f"{argument or 'an argument'}: is empty; expected a value")
        if argument.startswith("-") and not argument.isprintable():
            raise InputError(f"{argument!a:.80}: expected printable text")


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"accelsim {__version__}")
        raise typer.Exit


@app.command()
def run(
    context: typer.Context,
    config: ConfigArgument = "irmen",
    workload: WorkloadOption = "mnist",
    dataset: DatasetOption = None,
    images: Annotated[
        str, typer.Option(metavar="N|FIRST:LAST", help="The first N images, or a range.")
    ] = DEFAULT_IMAGES,
    arrivals: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="A stream instead: images that arrive as this CSV or Parquet file says.",
        ),
    ] = None,
    tenants: TenantOption = None,
    changes: SetOption = None,
    scope: ScopeOption = None,
    seed: Annotated[
        int,
        typer.Option(help="Seed, recorded with the run.", metavar="N", parser=whole_of("--seed")),
    ] = 0,
    outdir: Annotated[
        Path | None,
        typer.Option(
            help="Run directory; runs/CONFIG-WORKLOAD-NUMBER if not given.", callback=RUN_FOLDER
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a run in --outdir.")] = False,
    trace: Annotated[
        str, typer.Option(metavar="all|window|none", help="Which records the run keeps.")
    ] = "",
    trace_window: Annotated[
        str,
        typer.Option(
            metavar="FROM..TO|FIRST:LAST",
            help="Keep the records of this alone: '10 us..20 us', or images 40:60.",
        ),
    ] = "",
    resumed: Annotated[
        Path | None,
        typer.Option(
            "--resume",
            metavar="DIR",
            help="Complete a partial run, as an interrupt or a kill left it.",
        ),
    ] = None,
    fast_forward: Annotated[
        bool,
        typer.Option(
            "--fast-forward/--no-fast-forward",
            help="Skip what repeats itself; the files of the run are the same, byte for byte.",
        ),
    ] = True,
    device: Annotated[
        Path | None,
        typer.Option(
            "--characterize",
            metavar="FILE",
            dir_okay=False,
            help="Characterize the cell first, write the device FILE, and run on it.",
            callback=FILE,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Simulate a network on a machine: schedule, energy, classes; leaves a run directory.

    Interrupted, it leaves a partial run, which --resume DIR completes to the same bytes.
    """
    from accelsim.cli.consoles import muted  # noqa: PLC0415
    from accelsim.cli.run_tasks import (  # noqa: PLC0415
        Job,
        print_result,
        resume_with_progress,
        simulate_with_progress,
    )
    from accelsim.cli.subject import images_of, network_or_tenants, stream_of  # noqa: PLC0415
    from accelsim.config import load_machine  # noqa: PLC0415
    from accelsim.config.machine import parse_changes  # noqa: PLC0415

    if resumed is not None:
        _refuse_beside_resume(context)
        print_result(*resume_with_progress(resumed, dataset), as_json=as_json)
        return
    if device is not None:
        with muted() if as_json else nullcontext():
            changes = _characterized(config, changes, device)
    kept = parse_trace(trace, trace_window)
    machine = load_machine(config, parse_changes(with_scope(changes, scope)))
    subject = network_or_tenants(workload, tenants or [], dataset)
    chosen = stream_of(arrivals, images, subject) if arrivals else images_of(images, subject)
    folder = outdir or _free_folder(machine, subject)
    job = Job(
        machine, subject, chosen, folder,
        force=force, seed=seed, kept=kept, fast_forward=fast_forward,
    )  # fmt: skip
    print_result(simulate_with_progress(job), seed, as_json=as_json)


@app.command("compile")
def compile_(
    config: ConfigArgument = "irmen",
    workload: WorkloadOption = "mnist",
    tenants: TenantOption = None,
    changes: SetOption = None,
    scope: ScopeOption = None,
    full: Annotated[
        bool, typer.Option("--full", help="Every step of a long program, not lines of many.")
    ] = False,
    report: Annotated[
        bool,
        typer.Option(
            "--report",
            help="Print instead what the steps are for, planes at their peak, and how far the "
            "cycles are from lower bounds.",
        ),
    ] = False,
    fit: Annotated[
        bool,
        typer.Option(
            "--fit", help="Print instead the smallest machines that can hold the network."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the micro-program of a network on a machine, or those of tenants that share it."""
    from accelsim.cli.program_tasks import print_fits, print_program  # noqa: PLC0415
    from accelsim.cli.subject import network_or_tenants  # noqa: PLC0415
    from accelsim.config import load_machine  # noqa: PLC0415
    from accelsim.config.machine import parse_changes  # noqa: PLC0415
    from accelsim.network import Network  # noqa: PLC0415

    overrides = parse_changes(with_scope(changes, scope))
    subject = network_or_tenants(workload, tenants or [], None)
    if fit:
        if report or not isinstance(subject, Network):
            beside = "--report" if report else "--tenant"
            raise InputError(f"--fit: got {beside} beside it; expected one network, and no report")
        print_fits(subject, config, overrides, as_json=as_json)
        return
    machine = load_machine(config, overrides)
    print_program(subject, machine, report=report, full=full, as_json=as_json)


for command in (validate, explain, timeline, diff, replay, compare, sweep, reproduce):
    app.command()(command)
app.command("import")(import_)
app.command("list")(list_)
app.command()(show)
app.command()(init)
app.add_typer(trace_app, name="trace")
app.add_typer(study_app, name="study")
app.add_typer(device_app, name="device")
app.add_typer(workload_app, name="workload")


def _characterized(config: str, changes: list[str] | None, device: Path) -> list[str]:
    """Write a device file of the machine's cell; return the changes that name it."""
    from accelsim.cli import device_tasks as tasks  # noqa: PLC0415 - loads numba
    from accelsim.config import load_machine  # noqa: PLC0415
    from accelsim.config.machine import parse_changes  # noqa: PLC0415

    tasks.write_characterization(load_machine(config, parse_changes(changes or [])), device)
    return [*(changes or []), f"device={device}"]


def _free_folder(machine: "Machine", subject: "Subject") -> Path:
    """Return the first run directory below runs/ that does not exist."""
    networks = subject if isinstance(subject, tuple) else (subject,)
    name = "-".join([machine.name, *(each.name for each in networks)])
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:_LONGEST_NAME]
    number = 1
    while (folder := Path("runs") / f"{stem}-{number}").exists():
        number += 1
    return folder


def _refuse_beside_resume(context: typer.Context) -> None:
    """Refuse options beside --resume: the run has its own, all but where its images are."""
    for option in context.command.params:
        name, source = str(option.name), context.get_parameter_source(str(option.name))
        if (
            name in {"resumed", "dataset", "as_json"}
            or source is None
            or source.name != "COMMANDLINE"
        ):
            continue
        shown = option.opts[0] if option.opts[0].startswith("-") else name.upper()
        raise InputError(f"{shown}: a run that is resumed has its own; leave it out")
