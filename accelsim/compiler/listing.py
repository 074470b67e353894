"""The instruction list as JSON: what `compile --json` prints and a run directory keeps.

A long program has a line for each instruction; indented it would be four times as large.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from accelsim.collector import all_stay
from accelsim.compiler.instruction import Instruction, Program
from accelsim.compiler.shared import Shared
from accelsim.compiler.tenancy import Tenancy
from accelsim.errors import InputError
from accelsim.files import PROGRAM, read_bytes
from accelsim.resources import display, visible

_INSTRUCTION = TypeAdapter(Instruction)
_PROGRAM = TypeAdapter(Program)
_TENANCY = TypeAdapter(Tenancy)
_MOST = 2**31
_LONG = 1000
"""Instructions of a program, or of all tenants, from which on each has a line."""
_BEGIN, _NEXT, _END, _NONE = b'"instructions": [\n', b",\n", b"\n]", b'"instructions": []'
"""What stands around the lines of a long program, and in place of them where there are none."""
_PERHAPS_FAULTY = re.compile(rb"[^ -~\n]|\\|(?<![.\d])\d{10}")
"""Bytes without which JSON has neither text that is not printable nor numbers beyond 32 bits."""


def program_json(program: Program | Tenancy) -> str:
    """Return a program, or those of tenants, as JSON, with the field names of the data type.

    A kernel that is a whole window has no key `block`, a step of whole maps no key `tile`, a
    program that ends with the handoff no key `classifier`.
    """
    if sum(len(each.instructions) for each in Tenancy.of(program).programs) >= _LONG:
        return _listed(program)
    adapter: TypeAdapter[Any] = _TENANCY if isinstance(program, Tenancy) else _PROGRAM
    return json.dumps(_plain(adapter.dump_python(program, mode="json")), indent=2)


def read_program(path: Path) -> Program | Tenancy:
    """Read a program, or those of tenants, from JSON; InputError if it is none."""
    text = read_bytes(path, PROGRAM)
    adapter: TypeAdapter[Any] = _TENANCY if _is_of_tenants(text) else _PROGRAM
    try:
        with all_stay():
            program: Program | Tenancy | None = _by_lines(text)
            if program is None:
                program = adapter.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise _damaged(path, f"{key}: {first['msg']}") from None
    if _PERHAPS_FAULTY.search(text):
        for fault in _faults(adapter.dump_python(program)):
            raise _damaged(path, fault)
    if isinstance(program, Tenancy) and not program.is_sound:
        raise _damaged(path, "expected a name and contexts, 0 or more, for each program")
    return program


def _by_lines(text: bytes) -> Program | None:
    """Read a program that has a line for each instruction; None if it is another, or damaged.

    At once, all that is read would be in memory twice.
    """
    before, begins, rest = text.partition(_BEGIN)
    lines, ends, after = rest.rpartition(_END)
    if not begins or not ends:
        return None
    shared = Shared()
    try:
        program = _PROGRAM.validate_json(before + _NONE + after, strict=True)
        steps = (_INSTRUCTION.validate_json(line, strict=True) for line in lines.split(_NEXT))
        return replace(program, instructions=tuple(map(shared.instruction, steps)))
    except ValidationError:
        return None


def _listed(program: Program | Tenancy) -> str:
    """Return the JSON of a long program: a line for each instruction."""
    if isinstance(program, Tenancy):
        rest = _TENANCY.dump_python(replace(program, programs=()), mode="json")
        name, items = "programs", [_listed(each) for each in program.programs]
    else:
        rest = _PROGRAM.dump_python(replace(program, instructions=()), mode="json")
        name, items = "instructions", [_line(each) for each in program.instructions]
    texts = {key: json.dumps(value) for key, value in _plain(rest).items()}
    texts[name] = "[\n" + ",\n".join(items) + "\n]"
    return "{" + ",\n".join(f'"{key}": {text}' for key, text in texts.items()) + "}"


def _line(instruction: Instruction) -> str:
    # Inside of a text a quotation mark would have a backslash.
    text = _INSTRUCTION.dump_json(instruction).replace(b',"block":null', b"")
    return text.replace(b',"tile":null', b"").decode()


def _plain(node: Any) -> Any:
    """Return the data of a program without blocks, tiles and classifiers that are none."""
    if isinstance(node, dict):
        return {
            key: _plain(value)
            for key, value in node.items()
            if not (key in {"block", "tile"} and value is None)
            and not (key == "classifier" and not value)
        }
    return [_plain(value) for value in node] if isinstance(node, list) else node


def _is_of_tenants(text: bytes) -> bool:
    if b'"programs"' not in text:
        return False
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
