"""Codes of the SRAM: converters against a simulation of one, and programs that go through them."""

from dataclasses import replace

import numpy as np
import pytest

from accelsim.compiler import Bias, Kernel, Operand, Place, PlaneRef, compile_network
from accelsim.config import load_machine
from accelsim.ops import CENTRE, DENSE, STEP_OPS, Tap
from accelsim.records import StepTimes
from accelsim.values import Effects, Engine
from accelsim.values.codes import NEGATIVE, POSITIVE, SIGNED, ranges, rounded
from accelsim.values.layers import LayerEngine
from accelsim.values.noisy import NoisyEngine
from accelsim.values.tables import linear
from tests.conftest import CONV, MAX2, RELU
from tests.plain_network import convolved, random_weights, windows

LAYERS = (CONV | {"out": 3}, RELU, MAX2, CONV | {"out": 2}, RELU)


def successive(value: float, bits: int, low: float) -> float:
    """Convert a value as an ADC of successive approximation does, from its top bit down.

    Range `low` to low + 1; the comparator's levels lie half a step below those of the DAC.
    """
    steps, code = 2**bits - 1, 0
    for bit in reversed(range(bits)):
        trial = code | 1 << bit
        if value - low >= (trial - 0.5) / steps:
            code = trial
    return low + code / steps


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("of", [POSITIVE, NEGATIVE])
def test_a_converter_finds_the_nearest_level(bits, of):
    # Away from the middle between two levels, where the last digit of a float decides.
    values = np.random.default_rng(bits).uniform(-1.2, 1.2, 4000)
    steps = 2**bits - 1
    values = values[np.abs((values * steps) % 1 - 0.5) > 1e-9]
    expected = [successive(value, bits, of[0]) for value in values]
    np.testing.assert_allclose(rounded(values, of, bits), expected, rtol=0, atol=1e-12)


def test_codes_by_hand():
    # Two bits: thirds of 0 to 1. Of -1 to 1: -1, 0, 1, as 0 is a level.
    some = np.array([-1, -0.4, 0, 0.16, 0.17, 0.5, 0.84, 2])
    assert (rounded(some, POSITIVE, 2) * 3).round(9).tolist() == [0, 0, 0, 0, 1, 2, 3, 3]
    assert (rounded(some, NEGATIVE, 2) * 3).round(9).tolist() == [-3, -1, 0, 0, 0, 0, 0, 0]
    assert rounded(some, SIGNED, 2).tolist() == [-1, 0, 0, 0, 0, 1, 1, 1]


class Sram:
    """Puts steps through the SRAM into a program that was compiled for analog memory."""

    def __init__(self, program):
        self.program, self.steps, self.planes = program, [], 0

    def plane(self, refs):
        self.planes += 1
        return tuple(PlaneRef(Place.SRAM, ref.lane, self.planes - 1) for ref in refs)

    def add(self, like, op, source, to, taps=(CENTRE,), grid=DENSE, extent=None):
        rule = STEP_OPS[op]
        weights = rule.operands[0].weights if rule.operands else (1.0,)
        extent = extent or (like.rows, like.cols)
        operand = Operand(source, taps, Kernel(fixed=weights), grid, extent)
        bias = None if rule.bias is None else Bias(rule.bias)
        self.steps.append(
            replace(like, op=op, operands=(operand,), destination=to, bias=bias, grid=DENSE)
        )

    def keep(self, step):
        self.steps.append(step)

    def done(self):
        steps = tuple(replace(step, step=number) for number, step in enumerate(self.steps, start=1))
        planes = self.program.planes | {Place.SRAM: self.planes}
        return replace(self.program, instructions=steps, planes=planes)


def digital(program):
    """Return a program whose ReLUs and pools are digital: each conv's maps leave, and come back."""
    sram, held = Sram(program), {}
    for step in program.instructions:
        if step.op == "conv":
            sram.keep(step)
            held["conv"] = step, sram.plane(step.destination)
            sram.add(step, "store", step.destination, held["conv"][1])
        elif step.op == "relu":
            held["map"] = sram.plane(step.destination)
            sram.add(step, "relu_d", held["conv"][1], held["map"])
            if step.layer == "relu4":
                sram.add(step, "fetch", held["map"], step.destination)
        elif step.op == "add_v":
            pooled = sram.plane(step.destination)
            taps = tuple(Tap(r, c) for r in (0, 1) for c in (0, 1))
            extent = (held["conv"][0].rows, held["conv"][0].cols)
            sram.add(step, "max_d", held["map"], pooled, taps, type(DENSE)(2, 2), extent)
            sram.add(step, "fetch", pooled, step.destination)
        elif step.op in ("load", "handoff"):
            sram.keep(step)
    return sram.done()


@pytest.fixture(scope="module")
def through_sram(make_network):
    network = make_network([1, 8, 6], *LAYERS)
    weights = random_weights(network, size=0.5)
    return network, weights, digital(compile_network(network, load_machine("irmen")))


def images_of(network, number=5):
    return np.random.default_rng(3).integers(0, 256, (number, *network.input), np.uint8)


def steady(program, images):
    issued = np.tile(np.arange(len(program.instructions)) * 3000, (images, 1))
    return StepTimes(issued, issued + 1000, issued + 3000, np.full(images, -1))


