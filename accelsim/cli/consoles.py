"""The console that reports are printed to."""

import os
import re

from rich.console import Console

# Where the output is not a terminal, and COLUMNS does not say.
_PLAIN_WIDTH = 80
_LEAST, _MOST = 20, 10_000


def plain_console() -> Console:
    """Return a console that shows names and descriptions as they are: no markup, no emoji.

    Tables are set for the terminal, and elsewhere for COLUMNS characters, or 80.
    """
    width = None if Console().is_terminal else _columns()
    return Console(highlight=False, markup=False, emoji=False, width=width)


def _columns() -> int:
    """Return the width that the environment asks for; one that is none is left out."""
    text = os.environ.get("COLUMNS", "")
    asked = int(text) if re.fullmatch("[0-9]{1,5}", text) else 0
    return asked if _LEAST <= asked <= _MOST else _PLAIN_WIDTH
