"""Writes figures: the same bytes for the same figure."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from accelsim.files import new_files
from accelsim.plots.style import styled

FORMATS = ("png", "svg")
DPI = 400
"""Dots an inch of a PNG."""


def save(figure: Figure, stem: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a figure in formats beside each other, all or none; return the paths.

    stem: the files without their suffix; the folder is made if it is missing.
    Raises InputError if one cannot be written.
    """
    paths = [stem.with_name(f"{stem.name}.{suffix}") for suffix in formats]
    with styled(), new_files(*paths) as files:
        for path, kind in zip(paths, formats, strict=True):
            if kind == "svg" and "png" not in formats:
                _lay_out(figure)
            with files.binary(path.name) as stream:
                _write(figure, stream, kind)
    return paths


def svg_text(figure: Figure) -> str:
    """Return a figure as the element `svg` of a page."""
    stream = io.BytesIO()
    with styled():
        _write(figure, stream, "svg")
    text = stream.getvalue().decode()
    return text[text.index("<svg") :]


def _write(figure: Figure, stream: Any, kind: str) -> None:
    # Neither the time nor the version of the library: same figure, same bytes.
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    figure.savefig(stream, format=kind, dpi=DPI, metadata=metadata)


def _lay_out(figure: Figure) -> None:
    """Place all parts as for a PNG, which comes before an SVG: with and without it, one SVG."""
    own, figure.dpi = figure.dpi, DPI
    figure.draw_without_rendering()
    figure.dpi = own
