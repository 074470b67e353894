"""Values of a chain of cells against the same chain simulated magnet by magnet.

load p, a convolution of one pixel (its middle tap), a ReLU, a read at the boundary: three
writes. The magnets here follow each other live: what a source does during the read phase moves
the destination's capacitor.
"""

import math

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.config import response_of
from accelsim.device.ensemble import Drive, Ensemble
from accelsim.device.technologies import magnet_cell
from accelsim.network import Weights
from accelsim.records import StepTimes
from accelsim.values import Effects
from accelsim.values.noisy import NoisyEngine
from accelsim.values.tables import of_response
from tests.conftest import CONV, RELU

PS, STRIDE, CYCLE = 1e-12, 4, 1000
CELLS = 3000
WEIGHT, BIAS = 0.8, 0.1
RAMP = np.linspace(0, 1, STRIDE + 1)


class Cell:
    """Cells whose capacitors are charged, isolated at constant charge, and read."""

    def __init__(self, device, seed, level=0.0):
        self.device = device
        self.magnets = Ensemble(device.magnet, CELLS, PS, seed)
        self.magnets.set_level(level)
        self.level = np.full(CELLS, level)
        self.isolate()
        self.relax(6 * CYCLE)

    def charge(self, source, weight, bias, read_cycles=1):
        """Follow weight x what is read of a source + bias; without one the bias alone."""
        device, node = self.device, np.zeros(CELLS)
        self.magnets.added_stiffness = 0.0
        first, second = (math.exp(-STRIDE * PS / rc) for rc in (device.readout_rc, device.write_rc))
        times = read_cycles * CYCLE
        share = float(device.charging(times * PS, 0.0, 1.0))
        for _ in range(times // STRIDE):
            target = np.full(CELLS, bias)
            if source is not None:
                before = source.magnets.m[1]
                source.relax(STRIDE)
                node = first * node + (1 - first) * (before + source.magnets.m[1]) / 2
                target = target + weight * node / share
            start, self.level = self.level, second * self.level + (1 - second) * target
            field = device.level_field(np.clip(start, -1.2, 1.2))
            after = device.level_field(np.clip(self.level, -1.2, 1.2))
            self.magnets.run(Drive(field, after - field, RAMP))
        self.isolate()

    def isolate(self):
        device = self.device
        added = device.back_action * device.magnet.hard_stiffness
        self.magnets.added_stiffness = added
        level = np.clip(self.level, -1.2, 1.2)
        self.field = device.level_field(level) + added * self.magnets.m[1]

    def relax(self, steps):
        self.magnets.run(Drive.constant(self.field, steps))

    def read(self):
        """Return what the capacitor of a next cell of weight 1 would be charged to."""
        device, node, out = self.device, np.zeros(CELLS), np.zeros(CELLS)
        first, second = (math.exp(-STRIDE * PS / rc) for rc in (device.readout_rc, device.write_rc))
        for _ in range(CYCLE // STRIDE):
            before = self.magnets.m[1]
            self.relax(STRIDE)
            node = first * node + (1 - first) * (before + self.magnets.m[1]) / 2
            out = second * out + (1 - second) * node
        return out / float(device.charging(CYCLE * PS, 0.0, 1.0))


def magnets(pixel, write_cycles):
    """Return what each of the cells of the boundary reads."""
    device = magnet_cell(accelsim.load_machine("irmen"))
    a, b = Cell(device, 11), Cell(device, 12)
    c = Cell(device, 13)
    a.charge(None, 0, pixel)
    a.relax(write_cycles * CYCLE)
    b.charge(a, WEIGHT, BIAS - 1)
    b.relax(write_cycles * CYCLE)
    c.charge(b, 1, 1)
    c.relax(write_cycles * CYCLE)
    return c.read()


def values(make_network, pixel, write_cycles):
    """Return what the engine says of as many images of one pixel."""
    network = make_network([1, 1, 1], CONV, RELU)
    kernel = np.zeros((1, 1, 3, 3))
    kernel[0, 0, 1, 1] = WEIGHT
    weights = Weights({"conv0": kernel}, {"conv0": np.array([BIAS])})
    machine = accelsim.load_machine("irmen", {"timing.write_cycles": write_cycles})
    response = response_of(machine)
    on = frozenset({"transfer", "read_noise", "settling"})
    effects = Effects(cell=of_response(response, 0.0, on), write_noise=response.write_noise)
    program = compile_network(network, machine)
    issued = np.tile(np.arange(4) * (1 + write_cycles) * CYCLE, (CELLS, 1))
    settled = issued + (1 + write_cycles) * CYCLE
    times = StepTimes(issued, issued + CYCLE, settled, np.full(CELLS, -1))
    images = np.full((CELLS, 1, 1, 1), pixel * 255, np.uint8)
    return NoisyEngine(program, weights, effects, 4).run(images, np.arange(CELLS), times).ravel()


@pytest.mark.parametrize(("pixel", "write_cycles"), [(1.0, 2), (0.4, 2), (0.0, 2), (1.0, 1)])
def test_a_chain_of_cells_is_that_of_magnets(make_network, pixel, write_cycles):
    found, truth = values(make_network, pixel, write_cycles), magnets(pixel, write_cycles)
    error = math.hypot(found.std(), truth.std()) / math.sqrt(CELLS)
    response = response_of(accelsim.load_machine("irmen"))
    # Of each of the three means the table has an error of its own.
    known = 3 * float(response.error.max()) + 3 * response.carry_error
    assert found.mean() == pytest.approx(truth.mean(), abs=3 * error + known)
    spread = math.sqrt(float(((truth - truth.mean()) ** 4).mean()) / truth.var() ** 2 / 4 / CELLS)
    assert found.std() == pytest.approx(truth.std(), rel=0.08 + 3 * spread)
