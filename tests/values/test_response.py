"""Values of a chain of cells against the same chain simulated magnet by magnet.

load p, a convolution of one pixel (its middle tap), a ReLU, a read at the boundary: three
writes. The magnets here follow each other live: what a source does during the read phase moves
the destination's capacitor. Hot ones have the noise of their circuit, too, drawn as it comes
about: Johnson noise of the read-out's resistance, at work all along, and shot noise of the spins,
from the begin of a read on, through both RCs; Johnson noise of the access resistance, with the
current that the magnet drives through it, which is what keeps the two in equilibrium.
"""

import math

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.device.ensemble import Drive, Ensemble
from accelsim.device.equilibrium import boltzmann_deviation
from accelsim.device.technologies import magnet_cell
from accelsim.network import Weights
from accelsim.records import StepTimes
from accelsim.values import Effects
from accelsim.values.effects import cell_of
from accelsim.values.noisy import NoisyEngine
from tests.conftest import CONV, RELU

PS, STRIDE, CYCLE = 1e-12, 4, 1000
CELLS = 3000
WEIGHT, BIAS = 0.8, 0.1
RAMP = np.linspace(0, 1, STRIDE + 1)
ON = frozenset({"transfer", "read_noise", "write_noise", "settling"})


class Node:
    """Read-out nodes of some cells, from the begin of a read on, in units of the full scale."""

    def __init__(self, cell):
        self.cell, device = cell, cell.device
        self.decay = math.exp(-STRIDE * PS / device.readout_rc)
        self.signal, self.kept, self.shot = np.zeros((3, CELLS))
        if cell.hot:
            self.kept = device.readout_ktc * cell.random.normal(size=CELLS)

    def step(self):
        """Let the cells relax for a stride; return the nodes."""
        cell, before = self.cell, self.cell.magnets.m[1]
        cell.relax(STRIDE)
        moved = (before + cell.magnets.m[1]) / 2
        self.signal = self.decay * self.signal + (1 - self.decay) * moved
        if not cell.hot:
            return self.signal
        fresh = math.sqrt(1 - self.decay**2) * cell.random.normal(size=(2, CELLS))
        self.kept = self.decay * self.kept + cell.device.readout_ktc * fresh[0]
        self.shot = self.decay * self.shot + cell.device.shot_noise * fresh[1]
        return self.signal + self.kept + self.shot


