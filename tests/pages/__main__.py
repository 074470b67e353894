"""Writes the outputs of commands on the pages anew: python -m tests.pages [PAGE]...

For outputs that are meant to be others; look at what git says has changed. Where a page leaves
lines out, as many lines are taken from where they are most alike.
"""

import difflib
import os
import sys
import tempfile

from tests.pages.blocks import ANY, agrees
from tests.pages.play import DOCS, PLAYED, play


def main() -> None:
    """Write the pages that are named, or all."""
    os.environ.pop("COLUMNS", None)
    for name in sys.argv[1:] or PLAYED:
        path = DOCS / name
        page = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            played = list(play(page))
            os.chdir(DOCS)
        for command, actual in reversed(played):
            if not agrees(command.printed, actual):
                begin, end = command.span
                lines = "".join(f"{line}\n" for line in taken(command.printed, actual))
                page = page[:begin] + lines + page[end:]
        path.write_text(page, encoding="utf-8")


def taken(printed: tuple[str, ...], actual: list[str]) -> list[str]:
    """Return what a page is to have of some lines, with "..." where it has it now."""
    if ANY not in printed:
        return actual
    found: list[str] = []
    chunk: list[str] = []
    at = 0
    for line in [*printed, ANY]:
        if line != ANY:
            chunk.append(line)
            continue
        if chunk:
            at = _most_alike(chunk, actual, at)
            found += actual[at : at + len(chunk)]
            at += len(chunk)
        found.append(ANY)
        chunk = []
    return found[:-1]


def _most_alike(chunk: list[str], actual: list[str], begin: int) -> int:
    """Return where lines are most like a chunk, from a line on."""
    places = range(begin, max(begin + 1, len(actual) - len(chunk) + 1))
    text = "\n".join(chunk)
    return max(
        places,
        key=lambda at: difflib.SequenceMatcher(
            None, text, "\n".join(actual[at : at + len(chunk)])
        ).ratio(),
    )


if __name__ == "__main__":
    main()
