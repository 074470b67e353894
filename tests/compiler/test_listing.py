"""Programs as JSON: long ones have a line for each instruction, and are read as they were."""

import json

import pytest

from accelsim.compiler import (
    Program,
    Tenancy,
    compile_network,
    listing,
    program_json,
    read_program,
)
from accelsim.errors import InputError
from tests.compiler.test_kernels import RELU, conv


@pytest.fixture
def program(make_network, irmen, monkeypatch) -> Program:
    """Return a program of five steps, where as many are long."""
    monkeypatch.setattr(listing, "_LONG", 5)
    return compile_network(make_network([1, 8, 8], conv(1, kernel=5), RELU), irmen)


def test_a_long_program_has_a_line_for_each_instruction(program, tmp_path):
    # load, two steps of the four blocks of 5x5, relu, handoff.
    assert len(program.instructions) == 5
    text = program_json(program)
    lines = text.split("\n")
    steps = [json.loads(line.rstrip(","))["step"] for line in lines if line.startswith('{"step"')]
    assert steps == [each.step for each in program.instructions]
    path = tmp_path / "program.json"
    path.write_text(text)
    assert read_program(path) == program


def test_it_says_the_same_as_a_short_one(program, monkeypatch):
    long = program_json(program)
    monkeypatch.setattr(listing, "_LONG", 1000)
    short = program_json(program)
    assert long.count("\n") < short.count("\n")
    assert json.loads(long) == json.loads(short)


def test_tenants_are_long_together(program, tmp_path):
    tenancy = Tenancy((program, program), ("cam", "mic"), (1, 0))
    text = program_json(tenancy)
    assert text.count('{"step"') == 2 * len(program.instructions)
    path = tmp_path / "program.json"
    path.write_text(text)
    assert read_program(path) == tenancy


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("first_map", 2**31, "got 2147483648; expected one of 32 bits"),
        ("layer", "a\x1bb", r"got 'a\x1bb'; expected printable text"),
        ("layer", "a\u2028b", r"got 'a\u2028b'; expected printable text"),
    ],
)
def test_what_no_terminal_and_no_trace_should_get_is_refused(
    program, tmp_path, key, value, message
):
    data = json.loads(program_json(program))
    data["instructions"][2][key] = value
    path = tmp_path / "program.json"
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_program(path)
    assert message in str(caught.value)
