"""Tables in Markdown, and the lists that docstrings hold."""

import inspect
import re
from collections.abc import Iterable, Sequence

_ENTRY = re.compile(r"^(?P<name>[\w., -]+?)(?:\s{2,}|: )(?P<text>.*)$")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; bars and line ends of its cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines) + "\n"


def code(text: object) -> str:
    """Return a text as code; "" for none."""
    return f"`{text}`" if str(text) else ""


def listed(docstring: str, heading: str) -> dict[str, str]:
    """Return the entries of a section of a docstring, by name.

    Either of numpy style, where a heading is underlined and a name stands above its indented text,
    or names with their texts beside them, indented below the heading; then more of a text is
    indented further.
    """
    lines = inspect.cleandoc(docstring).splitlines()
    start = lines.index(heading) + 1
    underlined = start < len(lines) and set(lines[start]) == {"-"}
    return _numpy(lines[start + 1 :]) if underlined else _beside(lines[start:])


def _numpy(lines: Sequence[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for place, line in enumerate(lines):
        below = lines[place + 1] if place + 1 < len(lines) else ""
        if below and set(below) == {"-"}:
            break
        if line.startswith(" ") and found:
            found[next(reversed(found))].append(line.strip())
        elif line:
            found[line.partition(" : ")[0]] = []
    return {name: " ".join(text) for name, text in found.items()}


def _beside(lines: Sequence[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for line in lines:
        if not line.startswith("    "):
            if line or not found:
                break
            continue
        entry = None if line.startswith("     ") else _ENTRY.match(line.strip())
        if entry is not None:
            found[entry["name"]] = [entry["text"].strip()]
        elif found:
            found[next(reversed(found))].append(line.strip())
    return {name: " ".join(text) for name, text in found.items()}


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", r"\|")
