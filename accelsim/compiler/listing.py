"""The instruction list as JSON: what `compile --json` prints and a run directory keeps."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from accelsim.compiler.instruction import Program
from accelsim.compiler.tenancy import Tenancy
from accelsim.errors import InputError
from accelsim.files import JSON, read_bytes
from accelsim.resources import display, visible

_PROGRAM = TypeAdapter(Program)
_TENANCY = TypeAdapter(Tenancy)
_MOST = 2**31


def program_json(program: Program | Tenancy) -> str:
    """Return a program, or those of tenants, as JSON, with the field names of the data type.

    A kernel that is a whole window has no key `block`, a step of whole maps no key `tile`.
    """
    adapter: TypeAdapter[Any] = _TENANCY if isinstance(program, Tenancy) else _PROGRAM
    return json.dumps(_plain(adapter.dump_python(program, mode="json")), indent=2)


def read_program(path: Path) -> Program | Tenancy:
    """Read a program, or those of tenants, from JSON; InputError if it is none."""
    text = read_bytes(path, JSON)
    adapter: TypeAdapter[Any] = _TENANCY if _is_of_tenants(text) else _PROGRAM
    try:
        program: Program | Tenancy = adapter.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise _damaged(path, f"{key}: {first['msg']}") from None
    for fault in _faults(adapter.dump_python(program)):
        raise _damaged(path, fault)
    if isinstance(program, Tenancy) and not program.is_sound:
        raise _damaged(path, "expected a name and contexts, 0 or more, for each program")
    return program


def _plain(node: Any) -> Any:
    """Return the data of a program without blocks and tiles that are none."""
    if isinstance(node, dict):
        return {
            key: _plain(value)
            for key, value in node.items()
            if key not in {"block", "tile"} or value is not None
        }
    return [_plain(value) for value in node] if isinstance(node, list) else node


def _is_of_tenants(text: bytes) -> bool:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "programs" in found


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
