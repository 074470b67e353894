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
            help="Machines, networks, device files, spaces (or names that ship), weights, images, "
            "traces, runs.",
            autocompletion=complete_any,
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Check files without running; all are checked, exit code 2 if one is not right."""
    from accelsim.resources import display, visible  # noqa: PLC0415 - see `accelsim.cli.find`
    from accelsim.runs.check import named_files  # noqa: PLC0415

    found: list[dict[str, str]] = []
    for text in files:
        try:
            for path in named_files(text):
                shown = visible(str(path) if path == Path(text) else display(path))
                found.append({"file": shown, "what": _checked(path)})
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


def _checked(path: Path) -> str:
    """Check a file or run directory; return what it is. Of spaces the packages below know nothing.

    Raises InputError.
    """
    from accelsim.documents.document import read_document  # noqa: PLC0415
    from accelsim.runs.check import check_file  # noqa: PLC0415

    if path.suffix == ".yaml" and path.is_file() and "axes" in read_document(path).data:
        from accelsim.sweeps.sweeping import described  # noqa: PLC0415 - loads the simulator

        return described(path)
    return check_file(path)
