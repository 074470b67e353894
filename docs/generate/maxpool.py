"""Draws docs/maxpool.svg: python -m docs.generate.maxpool > docs/maxpool.svg.

Values of cells are computed by the steps themselves, as the machine does them.
"""

import sys
from collections.abc import Iterator
from itertools import starmap

IMAGE = ((0.3, 0.8), (0.6, 0.2))
SIZE, GAP, TOP, HEIGHT = 58, 74, 74, 260
_TITLES = ("a plane of A", "diff_h", "add_h", "diff_v", "add_v")
_FORMULAS = (
    "values in 0..1",
    "s = clip(east - centre - 1)",
    "h = clip(s + centre + 1)",
    "s = clip(south - centre - 1)",
    "clip(s + centre + 1)",
)
_SAYS = ("", "max(east - centre, 0) - 1", "max of each pair", "the same, down", "max of all four")
Grid = tuple[tuple[float, ...], ...]


def clip(value: float) -> float:
    """Return what a cell stores of a sum."""
    return max(-1.0, min(1.0, value))


def steps() -> list[Grid]:
    """Return what the planes hold: the image, then after each of the four steps."""
    diff_h = tuple((clip(east - centre - 1),) for centre, east in IMAGE)
    add_h = tuple((clip(s + row[0] + 1),) for (s,), row in zip(diff_h, IMAGE, strict=True))
    (upper,), (lower,) = add_h
    diff_v = clip(lower - upper - 1)
    return [IMAGE, diff_h, add_h, ((diff_v,),), ((clip(diff_v + upper + 1),),)]


def drawing() -> str:
    """Return the drawing as SVG."""
    width = 5 * 2 * SIZE + 4 * GAP + 60
    font = 'font-family="Helvetica, Arial, sans-serif" font-size="13"'
    box = f'viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} {font}>',
        "<title>Max-pooling of a 2x2 window in four steps</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"',
        'markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#222"/></marker></defs>',
        f'<rect width="{width}" height="{HEIGHT}" fill="#fff"/>',
        *starmap(_stage, enumerate(steps())),
    ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _stage(place: int, grid: Grid) -> str:
    left = 30 + place * (2 * SIZE + GAP)
    middle = left + SIZE
    lines = [
        _text(middle, 26, _TITLES[place], "bold"),
        _text(middle, 46, "" if not place else f"step {place} of 4, to {'BA'[(place + 1) % 2]}"),
        *_cells(left, grid),
        _text(middle, TOP + 2 * SIZE + 34, _FORMULAS[place]),
        _text(middle, TOP + 2 * SIZE + 54, _SAYS[place]),
    ]
    if place:
        y = TOP + SIZE
        lines.append(
            f'<path d="M{left - GAP + 6},{y} H{left - 8}" stroke="#222" stroke-width="1.5" '
            'marker-end="url(#tip)"/>'
        )
    return "\n".join(line for line in lines if line)


def _cells(left: int, grid: Grid) -> Iterator[str]:
    """Give the cells of a plane, those that hold nothing of use as outlines."""
    for row in range(2):
        for col in range(2):
            there = row < len(grid) and col < len(grid[row])
            x, y = left + col * SIZE, TOP + row * SIZE
            look = 'fill="#EEF4FA" stroke="#0072B2"' if there else 'fill="none" stroke="#bbb"'
            yield f'<rect x="{x}" y="{y}" width="{SIZE}" height="{SIZE}" {look}/>'
            if there:
                yield _text(x + SIZE // 2, y + SIZE // 2 + 5, f"{grid[row][col]:g}", "bold")


def _text(x: int, y: int, text: str, weight: str = "normal") -> str:
    if not text:
        return ""
    return f'<text x="{x}" y="{y}" text-anchor="middle" font-weight="{weight}">{text}</text>'


if __name__ == "__main__":
    sys.stdout.write(drawing())
