"""What a journal asks of a figure, read from its artists: sizes, overlaps, edges, print in grey."""

import re
from itertools import combinations, pairwise

import numpy as np
from matplotlib.axis import Axis
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.container import Container
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from accelsim.plots import LEAST_LETTERS

_SLACK = 1.0  # dots by which boxes may touch: rounding of glyphs
_APART = 10.0  # of L*, from which on two shades are told apart in print


def text_of(svg: str) -> str:
    """Return the texts of an SVG one after another, as one reads its lines."""
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def faults(figure: Figure) -> list[str]:
    """Return what is wrong with a figure; [] for one that can be printed."""
    figure.draw_without_rendering()
    drawn = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]
    unseen = _unseen(figure)
    texts = [text for text in drawn if text not in unseen]
    boxes = [(text, text.get_window_extent()) for text in texts]
    return [
        *(_says(t, f"{t.get_fontsize():g} pt") for t in texts if t.get_fontsize() < LEAST_LETTERS),
        *(_says(t, "math text") for t in texts if "$" in t.get_text() and t.get_parse_math()),
        *(_says(text, "beyond the edge") for text, box in boxes if not _is_inside(figure, box)),
        *_overlaps(boxes),
        *_alike(figure),
    ]


def _unseen(figure: Figure) -> set[Text]:
    """Return the texts that are not drawn: of ticks beyond the limits, and of hidden axes."""
    hidden: set[Text] = set()
    for axis in figure.findobj(Axis):
        low, high = sorted(axis.get_view_interval())
        slack = 1e-9 * (high - low)
        for tick in [*axis.majorTicks, *axis.minorTicks]:
            if not (axis.axes.get_visible() and low - slack <= tick.get_loc() <= high + slack):
                hidden |= {tick.label1, tick.label2}
    return hidden


def _is_inside(figure: Figure, box: Bbox) -> bool:
    edge = figure.bbox
    return bool(
        box.x0 >= edge.x0 - _SLACK and box.x1 <= edge.x1 + _SLACK
        and box.y0 >= edge.y0 - _SLACK and box.y1 <= edge.y1 + _SLACK
    )  # fmt: skip


def _overlaps(boxes: list[tuple[Text, Bbox]]) -> list[str]:
    found = []
    for (one, box), (other, second) in combinations(boxes, 2):
        wide = min(box.x1, second.x1) - max(box.x0, second.x0)
        high = min(box.y1, second.y1) - max(box.y0, second.y0)
        if wide > _SLACK and high > _SLACK:
            found.append(_says(one, f"overlaps '{other.get_text()}'"))
    return found


def _alike(figure: Figure) -> list[str]:
    """Return the neighbours in legends that print without colour cannot tell apart."""
    legends = filter(None, (axes.get_legend() for axes in figure.axes))
    named = [
        *(axes.get_legend_handles_labels() for axes in figure.axes),
        *(
            (each.legend_handles, [text.get_text() for text in each.get_texts()])
            for each in legends
        ),
    ]
    found = []
    for handles, labels in named:
        entries = [(_look(handle), name) for handle, name in zip(handles, labels, strict=True)]
        for (one, name), (other, second) in pairwise(each for each in entries if each[0]):
            if one[1:] == other[1:] and abs(one[0] - other[0]) < _APART:
                found.append(f"'{name}' and '{second}' look alike in grey")
    return found


def _look(handle: object) -> tuple[float, object, object] | None:
    """Return lightness, and marker with dash, or hatch, of an entry of a legend."""
    if isinstance(handle, Container):  # of bars, or of a line with its errors
        handle = handle[0]
    if isinstance(handle, Line2D):
        dash = tuple(handle._dash_pattern[1] or ())
        return lightness(handle.get_color()), handle.get_marker(), (handle.get_linewidth(), dash)
    if isinstance(handle, Patch | PolyCollection):
        return (
            lightness(handle.get_facecolor()),
            handle.get_hatch(),
            lightness(handle.get_edgecolor()),
        )
    return None  # what a legend has drawn of errors: their line is looked at in the axes


def lightness(colour: object) -> float:
    """Return L* of CIELAB of a colour, from 0 (black) to 100 (white)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (to_rgb(colour) if isinstance(colour, str) else np.ravel(colour)[:3])
    )
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * light ** (1 / 3) - 16 if light > 0.008856 else 903.3 * light


def _says(text: Text, wrong: str) -> str:
    return f"'{text.get_text()}': {wrong}"
