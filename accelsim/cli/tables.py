"""One look for all tables."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

# Tables are set for this width where the output is not a terminal.
PLAIN_WIDTH = 100


def console() -> Console:
    """Return the console that tables are printed on."""
    width = None if Console().is_terminal else PLAIN_WIDTH
    # Names and descriptions are the user's: no markup, no emoji codes.
    return Console(highlight=False, markup=False, emoji=False, width=width)


def new_table(
    title: str, *, left: Sequence[str] = (), right: Sequence[str] = (), order: Sequence[str] = ()
) -> Table:
    """Return an empty table: `left` columns hold text, `right` ones numbers.

    order: the columns as they stand; without it, left ones first.
    """
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in order or (*left, *right):
        justify = "right" if name in right else "left"
        table.add_column(name, justify=justify, no_wrap=name in right)  # type: ignore[arg-type]
    return table
