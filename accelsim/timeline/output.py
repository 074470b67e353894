"""Makes the files of a timeline: figures and a page, each whole or not at all."""

from collections.abc import Sequence
from pathlib import Path

from accelsim.files import write_text
from accelsim.plots import COLUMN
from accelsim.timeline.view import RunView

FORMATS = ("png", "svg", "html")
NAME = "timeline"


def write_timeline(
    view: RunView, folder: Path, formats: Sequence[str] = FORMATS, width: float = COLUMN
) -> list[Path]:
    """Write timeline.png, timeline.svg and timeline.html into a folder; return the paths.

    width: of the figures, inches. Same run, same bytes. Raises InputError if the window
    holds no record, or the folder cannot be written.
    """
    paths: list[Path] = []
    pictures = [name for name in FORMATS if name in formats and name != "html"]
    if pictures:
        from accelsim.plots.files import save  # noqa: PLC0415 - slow to import
        from accelsim.timeline.figure import draw_figure  # noqa: PLC0415

        paths += save(draw_figure(view, width), folder / NAME, pictures)
    if "html" in formats:
        from accelsim.timeline.page import page_html  # noqa: PLC0415 - slow to import

        page = folder / f"{NAME}.html"
        write_text(page, page_html(view))
        paths.append(page)
    return paths
