"""Counts of a step, against a count of cells one by one."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.compiler import Grid, Kernel, Operand, Place, PlaneRef, Tap, compile_network, count
from accelsim.compiler.counts import cells_read
from tests.conftest import CONV, RELU

taps = st.lists(
    st.builds(Tap, st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=5, unique=True
)


@settings(max_examples=150, deadline=None)
@given(
    taps=taps,
    window=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    grid=st.builds(Grid, st.integers(1, 3), st.integers(1, 3)),
    extent=st.tuples(st.integers(1, 14), st.integers(1, 14)),
)
def test_cells_read_one_by_one(make_network, irmen, taps, window, grid, extent):
    program = compile_network(make_network([1, 4, 4], CONV, RELU), irmen)
    operand = Operand((PlaneRef(Place.A, 0, 0),), tuple(taps), Kernel(), grid, extent)
    instruction = replace(program.instructions[1], rows=window[0], cols=window[1])
    used = {
        (i * grid.row_step + tap.row, j * grid.col_step + tap.col)
        for i in range(window[0])
        for j in range(window[1])
        for tap in taps
    }
    inside = {(row, col) for row, col in used if 0 <= row < extent[0] and 0 <= col < extent[1]}
    assert cells_read(operand, instruction) == len(inside)


@pytest.mark.parametrize("read_cycles", [1, 9])
def test_tap_cycles_scale_with_the_read_phase_and_cells_do_not(mnist, irmen, read_cycles):
    program = compile_network(mnist, irmen)
    for instruction in program.instructions:
        once, longer = count(instruction, 1), count(instruction, read_cycles)
        assert longer.tap_cycles == read_cycles * once.tap_cycles
        assert longer.static_cycles == read_cycles * once.static_cycles
        assert (longer.written, longer.read) == (once.written, once.read)


def test_steps_alternate_between_the_circuits(mnist, irmen):
    program = compile_network(mnist, irmen)
    routes = [instruction.routes for instruction in program.instructions]
    to_b, to_a = ("datapath.a_to_b",), ("datapath.b_to_a",)
    pair = [to_b, ("datapath.b_to_a", "datapath.a_local")]
    layer = [to_b, to_a, *pair, *pair]
    assert routes == [("host.load",), *layer, *layer, ("host.handoff",)]
