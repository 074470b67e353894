"""A die: gains of synapses and stuck cells, fixed by its seed, each array's and plane's own."""

from dataclasses import replace

import numpy as np
import pytest

import accelsim
from accelsim.compiler import Kernel, Place, PlaneRef, compile_network
from accelsim.network import Weights
from accelsim.records import StepTimes
from accelsim.values import Effects, Engine
from accelsim.values.die import Die
from accelsim.values.noisy import NoisyEngine
from tests.conftest import CONV, RELU

SHAPE = (4, 28, 28)
CELLS = 28 * 28
NONE = Weights({}, {})


@pytest.fixture(scope="module")
def step(make_network):
    """A step of four maps that writes plane 0 of lanes 0 to 3 of circuit B."""
    network = make_network([1, 28, 28], {**CONV, "out": 4}, RELU)
    return compile_network(network, accelsim.load_machine("irmen")).instructions[1]


def to(step, place, plane=0):
    return replace(step, destination=tuple(PlaneRef(place, lane, plane) for lane in range(4)))


def gains(effects, step, map_, synapse):
    return Die(effects, SHAPE, 4).gain(step, map_, synapse).ravel()


def correlation(one, other):
    return abs(np.corrcoef(one, other)[0, 1])


def test_each_synapse_has_a_gain_of_its_own(step):
    effects = Effects(synapse_variation=0.1, seed=7)
    one = gains(effects, to(step, Place.A), 0, 4)
    assert one.mean() == pytest.approx(1, abs=4 * 0.1 / 28)
    assert one.std() == pytest.approx(0.1, rel=4 / 39)  # 4 deviations: 1 / sqrt(2 n)
    others = [
        gains(effects, to(step, Place.B), 0, 4),  # the same lane and synapse of circuit B
        gains(effects, to(step, Place.A), 1, 4),
        gains(effects, to(step, Place.A), 0, 5),
        gains(effects, to(step, Place.A), 0, None),
        gains(replace(effects, seed=8), to(step, Place.A), 0, 4),
        gains(effects, replace(step, destination=()), 0, 4),  # the host's drivers
    ]
    for other in others:
        assert correlation(one, other) < 4 / 28
        for third in others:
            assert other is third or correlation(other, third) < 4 / 28


def test_synapses_belong_to_the_array_not_to_planes(step):
    # Whatever plane is written, from whatever place: with one circuit it is array A.
    effects = Effects(synapse_variation=0.1, seed=7)
    one = gains(effects, to(step, Place.A), 0, 4)
    assert (one == gains(effects, to(step, Place.A, 3), 0, 4)).all()
    assert (one == gains(effects, to(step, Place.STAGING), 0, 4)).all()


def test_gains_are_drawn_once_and_are_those_of_a_new_die(step, monkeypatch):
    effects = Effects(synapse_variation=0.02, seed=3)
    die = Die(effects, SHAPE, 4)
    first = die.gain(step, 1, 5)
    assert np.array_equal(first.ravel(), gains(effects, step, 1, 5))
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 2
    monkeypatch.setattr(die, "_generator", None)  # nothing is drawn again
    assert np.array_equal(die.gain(to(step, Place.B, plane=2), 1, 5), first)


def test_the_bias_has_a_synapse_behind_those_of_all_planes(step):
    effects = Effects(synapse_variation=0.1, seed=7)
    bias = gains(effects, step, 0, None)
    for synapse in range(4 * 9):
        assert (bias != gains(effects, step, 0, synapse)).any()
    assert (bias == gains(effects, step, 0, 4 * 9)).all()


def stuck(step, share=0.25, seed=3):
    """Return a window of zeros with the stuck cells of the step's destination: (maps, cells)."""
    window = np.zeros((2, 4, 28, 28), np.float32)
    Die(Effects(stuck_cells=share, seed=seed), SHAPE, 4).stick(step, window)
    assert (window[0] == window[1]).all()
    return window[0].reshape(4, CELLS)


