"""Effects of cells on maps that the host keeps for a while."""

import numpy as np

from accelsim.compiler import compile_network
from accelsim.config import load_machine
from accelsim.values import Effects, Engine
from accelsim.values.noisy import NoisyEngine
from tests.conftest import CONV, RELU
from tests.plain_network import random_weights
from tests.values.test_effects import steady

ONE_PLANE = {
    "host.spill.cycles": 5,
    "host.spill.cell": "2 pJ",
    "arrays.lanes": 1,
    "banks.planes": 1,
}


def spilled(make_network):
    """Return a program of load, spill, conv, relu, handoff, fill, conv, relu and handoff."""
    network = make_network([1, 4, 4], CONV | {"out": 2}, RELU)
    return network, compile_network(network, load_machine("irmen", ONE_PLANE))


def test_without_effects_spilled_maps_are_what_they_were(make_network):
    network, program = spilled(make_network)
    weights = random_weights(network)
    images = np.random.default_rng(1).integers(0, 256, (3, *network.input), np.uint8)
    found = NoisyEngine(program, weights, Effects(), 4).run(
        images, np.arange(3), steady(program, 3)
    )
    np.testing.assert_allclose(found, Engine(program, weights).run(images), rtol=0, atol=1e-6)


def test_a_fill_is_as_old_as_its_own_write(make_network):
    # Weights of 0 but the centre's 1: the second map is the pixel, 1, as read by conv after the
    # fill: by then half of the time constant's decay, exp(-1/2), acts on it, not on the load's age.
    network, program = spilled(make_network)
    weights = random_weights(network)
    for name in weights.weight:
        weights.weight[name][:] = 0
        weights.weight[name][:, :, 1, 1] = 1
        weights.bias[name][:] = 0
    images = np.full((1, *network.input), 255, np.uint8)
    times = steady(program, 1)
    conv = [step.op for step in program.instructions].index("fill") + 1
    times.issued_ps[:, conv:] += 1_000_000
    times.charged_ps[:, conv:] += 1_000_000
    times.settled_ps[:, conv:] += 1_000_000
    effects = Effects(retention_ps=2_000_000)
    found = NoisyEngine(program, weights, effects, 4).run(images, np.arange(1), times)[0]
    # First map: read 3 ns after the load at most; second: 1 us after the fill. Steps of 3 ns each
    # add at most 0.2 %.
    assert np.allclose(found[0], 1, atol=0.02)
    assert np.allclose(found[1], np.exp(-0.5), atol=0.02)
