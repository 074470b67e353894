"""What a stored value has become when it is read: by the storage of the cell, over its age."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

import accelsim
from accelsim.device.storage import Charge, Held, Remanent
from accelsim.errors import InputError
from accelsim.values import Effects
from accelsim.values.ageing import Ageing
from accelsim.values.tables import Tables, linear
from tests.conftest import AVG2, MAX2
from tests.values.test_effects import run

# R C of 100 ns, and a magnet that gives back a twentieth.
LEAK = Charge(0.9, 100e-9, 0.05)


def test_a_leak_acts_on_the_level_of_each_operand(make_network):
    # As with a time constant: the centre of an add is 3 ns old when it is read.
    network = make_network([1, 2, 2], MAX2)
    images = np.full((1, 1, 2, 2), 51, np.uint8)  # 0.2
    kept = math.exp(-3 / 105)
    out = run(network, images, Effects(storage=LEAK))
    assert out.item() == pytest.approx(0.2 * kept * kept, abs=1e-6)


def test_values_follow_levels_through_the_transfer():
    # Level 1 is read as 0.9, 0.8 as 0.8; half way down from 1 to 0.8 at 0.9, read as 0.85.
    bent = Tables(levels=np.array([-1, -0.8, 0.8, 1]), means=np.array([-0.9, -0.8, 0.8, 0.9]))
    ageing = Ageing(bent, Charge(0.9, 1.0, 0.0))
    age = np.array([[round(1e12 * math.log(1 / 0.9))]])
    values = np.array([[[0.9, -0.9, 0.4]]], np.float32)
    np.testing.assert_allclose(ageing.read(values, age)[0, 0], [0.85, -0.85, 0.36], atol=1e-6)
    # What a value has beyond the transfer stays beside it.
    above = np.array([[[0.92]]], np.float32)
    assert ageing.read(above, age).item() == pytest.approx(0.87, abs=1e-6)


def test_no_image_depends_on_how_old_another_is():
    ageing, values = Ageing(linear(), LEAK), np.float32([[[0.3, 0.7]], [[0.3, 0.7]]])
    both = ageing.read(values, np.array([[1], [50_000]]))  # 1 ps, of which nothing is seen
    alone = ageing.read(values[:1], np.array([[1]]))
    np.testing.assert_array_equal(both[0], alone[0])
    assert (both[1] < both[0]).all()


def test_what_is_held_stays_as_it_is():
    values = np.float32([[[0.3]]])
    assert Ageing(linear(), Held(0.9)).read(values, np.array([[10**18]])) is values


@pytest.mark.parametrize("effects", [Effects(storage=LEAK), Effects(retention_ps=105_000)])
def test_a_refresh_bounds_the_age(make_network, effects):
    network = make_network([1, 2, 2], MAX2)
    images = np.full((1, 1, 2, 2), 51, np.uint8)
    ageing = Ageing(effects.cell, effects.storage, effects.retention_ps, 2000.0)
    values = np.full((1, 1, 1), 0.5, np.float32)
    assert ageing.read(values, np.array([[9000]])).item() == pytest.approx(
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


def test_drift_shows_in_values():
    grains = Remanent(0.9, 1.0, 100, 70.0, 0.2, 1e-12, LEAK)
    day = np.array([[86_400 * 10**12]])
    values = np.float32([[[0.9, -0.5, 0.01]]])
    lost = float(grains.lost(86_400.0))
    assert 0.01 < lost < 0.02
    np.testing.assert_allclose(
        Ageing(linear(), grains).read(values, day)[0, 0], [0.9 - lost, lost - 0.5, 0], atol=1e-6
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
