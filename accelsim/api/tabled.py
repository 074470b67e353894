"""What studies and sweeps return: a table that prints, a data frame, and a figure."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accelsim.api.answers import printed
from accelsim.plots import WIDTHS

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

PAGE = WIDTHS["page"]
"""Inches: both columns of a journal page, and wide enough for a notebook."""


def print_tables(*shown: "Table | str") -> str:
    """Return tables and lines as text, one after another."""

    def write(console: "Console") -> None:
        for each in shown:
            console.print(each)

    return printed(write)


@dataclass(frozen=True, repr=False, kw_only=True)
class Tabled(ABC):
    """What was measured.

    Attributes
    ----------
    text
        What the command prints, 80 characters wide; `print` and a notebook show it.
    """

    text: str = field(repr=False)

    @abstractmethod
    def to_pandas(self) -> "pd.DataFrame":
        """Return a row for each point, units in the names; pandas is an extra.

        Returns
        -------
        pandas.DataFrame
            The rows of the CSV that the command writes.

        Raises
        ------
        accelsim.errors.InputError
            Without pandas.
        """

    @abstractmethod
    def plot(self, width: float = PAGE) -> "matplotlib.figure.Figure":
        """Return the figure that the command draws, which a notebook shows.

        Parameters
        ----------
        width
            Inches; both columns of a journal page if not given.

        Returns
        -------
        matplotlib.figure.Figure
            Save it with `figure.savefig`.
        """

    def __repr__(self) -> str:
        return self.text

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's
        printer.text(self.text)
