"""Energies that follow values: by hand, against plain NumPy, and the same for any batch."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import accelsim
from accelsim.compiler import compile_network
from accelsim.config import load_machine
from accelsim.config.energy_by_value import BY_COUNT
from accelsim.energy import WHOLE
from accelsim.model import Stream
from accelsim.network import Weights
from accelsim.simulation import run_events
from accelsim.trace import EVERY_RECORD, TableTrace
from accelsim.values import Cells, Effects, chains, compute_values, engine
from accelsim.values.chains import IdealChains
from accelsim.values.noisy import NoisyEngine
from accelsim.values.program import quantized
from accelsim.values.spending import Spending
from accelsim.values.swings import SwingPlanes
from tests.conftest import AVG2, CONV, MAX2, RELU
from tests.plain_network import random_weights
from tests.values import plain_spending

NONE = Weights({}, {})
FIND = [phase for phase in Phase if phase is not Phase.shrink]  # a case takes half a second
BY_VALUE = {"energy.model": "by_value"}


def machine_of(name, changes=None):
    return load_machine(name, BY_VALUE | (changes or {}))


def times_of(machine, program, images):
    energy = machine.energy.model_copy(update={"model": BY_COUNT})
    counted = machine.model_copy(update={"energy": energy})
    return run_events(counted, program, Stream.at_once(range(images)), step_times=True).step_times


class Spent:
    """A run by value, without files: its energies, and what it priced."""

    def __init__(self, machine, network, images, weights=NONE):
        self.machine, numbers = machine, np.arange(len(images))
        self.program = compile_network(network, machine, weights)
        self.times = times_of(machine, self.program, len(images))
        effects = Effects.of(machine, 3)
        cells = None
        if effects is not None:
            cells = Cells(effects, self.times, machine.arrays.fan_in.value)
        bits = 0 if effects is None else effects.weight_bits
        spending = Spending(machine, self.program, weights, numbers, self.times, bits)
        compute_values(
            self.program, network, weights, images, numbers, cells=cells, spending=spending
        )
        self.energies = spending.energies()
        self.trace = TableTrace(EVERY_RECORD)
        self.events = run_events(
            machine,
            self.program,
            Stream.at_once(range(len(images))),
            trace=self.trace,
            energies=[self.energies],
        )

    def of(self, action, step, lane=0):
        """Return the energy of a step's action in a lane, by image."""
        each = self.energies.actions[action]
        column = each.energy_aJ[:, each.places.index((step, lane))]
        return np.broadcast_to(column, len(self.times.before)).tolist()


def images_of(*pixels):
    return np.array(pixels, np.uint8)[:, None]


PIXELS = images_of([[255, 0], [0, 0]], [[255, 0], [0, 0]], [[0, 0], [0, 255]])
"""Two images that are alike, and one whose light is elsewhere."""


def test_a_cell_that_keeps_its_value_costs_no_write(make_network):
    spent = Spent(machine_of("irmen"), make_network([1, 2, 2], AVG2), PIXELS)
    # C V^2 of 10 aJ for a change of 1: from 0, from itself, and then two cells change.
    assert spent.of("cell_write", 1) == [10, 0, 20]
    # The average is 1/4 of 1 in each: 10/16 aJ is 1 aJ, and then it stays.
    assert spent.of("cell_write", 2) == [1, 0, 0]
    assert spent.of("cell_write", 3, WHOLE) == [1, 0, 0]


def test_a_write_of_a_charge_based_cell_has_its_buffer_beside(make_network):
    spent = Spent(machine_of("charge"), make_network([1, 2, 2], AVG2), PIXELS)
    # 229 fJ of a swing of 2, of which 0.069 are the buffer's: four cells, of which one changes
    # by 1, none, or two; halves are rounded up once, for the four together.
    buffer, swing = 0.069 * 229_000, 0.931 * 229_000 / 4
    expected = [4 * buffer + changed * swing for changed in (1, 0, 2)]
    assert (
        spent.of("cell_write", 1) == [round(each) for each in expected] == [116504, 63204, 169804]
    )


def test_each_context_keeps_what_its_own_image_left(make_network):
    two = machine_of("irmen", {"sequencer.contexts": 2, "banks.planes": 8})
    spent = Spent(two, make_network([1, 2, 2], AVG2), PIXELS)
    assert spent.times.before.tolist() == [-1, -1, 0]
    assert spent.of("cell_write", 1) == [10, 10, 20]


def test_a_synapse_costs_what_its_weight_does(make_network):
    network = make_network([1, 1, 1], CONV, RELU)
    kernel = np.array([[0.5, 0, 0], [0, -2, 0], [0, 0, 0.25]]).reshape(1, 1, 3, 3)
    weights = Weights({"conv0": kernel}, {"conv0": np.array([1.0])})
    dark = images_of([[0]])
    spent = Spent(machine_of("irmen"), network, dark, weights)
    # 0.1 + 0.9 |w| for 0.5, 2 and 0.25; six taps of weight 0 are off, and so is z = b - 1 = 0.
    # 500 aJ x 2.775 = 1387.5 aJ, rounded once.
    assert spent.of("ota_tap_cycle", 2) == [1388]
    # A relu has a tap and a bias of 1, a load its driver.
    assert spent.of("ota_tap_cycle", 3) == [1000]
    assert spent.of("ota_tap_cycle", 1) == [500]
    leaky = Spent(machine_of("irmen", {"energy.by_value.zero_share": 0.2}), network, dark, weights)
    assert leaky.of("ota_tap_cycle", 2) == [1388 + 7 * 100]


