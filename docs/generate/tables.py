"""Tables in Markdown, lines of a terminal, and the lists that docstrings hold."""

import inspect
import re
from collections.abc import Iterable, Sequence

_SENTENCE = re.compile(r"(?:^|(?<=[.:;] ))([a-z_0-9]+(?:, [a-z_0-9]+)*): ")
_ENTRY = re.compile(r"^(?P<name>[\w., -]+?)\s{2,}(?P<text>.*)$")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; bars and line ends of its cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines) + "\n"


def trimmed(printed: str) -> str:
    """Return what a command prints, without blanks at ends of lines and empty lines around."""
    return "\n".join(line.rstrip() for line in printed.splitlines()).strip("\n")


def code(text: object) -> str:
    """Return a text as code; "" for none."""
    return f"`{text}`" if str(text) else ""


def listed(docstring: str, heading: str) -> dict[str, str]:
    """Return the entries of a list in a docstring, by name: 'name  text' below a heading.

    More of a text is indented further.
    """
    lines = inspect.cleandoc(docstring).splitlines()
    found: dict[str, list[str]] = {}
    for line in lines[lines.index(heading) + 1 :]:
        if not line.startswith("    "):
            break
        entry = None if line.startswith("     ") else _ENTRY.match(line.strip())
        if entry is not None:
            found[entry["name"]] = [entry["text"].strip()]
        elif found:
            found[next(reversed(found))].append(line.strip())
    return {name: " ".join(text) for name, text in found.items()}


def said_of(schema: type) -> dict[str, str]:
    """Return what the docstring of a class says of its fields in prose: 'name, name: text'."""
    text = " ".join(inspect.cleandoc(schema.__doc__ or "").split())
    parts = _SENTENCE.split(text)[1:]
    found: dict[str, str] = {}
    for names, meaning in zip(parts[::2], parts[1::2], strict=True):
        found |= dict.fromkeys(names.split(", "), meaning.strip())
    return found


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", r"\|")
