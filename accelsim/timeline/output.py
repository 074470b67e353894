"""Makes the files of a timeline: figures and a page, each whole or not at all."""

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl

from accelsim.errors import InputError
from accelsim.plots import STYLE
from accelsim.resources import display
from accelsim.timeline.view import View

FORMATS = ("png", "svg", "html")
NAME = "timeline"
_DPI = 400


def write_timeline(
    view: View, folder: Path, formats: Sequence[str] = FORMATS, width: float = 3.5
) -> list[Path]:
    """Write timeline.png, timeline.svg and timeline.html into a folder; return the paths.

    width: of the figures, inches. Same run, same bytes. Raises InputError if the window
    holds no record, or the folder cannot be written.
    """
    _make(folder)
    paths = [folder / f"{NAME}.{suffix}" for suffix in FORMATS if suffix in formats]
    figures = [path for path in paths if path.suffix != ".html"]
    if figures:
        from accelsim.timeline.figure import draw_figure  # noqa: PLC0415 - slow to import

        figure = draw_figure(view, width)
        for path in figures:
            metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
            with mpl.rc_context({**STYLE, "svg.fonttype": "none"}):
                _whole(
                    path,
                    lambda partial, path=path, metadata=metadata: figure.savefig(  # type: ignore[misc]
                        partial, format=path.suffix[1:], dpi=_DPI, metadata=metadata
                    ),
                )
    if len(paths) > len(figures):
        from accelsim.timeline.page import page_html  # noqa: PLC0415 - slow to import

        text = page_html(view)
        _whole(paths[-1], lambda partial: partial.write_text(text, "utf-8", newline="\n"))
    return paths


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{display(folder)}: cannot be written: {error.strerror}") from None


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under another name beside its own, and give it its name when it is whole."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        write(partial)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"{display(path)}: cannot be written: {error.strerror}") from None
