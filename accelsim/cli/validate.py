"""`accelsim validate`: checks any file, and what ships by name, without running."""

from pathlib import Path
from typing import Annotated

import typer

from accelsim.cli.jsons import JsonOption, print_json
from accelsim.cli.options import complete_any
from accelsim.errors import InputError


def validate(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|NAME...",
            help="Machines, networks, device files (or names that ship), weights, images, traces, "
            "runs.",
            autocompletion=complete_any,
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Check files without running; all are checked, exit code 2 if one is not right."""
    from accelsim.resources import display, visible  # noqa: PLC0415 - see `accelsim.cli.find`
    from accelsim.runs.check import check_file, named_files  # noqa: PLC0415

    found: list[dict[str, str]] = []
    for text in files:
        try:
            for path in named_files(text):
                shown = visible(str(path) if path == Path(text) else display(path))
                found.append({"file": shown, "what": check_file(path)})
        except InputError as error:
            found.append({"file": text, "error": str(error)})
    if as_json:
        print_json(found)
    else:
        for each in found:
            if "what" in each:
                typer.echo(f"{each['file']}: {each['what']}")
    wrong = [each["error"] for each in found if "error" in each]
    if wrong:
        raise InputError("\n".join(wrong))