def test_stuck_cells_are_low_or_high_alike(step):
    found = stuck(step)
    assert set(np.unique(found)) == {-1, 0, 1}
    for cells in found:
        # Of 784 cells a quarter is stuck, half of those at each end; 4 deviations.
        assert (cells != 0).mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / CELLS))
        assert (cells < 0).mean() == pytest.approx(0.125, abs=4 * np.sqrt(0.125 * 0.875 / CELLS))


def test_stuck_cells_belong_to_the_plane(step):
    here = stuck(to(step, Place.A))
    others = [stuck(to(step, place)) for place in (Place.B, Place.STAGING)]
    others += [stuck(to(step, Place.A, 1)), stuck(to(step, Place.A), seed=4), here[[1, 2, 3, 0]]]
    for other in others:
        for one, another in zip(here, other, strict=True):
            assert correlation(one, another) < 4 / 28
    assert (stuck(to(step, Place.A)) == here).all()


def test_no_two_things_of_a_die_share_their_draws(step):
    die, keys = Die(Effects(synapse_variation=0.1, stuck_cells=0.1), SHAPE, 4), []
    draw = die._generator
    die._generator = lambda *key: keys.append(key) or draw(*key)
    for place in (Place.A, Place.B, Place.STAGING):  # the SRAM has no cells
        there = to(step, place)
        die.stick(there, np.zeros((1, 4, 28, 28)))
        for ref in there.destination:
            die.normal(ref, 1)
    for here in (to(step, Place.A), to(step, Place.B), replace(step, destination=())):
        for map_ in range(4):
            for synapse in (0, 1):
                die.gain(here, map_, synapse)
    assert len(keys) == 2 * 3 * 4 + 3 * 4 * 2
    assert len(set(keys)) == len(keys)


def test_a_die_stays_the_die_of_its_seed(step):
    # Results of a seed can be had again with a later version. Low: '-', high: '+'.
    cells = stuck(to(step, Place.A))[0, :40]
    assert "".join("-.+"[int(value) + 1] for value in cells) == (
        "+......+........-+.-..-.+...-.......-+-."
    )
    effects = Effects(synapse_variation=0.1, seed=3)
    found = gains(effects, to(step, Place.A), 0, 4)[:3]
    np.testing.assert_allclose(found, [0.9554627, 0.891609354, 0.927925491], atol=1e-9)


def steady(program, images):
    issued = np.tile(np.arange(len(program.instructions)) * 3000, (images, 1))
    return StepTimes(issued, issued + 1000, issued + 3000, np.full(images, -1))


@pytest.mark.parametrize("gain", [0.25, 1.0])
def test_the_gain_of_trained_weights(make_network, gain):
    network = make_network([2, 5, 5], {**CONV, "out": 3}, RELU)
    program = compile_network(network, accelsim.load_machine("irmen"))
    generator = np.random.default_rng(3)
    weights = Weights(
        {"conv0": generator.normal(0, 0.2, (3, 2, 3, 3))}, {"conv0": generator.normal(0, 0.1, 3)}
    )
    steps = tuple(
        replace(
            step,
            operands=tuple(
                replace(each, kernel=Kernel(layer="conv0", gain=gain)) for each in step.operands
            ),
        )
        if step.op == "conv"
        else step
        for step in program.instructions
    )
    program = replace(program, instructions=steps)
    images = generator.integers(0, 256, (3, 2, 5, 5), np.uint8)
    windows = []
    Engine(program, weights).run(images, lambda _, window: windows.append(window.copy()))
    noisy = []
    NoisyEngine(program, weights, Effects(), 4).run(
        images, np.arange(3), steady(program, 3), lambda _, window: noisy.append(window.copy())
    )
    for ideal, one in zip(windows, noisy, strict=True):
        np.testing.assert_allclose(one, ideal, atol=1e-5)
    # By hand: the centre of map 0 before any clipping.
    pixels = images[0] / 255
    seen = (pixels[:, 1:4, 1:4] * weights.weight["conv0"][0]).sum()
    conv = next(n for n, step in enumerate(steps) if step.op == "conv")
    z = steps[conv].bias.offset + weights.bias["conv0"][0]
    assert noisy[conv][0, 0, 2, 2] == pytest.approx(np.clip(gain * seen + z, -1, 1), abs=1e-5)
