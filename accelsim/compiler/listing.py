"""The instruction list as JSON: what `compile --json` prints and a run directory keeps."""

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from accelsim.compiler.instruction import Program
from accelsim.errors import InputError
from accelsim.files import JSON, read_bytes
from accelsim.resources import display

_PROGRAM = TypeAdapter(Program)


def program_json(program: Program) -> str:
    """Return a program as JSON, with the field names of the data type."""
    return json.dumps(_PROGRAM.dump_python(program, mode="json"), indent=2)


def read_program(path: Path) -> Program:
    """Read a program from JSON; InputError if it is none."""
    try:
        return _PROGRAM.validate_json(read_bytes(path, JSON), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(
            f"{display(path)}: not a program of accelsim: {key}: {first['msg']}"
        ) from None
