"""The console that reports are printed to."""

from rich.console import Console

# Tables are set for this width where the output is not a terminal.
_PLAIN_WIDTH = 100


def plain_console(plain_width: int = _PLAIN_WIDTH) -> Console:
    """Return a console that shows names and descriptions as they are: no markup, no emoji."""
    width = None if Console().is_terminal else plain_width
    return Console(highlight=False, markup=False, emoji=False, width=width)
