"""The console that reports are printed to."""

import contextlib
import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

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


def is_stdout(output: Path) -> bool:
    """Tell whether an output is '-', which stands for standard output."""
    return str(output) == "-"


class _Nowhere(io.StringIO):
    """Takes what is written, and forgets it."""

    def write(self, text: str) -> int:
        """Forget a text."""
        return len(text)


@contextlib.contextmanager
def muted(*, errors: bool = False) -> Iterator[None]:
    """Take standard output away, and with `errors` standard error, too."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(_Nowhere()))
        if errors:
            stack.enter_context(contextlib.redirect_stderr(_Nowhere()))
        yield


def print_file(name: str, write: Callable[[Path], object]) -> None:
    """Print the text file that a function writes, without leaving it; what else it prints is not.

    name: of the file, which may decide on its form.
    """
    from accelsim.files import pour, scratch_folder  # noqa: PLC0415 - loads numpy

    with scratch_folder() as folder:
        with muted():
            write(folder / name)
        pour(folder / name, sys.stdout)


def _columns() -> int:
    """Return the width that the environment asks for; one that is none is left out."""
    text = os.environ.get("COLUMNS", "")
    asked = int(text) if re.fullmatch("[0-9]{1,5}", text) else 0
    return asked if _LEAST <= asked <= _MOST else _PLAIN_WIDTH
