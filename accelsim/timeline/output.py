"""Makes the files of a timeline: figures and a page, each whole or not at all."""

from collections.abc import Sequence
from pathlib import Path

from accelsim.files import write_text
from accelsim.plots import STYLE, save
from accelsim.timeline.look import DPI
from accelsim.timeline.view import RunView

FORMATS = ("png", "svg", "html")
NAME = "timeline"
# Text of an SVG stays text, which a paper's fonts can replace.
_STYLE = {**STYLE, "svg.fonttype": "none"}


def write_timeline(
    view: RunView, folder: Path, formats: Sequence[str] = FORMATS, width: float = 3.5
) -> list[Path]:
    """Write timeline.png, timeline.svg and timeline.html into a folder; return the paths.

    width: of the figures, inches. Same run, same bytes. Raises InputError if the window
    holds no record, or the folder cannot be written.
    """
    paths: list[Path] = []
    pictures = [name for name in FORMATS if name in formats and name != "html"]
    if pictures:
        from accelsim.timeline.figure import draw_figure  # noqa: PLC0415 - slow to import

        paths += save(draw_figure(view, width), folder / NAME, pictures, dpi=DPI, style=_STYLE)
    if "html" in formats:
        from accelsim.timeline.page import page_html  # noqa: PLC0415 - slow to import

        page = folder / f"{NAME}.html"
        write_text(page, page_html(view))
        paths.append(page)
    return paths