def noisy(program, weights, effects, images):
    engine = NoisyEngine(program, weights, effects, 4)
    return engine.run(images, np.arange(len(images)), steady(program, len(images)))


def plain(network, weights, images, code=lambda values: values, back=lambda values: values):
    """Return what the network means if maps are codes between its layers."""
    conv0, _, pool, conv1, _ = network.layers
    first = code(np.clip(convolved(images / 255, conv0, weights), 0, 1))
    pooled = back(windows(first, pool).max(axis=0))
    return back(code(np.clip(convolved(pooled, conv1, weights), 0, 1)))


def test_exact_codes_change_nothing(through_sram):
    network, weights, program = through_sram
    assert [step.op for step in program.instructions] == [
        "load", "conv", "store", "relu_d", "max_d", "fetch", "conv", "store", "relu_d", "fetch",
        "handoff",
    ]  # fmt: skip
    images = images_of(network)
    expected = plain(network, weights, images)
    for found in (
        Engine(program, weights, np.float64).run(images),
        LayerEngine(program, weights, np.float64).run(images),
    ):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    found = noisy(program, weights, Effects(), images)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("adc", "dac"), [(4, 4), (3, 8), (8, 3), (2, 2)])
def test_codes_are_rounded_where_maps_are_converted(through_sram, adc, dac):
    # Away from ties: the same rounding, said again as the nearest of all levels.
    network, weights, program = through_sram
    images = images_of(network)

    def nearest(bits):
        levels = np.arange(2**bits) / (2**bits - 1)
        return lambda values: levels[np.abs(values[..., None] - levels).argmin(axis=-1)]

    expected = plain(network, weights, images, nearest(adc), nearest(dac))
    found = noisy(program, weights, Effects(adc_bits=adc, dac_bits=dac), images)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    assert np.abs(found - plain(network, weights, images)).max() > 0.2 / 2 ** min(adc, dac)


def test_the_range_of_a_converter_is_that_of_its_maps(through_sram):
    _, weights, program = through_sram
    found = dict(
        zip((step.op for step in program.instructions), ranges(program, weights), strict=True)
    )
    assert found["store"] == NEGATIVE  # all above 0 is 1 after the relu
    assert (found["relu_d"], found["max_d"], found["fetch"]) == (POSITIVE,) * 3


def test_maps_that_may_be_negative_have_a_signed_code(make_network, irmen):
    network = make_network([1, 4, 4], CONV | {"out": 1}, RELU)
    program = compile_network(network, irmen)
    load, conv, relu, handoff = program.instructions
    for kept, expected in ((conv, SIGNED), (relu, POSITIVE)):
        sram = Sram(program)
        for step in (load, conv, relu):
            sram.keep(step)
            if step is kept:
                codes = sram.plane(step.destination)
                sram.add(step, "store", step.destination, codes)
                sram.add(step, "fetch", codes, step.destination)
        sram.keep(handoff)
        made, weights = sram.done(), random_weights(network)
        found = ranges(made, weights)
        assert [found[n] for n, s in enumerate(made.instructions) if s.op == "store"] == [expected]


def test_an_adc_sees_the_noise_of_a_read_and_a_fetched_cell_that_of_its_write(through_sram):
    # A read of a cell has noise of deviation 0.01, a write of 0.02. What the handoff delivers was
    # read by an ADC (0.01), written by a DAC (0.02) and read again (0.01).
    network, weights, program = through_sram
    images = np.zeros((4000, *network.input), np.uint8)
    still = replace(
        weights,
        weight={name: 0 * weight for name, weight in weights.weight.items()},
        bias={name: 0 * bias + 0.5 for name, bias in weights.bias.items()},
    )
    for read, write, expected in ((0.01, 0, 0.01 * 2**0.5), (0, 0.02, (2 * 0.02**2) ** 0.5)):
        effects = Effects(cell=linear(read), write_noise=write, seed=3)
        found = noisy(program, still, effects, images)
        # The write of the conv before is 0.02, too; 192,000 numbers, each error below 1 %.
        assert found.std() == pytest.approx(expected, rel=0.02)
        assert found.mean() == pytest.approx(0.5, abs=1e-3)


def test_stuck_and_varied_cells_are_not_in_the_sram(through_sram):
    network, weights, program = through_sram
    images = images_of(network)
    machine = load_machine("irmen", {"effects.active": "all", "effects.stuck_cells": 0})
    effects = Effects.of(machine, 1)
    first = noisy(program, weights, effects, images)
    assert np.isfinite(first).all()
    assert np.abs(first - plain(network, weights, images)).max() < 0.5
    # With no other effect, synapses that differ make sums differ and not what is moved.
    gains = Effects(synapse_variation=0.5, seed=1)
    moved = replace(
        weights,
        weight={name: 0 * weight for name, weight in weights.weight.items()},
        bias={name: 0 * bias for name, bias in weights.bias.items()},
    )
    assert (noisy(program, moved, gains, images) >= 0).all()


def test_the_effect_is_of_machines_whose_maps_are_converted():
    for active in ("all", "converter_bits"):
        found = Effects.of(load_machine("irmen", {"effects.active": active}), 0)
        assert (found.adc_bits, found.dac_bits) == (0, 0)
