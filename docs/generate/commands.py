"""The commands with their arguments and options: what `--help` says of each."""

from collections.abc import Iterator
from typing import Any

import typer
from typer.testing import CliRunner

from accelsim.cli.app import app
from docs.generate.tables import trimmed

WIDTH = 90


def commands() -> dict[str, Any]:
    """Return each command of typer by the words that are typed for it: 'device sweep'."""
    return dict(_below(typer.main.get_command(app), ()))


def text() -> str:
    """Return a section for each command in Markdown."""
    return "\n\n".join(map(_section, commands()))


def _below(command: Any, typed: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(typed), command
        return
    for name, each in inner.items():
        yield from _below(each, (*typed, name))


def _section(typed: str) -> str:
    environment = {"COLUMNS": str(WIDTH), "TERMINAL_WIDTH": str(WIDTH), "NO_COLOR": "1"}
    said = CliRunner().invoke(app, [*typed.split(), "--help"], env=environment).output
    return f"## accelsim {typed}\n\n```text\n{trimmed(said)}\n```"
