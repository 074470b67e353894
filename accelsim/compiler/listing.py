"""The instruction list as JSON: what `compile --json` prints and a run directory keeps."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from accelsim.compiler.instruction import Program
from accelsim.errors import InputError
from accelsim.files import JSON, read_bytes
from accelsim.resources import display, visible

_PROGRAM = TypeAdapter(Program)
_MOST = 2**31


def program_json(program: Program) -> str:
    """Return a program as JSON, with the field names of the data type."""
    return json.dumps(_PROGRAM.dump_python(program, mode="json"), indent=2)


def read_program(path: Path) -> Program:
    """Read a program from JSON; InputError if it is none."""
    try:
        program = _PROGRAM.validate_json(read_bytes(path, JSON), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise _damaged(path, f"{key}: {first['msg']}") from None
    for fault in _faults(_PROGRAM.dump_python(program)):
        raise _damaged(path, fault)
    return program


def _faults(node: object) -> Iterator[str]:
    """Give a line for each text that no terminal should get, and each number beyond 32 bits."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _faults(key)
            yield from _faults(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _faults(value)
    elif isinstance(node, str) and not node.isprintable():
        yield f"got {node!a:.80}; expected printable text"
    elif isinstance(node, int) and not -_MOST <= node < _MOST:
        yield f"got {node if node.bit_length() < 100 else 'a number'}; expected one of 32 bits"


def _damaged(path: Path, what: str) -> InputError:
    return InputError(f"{display(path)}: not a program of accelsim: {visible(what)}")
