"""What a page has to be run: files with a name, and commands with their output.

A file is a block with a caption, its name:

    ```{code-block} yaml
    :caption: net.yaml

A block `console` has commands after "$ ", each with its output below. A line "..." stands for any
lines of it.
"""

import re
from dataclasses import dataclass

PROMPT, ANY = "$ ", "..."
_FENCE = re.compile(r"^```(?P<info>[^`\n]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
_CAPTION = re.compile(r":caption: (?P<name>\S+)\n+(?P<text>.*)", re.DOTALL)


@dataclass(frozen=True)
class File:
    """A file that a page has the reader write."""

    name: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command with the lines that the page says it prints; span: where these are in the page."""

    line: str
    printed: tuple[str, ...]
    span: tuple[int, int]


def read(page: str) -> list[File | Command]:
    """Return the files and commands of a page in their order."""
    found: list[File | Command] = []
    for block in _FENCE.finditer(page):
        info, body = block["info"].strip(), block["body"]
        caption = _CAPTION.match(body)
        if info.startswith("{code-block}") and caption:
            found.append(File(caption["name"], caption["text"]))
        elif info == "console":
            found += _commands(body, block.start("body"))
    return found


def _commands(body: str, begin: int) -> list[Command]:
    found = []
    for part in re.finditer(r"^\$ (?P<line>.*)\n(?P<printed>(?:(?!\$ ).*\n)*)", body, re.MULTILINE):
        lines = tuple(part["printed"].splitlines())
        span = (begin + part.start("printed"), begin + part.end("printed"))
        found.append(Command(part["line"].partition("  # ")[0], lines, span))
    return found


def agrees(printed: tuple[str, ...], actual: list[str]) -> bool:
    """Tell whether lines are those that a page has, whatever stands for its "..."."""
    pattern = "".join(r"(?:.*\n)*?" if line == ANY else f"{re.escape(line)}\n" for line in printed)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in actual)) is not None