class Cell:
    """Cells whose capacitors are charged, isolated at constant charge, and read."""

    def __init__(self, device, seed, hot=False):
        self.device, self.hot = device, hot
        self.random = np.random.default_rng(seed)
        self.magnets = Ensemble(device.magnet, CELLS, PS, seed)
        self.level = np.zeros(CELLS)
        self.isolate()
        self.relax(6 * CYCLE)

    def charge(self, source, weight, bias):
        """Follow weight x what is read of a source + bias; without one the bias alone."""
        device, node = self.device, Node(source) if source else None
        self.magnets.added_stiffness = 0.0
        kept = math.exp(-STRIDE * PS / device.write_rc)
        share = float(device.charging(CYCLE * PS, 0.0, 1.0))
        for _ in range(CYCLE // STRIDE):
            target = bias + (weight * node.step() / share if node else 0.0)
            start, self.level = self.level, kept * self.level + (1 - kept) * target
            if self.hot:
                fresh = self.random.normal(size=CELLS)
                self.level += math.sqrt(1 - kept**2) * device.write_ktc * fresh
            field = device.level_field(np.clip(start, -1.2, 1.2))
            after = device.level_field(np.clip(self.level, -1.2, 1.2))
            before = self.magnets.m[1]
            self.magnets.run(Drive(field, after - field, RAMP))
            if self.hot:
                self.level -= device.back_action * (self.magnets.m[1] - before)
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
        node, out = Node(self), np.zeros(CELLS)
        kept = math.exp(-STRIDE * PS / self.device.write_rc)
        for _ in range(CYCLE // STRIDE):
            out = kept * out + (1 - kept) * node.step()
        return out / float(self.device.charging(CYCLE * PS, 0.0, 1.0))


def magnets(pixel, write_cycles, hot=False):
    """Return what each of the cells of the boundary reads."""
    device = magnet_cell(accelsim.load_machine("irmen"))
    a, b, c = (Cell(device, seed, hot) for seed in (11, 12, 13))
    a.charge(None, 0, pixel)
    a.relax(write_cycles * CYCLE)
    b.charge(a, WEIGHT, BIAS - 1)
    b.relax(write_cycles * CYCLE)
    c.charge(b, 1, 1)
    c.relax(write_cycles * CYCLE)
    return c.read()


def values(make_network, pixel, write_cycles, hot=False):
    """Return what the engine says of as many images of one pixel."""
    network = make_network([1, 1, 1], CONV, RELU)
    kernel = np.zeros((1, 1, 3, 3))
    kernel[0, 0, 1, 1] = WEIGHT
    weights = Weights({"conv0": kernel}, {"conv0": np.array([BIAS])})
    changes = {"timing.write_cycles": write_cycles}
    for source in () if hot else ("readout_ktc", "shot", "write"):
        changes[f"noise.{source}"] = "0 of full scale"
    machine = accelsim.load_machine("irmen", changes)
    cell, write_noise = cell_of(machine, ON)
    effects = Effects(cell=cell, write_noise=write_noise)
    program = compile_network(network, machine)
    issued = np.tile(np.arange(4) * (1 + write_cycles) * CYCLE, (CELLS, 1))
    settled = issued + (1 + write_cycles) * CYCLE
    times = StepTimes(issued, issued + CYCLE, settled, np.full(CELLS, -1))
    images = np.full((CELLS, 1, 1, 1), round(pixel * 255), np.uint8)
    return NoisyEngine(program, weights, effects, 4).run(images, np.arange(CELLS), times).ravel()


@pytest.mark.parametrize(
    ("pixel", "write_cycles", "hot"),
    [(1.0, 2, False), (0.4, 2, False), (0.0, 2, False), (1.0, 1, False), (0.4, 2, True)],
)
def test_a_chain_of_cells_is_that_of_magnets(make_network, pixel, write_cycles, hot):
    found, truth = (run(pixel, write_cycles, hot) for run in (
        lambda *args: values(make_network, *args), magnets))  # fmt: skip
    # Three standard errors of both. Tables of the response have some of their own, of the mean
    # 0.0005 each at most, which is below.
    error = math.hypot(found.std(), truth.std()) / math.sqrt(CELLS)
    assert found.mean() == pytest.approx(truth.mean(), abs=3 * error)
    spread = math.hypot(*(relative_error(each) for each in (found, truth)))
    assert found.std() == pytest.approx(truth.std(), rel=3 * spread)


def relative_error(values):
    """Return the standard error of a standard deviation, of it, by the kurtosis."""
    kurtosis = float(((values - values.mean()) ** 4).mean()) / values.var() ** 2
    return math.sqrt((kurtosis - 1) / 4 / len(values))


def test_the_charge_that_a_write_leaves_is_that_of_heat():
    # In equilibrium voltage and magnet know nothing of one another: the charge has kT/C and the
    # part that the magnet's motion binds. Isolated, it moves the magnet against back-action:
    # (v + beta m)/(1 + beta), 0.0194 and 0.0043 of the full scale at level 0.3.
    device = magnet_cell(accelsim.load_machine("irmen"))
    cell = Cell(device, 21, hot=True)
    for _ in range(3):
        cell.charge(None, 0, 0.3)
    beta = device.back_action
    left = (cell.level + beta * cell.magnets.m[1]) / (1 + beta)
    motion = float(boltzmann_deviation(device, 0.3).item()) * beta / (1 + beta)
    expected = math.hypot(device.write_noise, motion)
    assert expected == pytest.approx(math.hypot(0.0194, 0.0043), rel=5e-3)
    # 3000 cells: 4 errors are 5 %.
    assert left.std() == pytest.approx(expected, rel=4 / math.sqrt(2 * CELLS))
    assert left.mean() == pytest.approx(0.3, abs=4 * expected / math.sqrt(CELLS))
