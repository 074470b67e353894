"""Cells of a die that differ: the engine against magnets of those very geometries.

load p, a convolution of one pixel (its middle tap), a ReLU, a read at the boundary, over a map of
cells that are all different. The magnets follow each other live, as in test_response.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from accelsim.compiler import Place, PlaneRef, compile_network
from accelsim.config import load_machine, response_of
from accelsim.device.ensemble import Drive, Ensemble
from accelsim.device.technologies import magnet_cell
from accelsim.device.variation import VARIED, Spread
from accelsim.errors import InputError
from accelsim.network import Weights
from accelsim.records import StepTimes
from accelsim.values import Effects
from accelsim.values.die import Die
from accelsim.values.noisy import NoisyEngine
from accelsim.values.tables import of_response
from tests.conftest import CONV, RELU

PS, STRIDE, CYCLE = 1e-12, 4, 1000
EDGE, REPEATS, IMAGES = 16, 12, 400
CELLS = EDGE * EDGE
WEIGHT, BIAS, LIMIT = 0.8, 0.1, 1.2
RAMP = np.linspace(0, 1, STRIDE + 1)
# Three times the default, and axes that are 1 % apart, which is 4 % of Bk; a tilt of 1 degree.
DEVIATIONS = np.array([0.03] * 5 + [0.01, 0])
TILTED = np.array([0.01] * 6 + [0.0175])


class Map:
    """A map of cells, REPEATS of each, written and read with the voltages of a nominal one.

    In the frame of each easy axis, which is turned by its tilt: magnets begin on the side of +x.
    """

    def __init__(self, nominal, devices, tilts, seed):
        def each(value):
            return np.repeat([value(device) for device in devices], REPEATS)

        self.magnets = Ensemble([d.magnet for d in devices for _ in range(REPEATS)],
                                CELLS * REPEATS, PS, seed)  # fmt: skip
        self.cos, self.sin = (np.repeat(turn(tilts), REPEATS) for turn in (np.cos, np.sin))
        self.hard = each(lambda d: d.magnet.hard_stiffness)
        self.drive = each(lambda d: nominal.full_scale_voltage / d.saturation_voltage)
        self.output = each(lambda d: d.read_voltage / nominal.read_voltage / nominal.full_scale)
        self.added = each(lambda d: d.back_action) * self.hard
        self.first = np.exp(-STRIDE * PS / each(lambda d: d.readout_rc))
        self.second = np.exp(-STRIDE * PS / each(lambda d: d.write_rc))
        self.nominal = math.exp(-STRIDE * PS / nominal.readout_rc)
        self.share = float(nominal.charging(CYCLE * PS, 0.0, 1.0))  # the common gain
        self.level = np.zeros(CELLS * REPEATS)
        self.isolate()
        self.relax(5 * CYCLE)

    def field(self, level):
        return np.clip(level, -LIMIT, LIMIT) * self.drive * self.hard

    def charge(self, source, weight, bias, gently=False):
        """Follow weight x what is read of a source + bias; without one the bias alone.

        gently: the bias rises as the read-out of a source does.
        """
        node, risen = np.zeros_like(self.level), not gently
        self.magnets.added_stiffness = 0.0
        for _ in range(CYCLE // STRIDE):
            if gently:
                risen = 1 - self.nominal * (1 - risen)
            target = np.full_like(self.level, bias * risen / (self.share if gently else 1))
            if source is not None:
                node = source.follow(node)
                target = target + weight * node / self.share
            start, self.level = self.level, self.second * self.level + (1 - self.second) * target
            field = self.field(start)
            self.run(field, self.field(self.level) - field, RAMP)
        self.isolate()

    def follow(self, node):
        before = self.y
        self.relax(STRIDE)
        seen = self.output * (before + self.y) / 2
        return self.first * node + (1 - self.first) * seen

    def isolate(self):
        self.magnets.added_stiffness = self.added
        self.held = self.field(self.level) + self.added * self.y

    def relax(self, steps):
        self.run(self.held, 0.0, np.zeros(steps + 1))

    def run(self, hold, swing, shape):
        self.magnets.along = self.sin * (hold + swing / 2)
        self.magnets.run(Drive(self.cos * hold, self.cos * swing, shape))

    @property
    def y(self):
        m = self.magnets.m
        return self.cos * m[1] + self.sin * m[0]

    def read(self, second):
        """Return what the capacitors of nominal cells of weight 1 are charged to."""
        node, out = np.zeros_like(self.level), np.zeros_like(self.level)
        for _ in range(CYCLE // STRIDE):
            node = self.follow(node)
            out = second * out + (1 - second) * node
        return (out / self.share).reshape(CELLS, REPEATS)


def chain_of(make_network, deviations=DEVIATIONS):
    network = make_network([1, EDGE, EDGE], CONV, RELU)
    kernel = np.zeros((1, 1, 3, 3))
    kernel[0, 0, 1, 1] = WEIGHT
    weights = Weights({"conv0": kernel}, {"conv0": np.array([BIAS])})
    machine = load_machine("irmen")
    response, device = response_of(machine), magnet_cell(machine)
    spread = Spread.of(device, deviations, (CYCLE * PS, 2 * CYCLE * PS))
    on = frozenset({"transfer", "read_noise", "write_noise", "settling"})
    effects = Effects(
        cell=of_response(response, 0.0, on),
        spread=spread,
        seed=5,
    )
    return compile_network(network, machine), weights, effects


def values(program, weights, effects, pixel):
    issued = np.tile(np.arange(len(program.instructions)) * 3 * CYCLE, (IMAGES, 1))
    times = StepTimes(issued, issued + CYCLE, issued + 3 * CYCLE, np.full(IMAGES, -1))
    images = np.full((IMAGES, 1, EDGE, EDGE), round(pixel * 255), np.uint8)
    found = NoisyEngine(program, weights, effects, 4).run(images, np.arange(IMAGES), times)
    return found.reshape(IMAGES, CELLS).T


def magnets(program, effects, pixel, gently=False):
    spread = effects.spread
    die = Die(effects, (1, EDGE, EDGE), 4)
    devices = []
    for step in program.instructions[:3]:
        normal = die.normal(step.destination[0], len(VARIED)).reshape(len(VARIED), CELLS)
        devices.append(([spread.device(cell) for cell in normal.T], spread.tilts(normal)))
    a, b, c = (Map(spread.nominal, *each, 20 + n) for n, each in enumerate(devices))
    a.charge(None, 0, round(pixel * 255) / 255, gently)
    a.relax(2 * CYCLE)
    b.charge(a, WEIGHT, BIAS - 1, gently)
    b.relax(2 * CYCLE)
    c.charge(b, 1, 1, gently)
    c.relax(2 * CYCLE)
    return c.read(math.exp(-STRIDE * PS / spread.nominal.write_rc))


@pytest.mark.parametrize(
    ("pixel", "deviations"), [(1.0, DEVIATIONS), (0.4, DEVIATIONS), (0.4, TILTED)]
)
def test_a_map_of_different_cells_is_that_of_magnets(make_network, pixel, deviations):
    program, weights, effects = chain_of(make_network, deviations)
    # Tilted magnets keep their side, which the engine takes as fixed, if no write comes near
    # saturation: a bias that is there at once, 1 or more, draws it anew on the way.
    gently = deviations is TILTED
    found, truth = (
        values(program, weights, effects, pixel),
        magnets(program, effects, pixel, gently),
    )
    engine, simulated = found.mean(axis=1), truth.mean(axis=1)
    # Noise of the means of REPEATS and IMAGES reads, known from the scatter itself.
    error = math.sqrt(np.mean(truth.var(axis=1, ddof=1)) / REPEATS + found.var() / IMAGES)
    spread = engine.std()
    assert spread > 2 * error  # cells differ far more than chance does
    assert engine.mean() == pytest.approx(simulated.mean(), abs=4 * error / math.sqrt(CELLS) + 2e-3)
    # Cell by cell: what is left beyond chance is less than a tenth of how cells differ.
    left = np.var(engine - simulated) - error**2
    chance = error**2 * math.sqrt(2 / CELLS)
    assert left < (0.1 * spread) ** 2 + 4 * chance
    noise = [math.sqrt(np.mean(each.var(axis=1, ddof=1))) for each in (found, truth)]
    # Three times the chance of CELLS (REPEATS - 1) squares; the tilt takes one side's noise as
    # both sides', which is some per cent more.
    chance = 3 / math.sqrt(2 * CELLS * (REPEATS - 1))
    assert noise[0] == pytest.approx(noise[1], rel=chance + (0.02 if gently else 0))
    if gently:  # the tilt is what they differ by, and the load's cells are the last step's
        load, conv, relu = (step.destination[0] for step in program.instructions[:3])
        assert load == relu != conv
        tilts = Die(effects, (1, EDGE, EDGE), 4).normal(relu, len(VARIED))[-1].ravel()
        slopes = [np.polyfit(tilts, each, 1)[0] for each in (engine, simulated)]
        assert slopes[0] == pytest.approx(slopes[1], abs=4 * error / math.sqrt(CELLS) + 1e-3)
        assert slopes[0] > 0.01


def test_without_deviations_cells_are_alike(make_network):
    program, weights, effects = chain_of(make_network, np.zeros(len(VARIED)))
    alike = replace(effects, spread=None)
    one, other = (values(program, weights, each, 0.7) for each in (effects, alike))
    # The same draws; sums round otherwise, and a read now and then takes the next entry of a table.
    difference = np.abs(one - other)
    assert np.quantile(difference, 0.999) < 2e-6
    assert difference.max() < 1e-3


def test_a_cell_is_the_same_whatever_the_batch(make_network):
    program, weights, effects = chain_of(make_network)
    engine = NoisyEngine(program, weights, effects, 4)
    issued = np.tile(np.arange(len(program.instructions)) * 3 * CYCLE, (6, 1))
    times = StepTimes(issued, issued + CYCLE, issued + 3 * CYCLE, np.full(6, -1))
    images = np.random.default_rng(1).integers(0, 256, (6, 1, EDGE, EDGE), np.uint8)
    whole = engine.run(images, np.arange(6), times)
    again = NoisyEngine(program, weights, effects, 4)
    for n in (4, 0):
        one = again.run(images[n : n + 1], np.array([n]), times.of(np.array([n])))
        np.testing.assert_array_equal(one[0], whole[n])
    other = NoisyEngine(program, weights, replace(effects, seed=6), 4)
    assert (other.run(images, np.arange(6), times) != whole).any()


def test_cells_belong_to_their_plane():
    effects = Effects(seed=3)
    die = Die(effects, (4, 28, 28), 4)
    one = die.normal(PlaneRef(Place.A, 1, 0), 5)
    assert (one == Die(effects, (4, 28, 28), 1).normal(PlaneRef(Place.A, 1, 0), 5)).all()
    for ref in (PlaneRef(Place.B, 1, 0), PlaneRef(Place.A, 2, 0), PlaneRef(Place.A, 1, 1)):
        other = die.normal(ref, 5)
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 / math.sqrt(one.size)
    # A later version has the same die for a seed.
    np.testing.assert_allclose(one[0, 0, :3], FIRST, atol=1e-9)


FIRST = [2.1017515853602307, 1.1488918890238573, 0.44410015031964795]


def test_what_the_effect_needs(tmp_path, repository):
    everything = load_machine("irmen", {"effects.active": "all"})
    assert Effects.of(everything, 0).spread is not None
    named = {"effects.active": "device_variation"}
    assert Effects.of(load_machine("charge", named), 0).spread is None
    text = (repository / "configs" / "irmen.yaml").read_text()
    begin, end = text.index("\nvariation:"), text.index("\n# What timing")
    path = tmp_path / "machine.yaml"
    path.write_text(text[:begin] + text[end:])
    # All effects of a machine that says nothing of its cells' differences: they are alike.
    assert Effects.of(load_machine(path, {"effects.active": "all"}), 0).spread is None
    with pytest.raises(InputError) as caught:
        Effects.of(load_machine(path, named), 0)
    assert str(caught.value) == (
        "machine 'irmen': effects.active names device_variation, but the machine has no "
        "'variation' section; configs/irmen.yaml shows one"
    )


@pytest.mark.parametrize(
    ("machine", "changes", "message"),
    [
        (
            "irmen",
            {"variation.edge": 0.5},
            "--set variation.edge=0.5: variation.edge: got 0.5; expected a number of 0 or more, "
            "at most 0.3, such as '0.02'",
        ),
        (
            "charge",
            {"variation.edge": 0.02},
            "--set variation.edge=0.02: variation: cells of technology 'charge' are all alike; "
            "expected no such section",
        ),
    ],
)
def test_refused_variations(machine, changes, message):
    with pytest.raises(InputError) as caught:
        load_machine(machine, changes)
    assert message in str(caught.value)
