"""Which cells are needed of a map, and views of tiles: by hand."""

import pytest

import accelsim
from accelsim.compiler import check_program, compile_network
from accelsim.compiler.regions import Region, Span, needed
from accelsim.compiler.tiles import shown
from accelsim.ops import DENSE, Piece, Value
from accelsim.topology import Place
from tests.compiler.test_folding import holds
from tests.conftest import CONV, RELU
from tests.plain_network import random_weights

WIDE = CONV | {"padding": [3, 3, 3, 3]}
"""4 rows are padded to 10 and give 8: rows 0 and 7 see padding alone."""


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((0, 1), (0, 1)),  # its window is -3 to -1
        ((7, 8), (3, 4)),  # 4 to 6
        ((0, 2), (0, 1)),  # -3 to 0
        ((1, 3), (0, 2)),
        ((6, 8), (3, 4)),
        ((0, 8), (0, 4)),
    ],
)
def test_a_window_of_padding_needs_the_nearest_cell(make_network, rows, expected):
    layer = make_network([1, 4, 4], WIDE, RELU).on_machine[0]
    assert [needed(layer, axis, Span(*rows)) for axis in (0, 1)] == [Span(*expected)] * 2


def test_tiles_of_padding_alone(make_network):
    # Tiles of 8 x 8 cells, each of 1 x 1: the 28 at the border see padding alone.
    network = make_network([1, 4, 4], WIDE, RELU)
    machine = accelsim.load_machine(
        "irmen", {"arrays.rows": 1, "arrays.cols": 1, "banks.planes": 128, "banks.read_ports": 9}
        | {"arrays.fan_in": 16}
    )  # fmt: skip
    weights = random_weights(network)
    program = compile_network(network, machine, weights)
    check_program(program, machine)
    holds(network, program, weights)


def test_a_view_is_of_the_first_value_that_holds_it_all():
    # Rows 2 and 3 are in both strips, rows 4 and 5 in the lower one alone.
    above, below = (Value(Place.A, 3, 4, 6, DENSE) for _ in range(2))
    pieces = [
        (Region(Span(0, 4), Span(0, 6)), above), (Region(Span(2, 6), Span(0, 6)), below),
    ]  # fmt: skip
    both = shown(pieces, Region(Span(2, 4), Span(0, 6)))
    assert both.pieces == (Piece(above, 2, 0),)
    assert shown(pieces, Region(Span(3, 5), Span(1, 6))).pieces == (Piece(below, 1, 1),)
    assert shown(pieces, Region(Span(0, 4), Span(0, 6))) is above