def test_of_class_ab_a_synapse_costs_what_it_reads(make_network):
    machine = machine_of("irmen", {"energy.by_value.signal_share": 1})
    spent = Spent(machine, make_network([1, 2, 2], AVG2), PIXELS)
    # Four taps of 1/4 x 500 aJ: a tenth of each price flows always, the rest by what is read, 1.
    assert spent.of("ota_tap_cycle", 2) == [4 * 50 + 450 / 4 + 0.5] * 3
    # The handoff reads 1/4 through a tap of 1; a load's driver costs the price, whatever it drives.
    assert spent.of("ota_tap_cycle", 3, WHOLE) == [50 + 450 / 4 + 0.5] * 3
    assert spent.of("ota_tap_cycle", 1) == [4 * 500] * 3


NETWORKS = (
    ([2, 4, 3], (CONV | {"out": 3}, RELU, MAX2)),
    ([2, 3, 4], (CONV | {"out": 4, "groups": 2}, RELU, AVG2)),
    ([3, 3, 3], (CONV | {"out": 3}, RELU, CONV | {"out": 2, "stride": 2}, RELU)),
)
POINTS = st.builds(
    lambda lanes, fan_in, circuits, contexts, shares: {
        "arrays.lanes": lanes,
        "arrays.fan_in": fan_in,
        "circuits": circuits,
        "banks.read_ports": 2,
        "banks.planes": 30 * contexts,
        "sequencer.contexts": contexts,
        "energy.by_value.synapse_share": shares[0],
        "energy.by_value.signal_share": shares[1],
        "energy.by_value.zero_share": shares[2],
        "energy.by_value.weight": 0.7,
    },
    st.sampled_from([2, 8]),
    st.integers(2, 4),
    st.sampled_from([1, 2]),
    st.integers(1, 3),
    st.sampled_from([(0.1, 0, 0), (0.2, 0.5, 0.1), (0, 1, 0)]),
)


def windows_of(spent, weights, images):
    """Return what each step writes of each image, computed one image after another."""
    effects, numbers = Effects.of(spent.machine, 3), np.arange(len(images))
    made = IdealChains(spent.program, weights, SwingPlanes)
    if effects is not None:
        fan_in = spent.machine.arrays.fan_in.value
        made = NoisyEngine(spent.program, weights, effects, fan_in, SwingPlanes, before=1)
    found = [[] for _ in images]
    for chain in chains.chains(spent.times.before):
        memory = made.found(images, numbers, spent.times, np.array(chain[:1]))
        for row in chain:
            some = np.array([row])
            made.run(
                images[some],
                numbers[some],
                spent.times.of(some),
                lambda _, window, row=row: found[row].append(window[0].astype(np.float64)),
                memory,
            )
    return found


@given(
    name=st.sampled_from(["irmen", "charge"]),
    network=st.sampled_from(NETWORKS),
    changes=POINTS,
    active=st.sampled_from(
        ["none", "weight_bits, read_noise, settling", "stuck_cells, write_noise"]
    ),
    seed=st.integers(0, 99),
)
@settings(max_examples=5, deadline=None, phases=FIND)
def test_energies_are_those_of_plain_numpy(make_network, name, network, changes, active, seed):
    machine = machine_of(name, changes | {"effects.active": active, "effects.stuck_cells": 0.1})
    generator = np.random.default_rng(seed)
    shape, layers = network
    made = make_network(shape, *layers)
    weights = random_weights(made, size=generator.uniform(0.2, 1))
    first = generator.integers(0, 256, (3, *shape), np.uint8)
    images = first[[0, 1, 1, 2]]
    spent = Spent(machine, made, images, weights)
    held = weights
    if "weight_bits" in active:
        held = replace(
            weights, weight={name: quantized(each, 4) for name, each in weights.weight.items()}
        )
    written = windows_of(spent, weights, images)
    expected = plain_spending.energies(machine, spent.program, held, spent.times.before, written)
    for action, energies in expected.items():
        each = spent.energies.actions[action]
        table = np.broadcast_to(each.energy_aJ, (len(images), len(each.places)))
        for (image, step, lane), energy in energies.items():
            found = int(table[image, each.places.index((step, lane))])
            assert abs(found - energy) <= 0.5 + 1e-6 * energy
        # The ledger has each of them once, and all others by count; it was reconciled.
        assert spent.events.ledger.action_aJ[action] == int(table.sum())
    counted = {
        name: spent.events.ledger.counts[name] * price
        for name, price in machine.prices_aJ.items()
        if name not in expected and name in spent.events.ledger.counts
    }
    assert spent.events.ledger.action_aJ | counted == spent.events.ledger.action_aJ
    rows = spent.trace.table().to_pylist()
    assert sum(row["energy_aJ"] for row in rows) == spent.events.ledger.total_aJ
    for image in range(len(images)):
        mine = sum(row["energy_aJ"] for row in rows if row["image"] == image)
        assert mine == spent.events.ledger.image_aJ[image]


@pytest.mark.parametrize("active", ["none", "all"])
def test_energies_do_not_depend_on_batches(mnist, monkeypatch, active):
    changes = {"energy.by_value.signal_share": 0.5, "effects.active": active}
    machine = machine_of("irmen", changes)
    monkeypatch.setattr(chains, "LONGEST", 2)  # chains enough for batches of several
    whole = accelsim.simulate(machine, mnist, 16, seed=4)
    monkeypatch.setattr(engine, "BATCH", 1)
    again = accelsim.simulate(machine, mnist, 16, seed=4)
    assert whole.ledger.image_aJ.tolist() == again.ledger.image_aJ.tolist()
    assert whole.ledger.csv(machine.quoted) == again.ledger.csv(machine.quoted)
    assert len(set(whole.ledger.image_aJ.tolist())) == 16
