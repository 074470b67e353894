"""`accelsim list`, `show` and `init`: what there is, what it means, and a project to begin with.

What is told is in `accelsim.catalog`, which loads the schemas of all files: only these commands
wait for it.
"""

from pathlib import Path
from typing import Annotated

import typer

from accelsim.cli.consoles import plain_console
from accelsim.cli.destinations import RUN_FOLDER
from accelsim.cli.jsons import JsonOption, print_json
from accelsim.cli.options import complete_group, complete_machine, complete_shown


def list_(
    group: Annotated[
        str | None,
        typer.Argument(
            metavar="[GROUP]",
            help="machines, networks, devices, data, effects, arrivals or spaces; all without one.",
            autocompletion=complete_group,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List what ships: machines, networks, device files, data, effects, arrivals, spaces."""
    from accelsim.catalog.shipped import GROUPS, items  # noqa: PLC0415 - loads the schemas
    from accelsim.cli import find_report  # noqa: PLC0415

    found = {name: items(name) for name in ([group] if group else GROUPS)}
    if as_json:
        print_json(find_report.list_tree(found))
    else:
        find_report.print_list(plain_console(), found)


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="KEY|NAME",
            help="A key such as arrays.lanes (or its end, lanes), a machine, network, device file "
            "or data set by name or path, an effect, an op, a kind or reason of records, a figure.",
            autocompletion=complete_shown,
        ),
    ],
    machines: Annotated[
        list[str] | None,
        typer.Option(
            "--machine",
            "-m",
            metavar="MACHINE",
            help="Machine whose value of a key is told; repeatable. Those that ship if not given.",
            autocompletion=complete_machine,
        ),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Every constant of a machine.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what a key, a name or a word means: unit, what is allowed, values, sources."""
    from accelsim.catalog.entry import tree  # noqa: PLC0415 - loads the schemas
    from accelsim.catalog.lookup import look_up  # noqa: PLC0415
    from accelsim.cli import find_report  # noqa: PLC0415

    found = look_up(name, machines or ())
    if as_json:
        print_json([tree(entry) for entry in found])
    else:
        find_report.print_entries(plain_console(), found, full=full)


def init(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="A folder that is not there yet, or empty.", callback=RUN_FOLDER
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Write a project to begin with: a machine, a network, a script and a golden test."""
    from accelsim.catalog.starter import write_project  # noqa: PLC0415
    from accelsim.resources import display  # noqa: PLC0415

    files = write_project(folder)
    if as_json:
        print_json({"files": [display(path) for path in files]})
        return
    for path in files:
        typer.echo(f"written: {display(path)}")
    typer.echo(f"begin with {display(folder / 'README.md')}")
