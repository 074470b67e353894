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
from accelsim.ops import Grid
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


def test_what_is_read_by_lines_is_there_once(make_network, irmen, monkeypatch, tmp_path):
    # Maps of one cell: their extent, (1, 1), and a dense grid are alike, and stay what they are.
    monkeypatch.setattr(listing, "_LONG", 1)
    made = compile_network(make_network([1, 1, 1], conv(16), RELU, conv(16), RELU), irmen)
    path = tmp_path / "program.json"
    path.write_text(program_json(made))
    found = read_program(path)
    assert found == made
    assert program_json(found) == program_json(made)
    operands = [operand for step in found.instructions for operand in step.operands]
    for part in ("planes", "taps", "grid", "extent"):
        values = [getattr(operand, part) for operand in operands]
        assert len(set(map(id, values))) == len(set(values)) < len(values), part
    assert {type(operand.extent) for operand in operands} == {tuple}
    assert {type(operand.grid) for operand in operands} == {Grid}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"rows":8', '"rows":true', "instructions.0.rows: Input should be a valid integer"),
        ('"op":"load"', '"op":"load', "the file: Invalid JSON"),
        ('"network"', '"net"', "network: Field required"),
    ],
)
def test_a_long_program_that_is_damaged_is_refused_as_a_short_one(
    program, tmp_path, old, new, message
):
    path = tmp_path / "program.json"
    path.write_text(program_json(program).replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_program(path)
    assert f"not a program of accelsim: {message}" in str(caught.value)
