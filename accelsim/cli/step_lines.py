"""Lines of tables of steps: of a long program, the steps of an op of a layer share a line."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

MOST_STEPS = 100
"""Steps that have a line each; of more, those of a layer and op are one."""


class OfStep(Protocol):
    """A row of a step. step: its number in the program."""

    @property
    def step(self) -> int:
        """Number from 1."""

    @property
    def op(self) -> str:
        """Op of the step."""

    @property
    def layer(self) -> str:
        """Layer that it is of."""


Row = TypeVar("Row", bound=OfStep)


def lines_of(rows: Sequence[Row], *, full: bool = False) -> list[Sequence[Row]]:
    """Return the rows of each line: one, or, if there are many, those of a layer and op.

    full: one in any case. Lines stand in the order of their first rows.
    """
    if full or len(rows) <= MOST_STEPS:
        return [[row] for row in rows]
    lines: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        lines.setdefault((row.layer, row.op), []).append(row)
    return list(lines.values())


def numbers(line: Sequence[OfStep]) -> str:
    """Return the steps of a line as '5', or as '5-128' the first and the last of them."""
    first, last = line[0].step, line[-1].step
    return f"{first}" if len(line) == 1 else f"{first}-{last}"


def folded(rows: int, lines: int, each: str) -> str:
    """Say that a table has fewer lines than rows. each: how to see a line for each."""
    return (
        f"{rows:,} steps in {lines} lines, one for each op of a layer; step: the first and the "
        f"last of them. {each}"
    )
