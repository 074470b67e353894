"""`accelsim timeline`: figures and an interactive page of a run."""

from pathlib import Path
from typing import Annotated

import typer

from accelsim.cli.destinations import FOLDER
from accelsim.cli.jsons import JsonOption, print_json
from accelsim.cli.options import WidthOption
from accelsim.cli.progress import watching
from accelsim.cli.window import ComponentOption, FromOption, ImageOption, ToOption
from accelsim.errors import InputError, nearest
from accelsim.plots import COLUMN
from accelsim.resources import display

_FORMATS = ("png", "svg", "html")


def timeline(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder that a run left.")],
    outdir: Annotated[
        Path | None,
        typer.Option(
            help="Where the files go; the folder of the run if not given.", callback=FOLDER
        ),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="png|svg|html", help="Repeatable; all if not given."),
    ] = None,
    start: FromOption = None,
    end: ToOption = None,
    image: ImageOption = None,
    component: ComponentOption = None,
    width: WidthOption = COLUMN,
    as_json: JsonOption = False,
) -> None:
    """Draw what each block did when: png and svg for papers, html to zoom and ask.

    png and svg show the first image (of several contexts, the first of each) unless a window
    says otherwise, and of very many records layers and busy shares; html the whole run, with
    records where they are few enough.
    """
    chosen = [_one_of("--format", name, _FORMATS) for name in formats or _FORMATS]

    from accelsim.runs import open_run  # noqa: PLC0415 - slow to import
    from accelsim.runs.kept import kept_in_words  # noqa: PLC0415
    from accelsim.timeline import RunView, write_timeline  # noqa: PLC0415
    from accelsim.trace import parse_window  # noqa: PLC0415

    recorded = open_run(run)
    window = parse_window(recorded.kept_trace, start, end, image, component)
    if recorded.kept:
        note = f"Note: the run keeps {kept_in_words(recorded.kept)} alone; the rest is empty."
        typer.echo(note, err=as_json)
        window = window or recorded.kept
    with watching() as watch:
        view = RunView(recorded, window, lambda done, of: watch("reading records", done, of))
        paths = write_timeline(view, outdir or run, chosen, width)
    if as_json:
        print_json({"files": [display(path) for path in paths]})
        return
    for path in paths:
        typer.echo(f"Written: {display(path)}")


def _one_of(option: str, name: str, names: tuple[str, ...]) -> str:
    if name not in names:
        raise InputError(
            f"{option} {name}: expected one of {', '.join(names)}{nearest(name, names)}"
        )
    return name
