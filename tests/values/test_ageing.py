"""What a stored value has become when it is read: by the storage of the cell, over its age."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.config import response_of
from accelsim.device.storage import Charge, Held, Remanent
from accelsim.device.technologies import magnet_cell
from accelsim.device.variation import VARIED, Spread
from accelsim.errors import InputError
from accelsim.network import Weights
from accelsim.records import StepTimes
from accelsim.values import Effects
from accelsim.values.ageing import Ageing
from accelsim.values.die import Die
from accelsim.values.noisy import NoisyEngine
from accelsim.values.tables import of_response
from accelsim.values.transfer import OwnTransfer, Transfer
from tests.conftest import AVG2, CONV, MAX2, RELU
from tests.values.test_effects import run, steady

# R C of 100 ns, and a magnet that gives back a twentieth.
LEAK = Charge(0.9, 100e-9, 0.05)
STRAIGHT = Transfer(np.array([-1.0, 1.0]), np.array([-1.0, 1.0]))
BENT = Transfer(np.array([-1, -0.8, 0.8, 1]), np.array([-0.9, -0.8, 0.8, 0.9]))


def test_a_leak_acts_on_the_level_of_each_operand(make_network):
    # As with a time constant: the centre of an add is 3 ns old when it is read.
    network = make_network([1, 2, 2], MAX2)
    images = np.full((1, 1, 2, 2), 51, np.uint8)  # 0.2
    kept = math.exp(-3 / 105)
    out = run(network, images, Effects(storage=LEAK))
    assert out.item() == pytest.approx(0.2 * kept * kept, abs=1e-6)


def test_values_follow_levels_through_the_transfer():
    # Level 1 is read as 0.9, 0.8 as 0.8; half way down from 1 to 0.8 at 0.9, read as 0.85.
    ageing = Ageing(Charge(0.9, 1.0, 0.0))
    age = np.array([[round(1e12 * math.log(1 / 0.9))]])
    values = np.array([[[0.9, -0.9, 0.4]]], np.float32)
    np.testing.assert_allclose(ageing.read(values, age, BENT)[0, 0], [0.85, -0.85, 0.36], atol=1e-6)
    # What a value has beyond the transfer stays beside it.
    above = np.array([[[0.92]]], np.float32)
    assert ageing.read(above, age, BENT).item() == pytest.approx(0.87, abs=1e-6)


def test_values_of_cells_that_differ_follow_their_own_transfer():
    # Levels as the magnets see them: half and twice the level driven, and the second lies askew by
    # 0.1: so much at level 0, nothing at +-0.8. A level of 0.4, e^-1 of it later.
    own = OwnTransfer(
        levels=np.array([-1, -0.8, 0, 0.8, 1]),
        means=np.array([-0.9, -0.8, 0, 0.8, 0.9]),
        softening=np.zeros(5),
        leaning=np.array([0, 0, 1, 0, 0]),
        drive=np.array([[[0.5, 2.0]]]),
        shift=np.zeros((1, 1, 2)),
        tilt=np.array([[[0.0, 0.1]]]),
    )
    fresh = own.value(np.full((1, 1, 1, 2), 0.4))
    np.testing.assert_allclose(fresh[0, 0, 0], [0.2, 0.8])
    np.testing.assert_allclose(own.level(fresh), 0.4, atol=1e-3)
    ageing, left = Ageing(Charge(0.9, 1.0, 0.0)), math.exp(-1)
    once = ageing.read(fresh, np.array([[10**12]]), own)[0, 0, 0]
    np.testing.assert_allclose(once, [0.2 * left, 0.8 * left + 0.1 * (1 - left)], atol=1e-3)
    # In the end each rests at its own value of level 0; ln(Delta) moves a mean as a tilt does.
    softer = replace(own, softening=own.leaning, shift=own.tilt, tilt=np.zeros((1, 1, 2)))
    for each in (own, softer):
        gone = ageing.read(fresh, np.array([[10**14]]), each)[0, 0, 0]
        np.testing.assert_allclose(gone, [0, 0.1], atol=1e-3)


def test_a_tilted_cell_keeps_its_value_of_level_0(make_network):
    # All is gone 7 ns after it was written: load and average, and what is left is that of level 0.
    machine = load()
    spread = Spread.of(magnet_cell(machine), np.array([0.0] * 6 + [0.02]), (1e-9, 2e-9))
    cell = of_response(response_of(machine), 0.0, frozenset({"transfer"}))
    program = compile_network(make_network([1, 4, 4], AVG2), machine)
    issued = np.arange(len(program.instructions))[None] * 10_000
    times = StepTimes(issued, issued + 1000, issued + 3000, np.array([-1]))

    def found(pixel, storage):
        effects = Effects(cell=cell, spread=spread, storage=storage)
        engine = NoisyEngine(program, Weights({}, {}), effects, 4)
        return engine.run(np.full((1, 1, 4, 4), pixel, np.uint8), np.arange(1), times)

    leak = Charge(0.9, 1e-10, 0.05)
    written = program.instructions[1].destination[0]
    normal = Die(Effects(), (1, 4, 4), 4).normal(written, len(VARIED))
    # Read as the tilt itself, whatever was written; the nominal transfer would make nothing of it.
    for pixel in (0, 153):
        np.testing.assert_allclose(found(pixel, leak)[0, 0], 0.02 * normal[-1, :2, :2], atol=3e-4)
    assert found(153, None).min() > 0.5


def test_no_image_depends_on_how_old_another_is():
    ageing, values = Ageing(LEAK), np.float32([[[0.3, 0.7]], [[0.3, 0.7]]])
    both = ageing.read(
        values, np.array([[1], [50_000]]), STRAIGHT
    )  # 1 ps, of which nothing is seen
    alone = ageing.read(values[:1], np.array([[1]]), STRAIGHT)
    np.testing.assert_array_equal(both[0], alone[0])
    assert (both[1] < both[0]).all()


def test_what_is_held_stays_as_it_is():
    values = np.float32([[[0.3]]])
    assert Ageing(Held(0.9)).read(values, np.array([[10**18]]), STRAIGHT) is values


@pytest.mark.parametrize("effects", [Effects(storage=LEAK), Effects(retention_ps=105_000)])
def test_a_refresh_bounds_the_age(make_network, effects):
    network = make_network([1, 2, 2], MAX2)
    images = np.full((1, 1, 2, 2), 51, np.uint8)
    ageing = Ageing(effects.storage, effects.retention_ps, 2000.0)
    values = np.full((1, 1, 1), 0.5, np.float32)
    assert ageing.read(values, np.array([[9000]]), STRAIGHT).item() == pytest.approx(
        0.5 * math.exp(-2 / 105), abs=1e-6
    )

    @dataclass(frozen=True)
    class Refreshed(Effects):
        refresh_ps: float = 2000.0

    renewed = Refreshed(retention_ps=effects.retention_ps, storage=effects.storage)
    kept = math.exp(-2 / 105)  # the centre of an add would be 3 ns old
    assert run(network, images, renewed).item() == pytest.approx(0.2 * kept * kept, abs=1e-6)


def test_finite_grains_spread_what_is_written(make_network):
    # load, avg, handoff of 4 pixels at 0.4, all grains of the level: 100 of them deviate by
    # sqrt((1 - 0.4^2) / 100) = 0.0917 in a cell, half of that in the mean of four.
    grains = Remanent(0.9, 1.0, 100, 70.0, 0.2, 1e-12, LEAK)
    network = make_network([1, 2, 2], AVG2)
    images = np.full((20_000, 1, 2, 2), 102, np.uint8)
    out = run(network, images, Effects(storage=grains, seed=1)).ravel()
    sigma = math.sqrt(1.25 * (1 - 0.16) / 100)
    assert out.mean() == pytest.approx(0.4, abs=4 * sigma / 141)
    # Levels at the second write lie about 0.4 by 0.046, of which 1 - x^2 has 0.3 % less.
    assert out.std() == pytest.approx(sigma, rel=4 / 200)


def test_nothing_is_seen_of_grains_that_all_lie_along(make_network):
    grains = Remanent(0.9, 1.0, 100, 70.0, 0.2, 1e-12, LEAK)
    network = make_network([1, 2, 2], AVG2)
    out = run(network, np.full((50, 1, 2, 2), 255, np.uint8), Effects(storage=grains)).ravel()
    # But that those who deserted within 3 ns, 8e-6 of them, are gone.
    np.testing.assert_allclose(out, 1, atol=2e-5)


@pytest.mark.parametrize("bias", [2.5, -0.5])
def test_nothing_is_seen_of_grains_beyond_full_scale(make_network, bias):
    # A convolution of weights 0 drives b - 1, 1.5 or -1.5: all grains lie along.
    grains = Remanent(0.9, 1.0, 100, 70.0, 0.2, 1e-12, LEAK)
    program = compile_network(make_network([1, 2, 2], CONV, RELU), load())
    weights = Weights({"conv0": np.zeros((1, 1, 3, 3))}, {"conv0": np.array([bias])})
    windows = []
    NoisyEngine(program, weights, Effects(storage=grains), 4).run(
        np.zeros((20, 1, 2, 2), np.uint8), np.arange(20), steady(program, 20),
        lambda _, window: windows.append(window.copy()),
    )  # fmt: skip
    assert (windows[1] == np.sign(bias - 1)).all()
    assert windows[0].std() > 0.05  # of level 0 there is much


def test_drift_shows_in_values():
    grains = Remanent(0.9, 1.0, 100, 70.0, 0.2, 1e-12, LEAK)
    day = np.array([[86_400 * 10**12]])
    values = np.float32([[[0.9, -0.5, 0.01]]])
    lost = float(grains.lost(86_400.0))
    assert 0.01 < lost < 0.02
    np.testing.assert_allclose(
        Ageing(grains).read(values, day, STRAIGHT)[0, 0], [0.9 - lost, lost - 0.5, 0], atol=1e-6
    )


def load(**changes):
    return accelsim.load_machine("irmen", {key.replace("__", "."): v for key, v in changes.items()})


def test_the_effect_is_the_storage_of_the_machine():
    on = {"effects__active": "retention"}
    assert Effects.of(load(**on), 0).storage == Held(0.9)
    charge = Effects.of(load(**on, cell__storage="charge"), 0)
    assert isinstance(charge.storage, Charge)
    assert (charge.retention_ps, charge.refresh_ps) == (math.inf, math.inf)
    remanent = Effects.of(load(**on, cell__storage="remanent"), 0)
    assert isinstance(remanent.storage, Remanent)
    off = Effects.of(load(effects__active="write_noise", cell__storage="charge"), 0)
    assert off.storage is None
    refresh = {"banks__refresh_interval": "1 us", "banks__refresh_cycles": 3}
    assert Effects.of(load(**on, **refresh), 0).refresh_ps == 1_000_000


def test_a_time_constant_of_the_machine_file_wins():
    effects = Effects.of(
        load(effects__active="retention", effects__retention="1 us", cell__storage="charge"), 0
    )
    assert (effects.storage, effects.retention_ps) == (None, 1_000_000)
    machine = accelsim.load_machine("charge", {"effects.active": "retention"})
    assert Effects.of(machine, 0).retention_ps == pytest.approx(16.2e9)


def test_retention_needs_a_cell_or_a_time_constant(tmp_path, repository):
    text = (repository / "configs" / "irmen.yaml").read_text()
    path = tmp_path / "machine.yaml"
    path.write_text(text[: text.index("\n# What timing and noise are derived")])
    machine = accelsim.load_machine(path, {"effects.active": "retention", "name": "bare"})
    with pytest.raises(InputError) as caught:
        Effects.of(machine, 0)
    assert str(caught.value) == (
        "machine 'bare': effects.active names 'retention', but the machine has neither a time "
        "constant 'effects.retention' nor a section 'cell' that says what holds its levels"
    )


def test_a_leaking_machine_forgets_within_an_image(mnist):
    """R C of 3.5 ns, a step being 3 ns; with 17 us every digit is as ideal cells have it."""

    def accuracy(resistivity):
        machine = load(
            effects__active="retention", cell__storage="charge", cell__me_resistivity=resistivity,
        )  # fmt: skip
        return accelsim.simulate(machine, mnist, 60).stats.accuracy.value

    assert accuracy("0.1 Ohm m") < 0.8
    assert accuracy("500 Ohm m") >= 0.98
