"""One look for all tables."""

from collections.abc import Sequence

from rich import box
from rich.table import Table


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
