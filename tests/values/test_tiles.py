"""Tiles compute what whole maps do: at any border, on any machine, for any layers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accelsim
from accelsim.compiler import compile_network
from accelsim.compiler.regions import Part, Region, Span, needed, units_of, whole
from accelsim.errors import InputError
from accelsim.values import Effects, Engine
from accelsim.values.layers import LayerEngine
from accelsim.values.noisy import NoisyEngine
from tests.compiler.test_folding import holds
from tests.conftest import AVG2, CONV, MAX2, MAX3, RELU
from tests.plain_network import features, random_weights
from tests.values.test_effects import steady

PADDINGS = st.one_of(
    st.sampled_from(["same", "valid"]), st.lists(st.integers(0, 3), min_size=4, max_size=4)
)
CONVS = st.fixed_dictionaries(
    {
        "op": st.just("conv"),
        "out": st.integers(1, 5),
        "kernel": st.sampled_from([1, 3, 3, 5, 7]),
        "stride": st.sampled_from([1, 1, 2]),
        "padding": PADDINGS,
    }
)
POOLS = st.sampled_from(
    [
        MAX2,
        AVG2,
        {"op": "avgpool", "kernel": 3, "stride": 2, "padding": "valid"},
        MAX3 | {"padding": "same"},
        MAX3 | {"stride": 2, "padding": "valid"},
        MAX3 | {"stride": 2, "padding": [1, 0, 0, 1]},
    ]
)
RESIDUAL = (CONV | {"out": 3}, RELU, CONV | {"out": 3}, "add", RELU)
DEPTHWISE = (CONV | {"out": 4, "kernel": 1}, RELU, CONV | {"out": 4, "groups": 4}, RELU)
BLOCKS = st.one_of(
    CONVS.map(lambda conv: (conv, RELU)),
    POOLS.map(lambda pool: (pool,)),
    st.sampled_from([RESIDUAL, DEPTHWISE, (CONV | {"out": 2}, RELU, "concat")]),
)
MACHINES = st.fixed_dictionaries(
    {
        "arrays.rows": st.integers(3, 7),
        "arrays.cols": st.integers(2, 7),
        "arrays.lanes": st.sampled_from([1, 3, 8]),
        "arrays.fan_in": st.integers(2, 4),
        "banks.read_ports": st.integers(2, 3),
        "circuits": st.integers(1, 2),
        "banks.planes": st.just(4096),
    }
)


def layers_of(blocks):
    layers = []
    for block in blocks:
        before = f"{layers[-1]['op']}{len(layers) - 1}" if layers else "input"
        first = len(layers)
        for layer in block:
            if layer == "add":
                layers.append({"op": "add", "inputs": [f"conv{first + 2}", f"relu{first + 1}"]})
            elif layer == "concat":
                layers.append({"op": "concat", "inputs": [f"relu{first + 1}", before]})
            else:
                layers.append(layer)
    return layers


@settings(deadline=None, max_examples=12)
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(5, 10), st.integers(5, 9)),
    blocks=st.lists(BLOCKS, min_size=1, max_size=2),
    changes=MACHINES,
)
def test_tiles_compute_what_the_network_means(make_network, shape, blocks, changes):
    try:
        network = make_network(list(shape), *layers_of(blocks))
    except InputError:  # a window that does not fit the maps
        return
    machine = accelsim.load_machine("irmen", changes)
    weights = random_weights(network)
    try:
        program = compile_network(network, machine, weights)
    except InputError as error:
        assert "a window of" in str(error)  # noqa: PT017 - of a pool that no tile has
        return
    holds_at_each_cell(network, program, weights)
    rows, cols = changes["arrays.rows"], changes["arrays.cols"]
    for step in program.instructions:
        extents = [operand.extent for operand in step.operands]
        if step.destination:
            extents.append((step.rows, step.cols))
        assert all(height <= rows and width <= cols for height, width in extents)


def holds_at_each_cell(network, program, weights):
    pixels = np.random.default_rng(2).integers(0, 256, (2, *network.input), np.uint8)
    expected = features(network, weights, pixels)
    for engine in (Engine, LayerEngine):
        found = engine(program, weights, np.float64).run(pixels)
        np.testing.assert_allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize("size", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("circuits", [1, 2])
def test_every_layer_on_arrays_of_any_size(make_network, size, circuits):
    network = make_network(
        [2, 11, 10],
        CONV | {"out": 4, "kernel": 5},
        RELU,
        CONV | {"out": 4},
        RELU,
        CONV | {"out": 4},
        {"op": "add", "inputs": ["conv4", "relu1"]},
        RELU,
        {"op": "concat", "inputs": ["relu6", "relu3"]},
        CONV | {"out": 3, "stride": 2, "padding": [2, 0, 0, 2]},
        RELU,
        AVG2,
    )
    changes = {"arrays.rows": size, "arrays.cols": size + 1, "circuits": circuits}
    machine = accelsim.load_machine("irmen", changes | {"banks.planes": 4096})
    weights = random_weights(network)
    holds(network, compile_network(network, machine, weights), weights)


def test_cells_without_errors_compute_the_same(make_network):
    network = make_network([1, 12, 12], CONV | {"out": 8}, RELU, CONV | {"out": 8}, RELU)
    changes = {"arrays.rows": 6, "arrays.cols": 6, "banks.planes": 16}
    machine = accelsim.load_machine("irmen", changes)
    weights = random_weights(network, size=0.2)
    program = compile_network(network, machine, weights)
    assert any(step.op == "exchange" for step in program.instructions)
    images = np.random.default_rng(3).integers(0, 256, (3, *network.input), np.uint8)
    noisy = NoisyEngine(program, weights, Effects(), 4)
    found = noisy.run(images, np.arange(3), steady(program, 3))
    ideal = Engine(program, weights).run(images)
    np.testing.assert_allclose(found, ideal, rtol=0, atol=1e-5)
    assert np.ptp(ideal) > 0.1


def test_what_is_known_of_whole_windows_is_not_used_for_parts(make_network):
    # The network knows of partial sums up to 0.5, of whole windows plane by plane. The first step
    # here has all of some windows, but a part of others: up to what the weights allow.
    network = make_network([1, 9, 9], CONV | {"stride": 2, "partial": 0.5}, RELU)
    changes = {"arrays.rows": 5, "arrays.cols": 5}
    weights = random_weights(network, size=4)
    program = compile_network(network, accelsim.load_machine("irmen", changes), weights)
    partial = program.instructions[4]
    weight = weights.weight["conv0"]
    bound = 2 * max(weight.clip(0).sum(), -weight.clip(max=0).sum())
    assert partial.operands[0].kernel.gain == pytest.approx(1 / bound)
    holds(network, program, weights)


def test_what_a_tile_needs(make_network):
    # Kernel 5, stride 2, 2 cells of padding: rows 3 and 4 read rows 4 to 10 of 12; row 5, 8 to 11.
    network = make_network([1, 12, 12], CONV | {"kernel": 5, "stride": 2, "padding": [2] * 4}, RELU)
    (conv, _) = network.layers
    assert needed(conv, 0, Span(3, 5)) == (4, 11)
    assert needed(conv, 1, Span(5, 6)) == (8, 12)
    assert needed(conv, 0, Span(0, 1)) == (0, 3)
    # All padding: a cell that is read by none.
    padded = make_network([1, 2, 2], CONV | {"padding": [4, 4, 4, 4]}, RELU).layers[0]
    assert [needed(padded, 0, Span(row, row + 1)) for row in (0, 7)] == [(0, 1), (1, 2)]


def test_tiles_are_the_fewest_that_fit(make_network):
    network = make_network([1, 54, 54], CONV, RELU, CONV, RELU)
    units = tuple(units_of(network))
    shapes = {"input": network.input, "output": network.layers[-1].out_shape}
    shapes |= {layer.name: layer.out_shape for layer in network.layers}

    def rows(limit):
        tiles = Part(units, ("output",), shapes).tiles(0, limit)
        return tiles and [(tile["output"], tile["input"]) for tile in tiles]

    # Two layers of 3 x 3: 2 rows more on each side that is no border.
    assert rows(54) == [((0, 54), (0, 54))]
    assert rows(29) == [((0, 27), (0, 29)), ((27, 54), (25, 54))]
    assert rows(28) == [((0, 26), (0, 28)), ((26, 50), (24, 52)), ((50, 54), (48, 54))]
    assert rows(4) is None
    assert whole(network.input) == Region(Span(0, 54), Span(0, 54))
