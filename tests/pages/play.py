"""Plays a page: writes its files, runs its commands, and gives what they print."""

import contextlib
import io
import runpy
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from accelsim.cli import main
from tests.pages.blocks import Command, File, read

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
PLAYED = sorted(
    path.relative_to(DOCS).as_posix() for path in (*DOCS.glob("tutorials/*.md"), DOCS / "own.md")
)


def play(page: str) -> Iterator[tuple[Command, list[str]]]:
    """Give each command of a page with what it prints, in the folder one is in."""
    for part in read(page):
        if isinstance(part, File):
            Path(part.name).parent.mkdir(parents=True, exist_ok=True)
            Path(part.name).write_text(part.text, encoding="utf-8")
        else:
            yield part, run(part.line)


def run(line: str) -> list[str]:
    """Return what a command prints, output and errors, without blanks at ends of lines."""
    words = shlex.split(line)
    out = io.StringIO()
    with (
        mock.patch.object(sys, "argv", words if words[0] == "accelsim" else words[1:]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
        contextlib.suppress(SystemExit),
    ):
        if words[0] == "accelsim":
            main()
        elif words[0] == "python":
            runpy.run_path(words[1], run_name="__main__")
        else:
            raise ValueError(f"a page runs accelsim or python, got '{line}'")
    return [text.rstrip() for text in out.getvalue().rstrip().splitlines()]
