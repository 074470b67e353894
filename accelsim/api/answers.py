"""What `explain`, `diff` and `compare` return: the text that the command prints, and its data."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console

from accelsim.reports.comparison import MachineComparison
from accelsim.runs import Comparison

if TYPE_CHECKING:
    import pandas as pd

_WIDTH = 80


def printed(write: Callable[[Console], object], width: int = _WIDTH) -> str:
    """Return what a function prints to a console so many characters wide."""
    stream = io.StringIO()
    write(Console(file=stream, width=width, highlight=False, markup=False, emoji=False))
    lines = (line.rstrip() for line in stream.getvalue().rstrip().split("\n"))
    return "\n".join(lines)


@dataclass(frozen=True, repr=False)
class Answer:
    """An answer about a run.

    Attributes
    ----------
    text
        What the command prints, 80 characters wide; `print` and a notebook show it.
    tree
        The same as plain data, as `--json` has it; `answer["key"]` is a part of it.
    """

    text: str
    tree: Mapping[str, Any] = field(repr=False)

    def __getitem__(self, key: str) -> Any:
        """Return a part of the data."""
        return self.tree[key]

    def __repr__(self) -> str:
        return self.text

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's
        printer.text(self.text)


@dataclass(frozen=True, repr=False)
class Explanation(Answer):
    """Why a run is what it is. See `explain`."""


@dataclass(frozen=True, repr=False)
class Difference(Answer):
    """How two runs differ. See `diff`.

    Attributes
    ----------
    comparison
        Both runs, and what differs, as objects.
    """

    comparison: Comparison = field(repr=False)

    @property
    def same(self) -> bool:
        """Whether schedule, energy and values are the same."""
        return self.comparison.same


@dataclass(frozen=True, repr=False)
class SideBySide(Answer):
    """Machines and runs side by side. See `compare`.

    Attributes
    ----------
    comparison
        Columns and lines as objects.
    """

    comparison: MachineComparison = field(repr=False)

    def to_pandas(self) -> "pd.DataFrame":
        """Return a row for each figure and a column for each machine or run.

        Returns
        -------
        pandas.DataFrame
            With section and figure as index, and the unit as first column.

        Raises
        ------
        accelsim.errors.InputError
            Without pandas.
        """
        from accelsim.api.frames import new_frame  # noqa: PLC0415 - for pandas alone

        names = self.comparison.names
        rows = (
            {"section": line.section or "figures", "figure": line.figure, "unit": line.unit}
            | dict(zip(names, line.values, strict=True))
            for line in self.comparison.lines
        )
        return new_frame(rows).set_index(["section", "figure"])
