"""What holds a level: each closed form against a simulation of what it stands for.

Of a leak: the capacitor's charge and the magnet that works against it, integrated together in
time, without and with thermal motion. Of remanence: many cells of grains, each with a switching
field and a waiting time of its own.
"""

import math
from statistics import NormalDist

import numpy as np
import pytest

from accelsim import simulate
from accelsim.config import load_machine
from accelsim.config.checks import notes_of, warnings_of
from accelsim.device import Drive, Ensemble, Numerics, characterize
from accelsim.device.cell import IrmenDevice
from accelsim.device.melayer import leak_time, storage_of, switching_voltage
from accelsim.device.noise import equilibrium
from accelsim.device.physics import GYROMAGNETIC
from accelsim.device.storage import Charge, Droop, Held, Remanent, lasting
from accelsim.device.storage_tables import storage_figures, storage_listing
from accelsim.device.sweep import sweep
from accelsim.device.technologies import TECHNOLOGIES
from accelsim.errors import InputError

HOUR, DAY, YEAR = 3600.0, 86400.0, 365.25 * 86400


# Levels fine enough for 4 bits, which one layer of this thickness and voltage cannot have.
FINE = {"storage": "remanent", "grains": 900, "grain_barrier": "1.8 eV"}


def cell(**changes):
    return load_machine("irmen", {f"cell.{key}": value for key, value in changes.items()}).cell


# By hand


def test_the_leak_of_the_layer_by_hand():
    # 8.854e-12 F/m x 3953 x 1e10 Ohm m = 350 s; 3.5 s to 9.7 h over plausible resistivities.
    assert leak_time(cell()) == pytest.approx(350.0, rel=1e-3)
    assert leak_time(cell(me_resistivity="0.1 GOhm m")) == pytest.approx(3.5, rel=1e-3)
    assert leak_time(cell(me_resistivity="1 TOhm m")) / HOUR == pytest.approx(9.722, rel=1e-3)
    # It is R C of the capacitor: 1 fF, and 63.006 nm of 1e10 Ohm m on 1800 nm^2.
    area = math.pi / 4 * 47.873e-9**2
    assert leak_time(cell()) == pytest.approx(1e-15 * 1e10 * 63.006e-9 / area, rel=1e-3)
    # 1 pS beside it empties 1 fF in 1 ms.
    assert leak_time(cell(access_conductance="1 pS")) == pytest.approx(1e-3, rel=1e-5)


def test_the_lifetime_of_a_charge_by_hand():
    storage = storage_of(cell(storage="charge"))
    # 2 Delta kT / (C V^2) = 2 x 58.668 x 4.1419e-21 J / 1e-17 J = 0.0486.
    slowed = 350.0 * 1.0486
    assert storage.lifetime == pytest.approx(slowed, rel=1e-3)
    # From 0.9 to 0.9 - 1/16: ln(0.9 / 0.8375) = 0.07197 of it.
    assert storage.usable_for(4) == pytest.approx(0.07197 * slowed, rel=1e-3)
    assert storage.share_left(slowed) == pytest.approx(math.exp(-1), rel=1e-3)
    assert float(storage.left(-0.5, slowed)) == pytest.approx(-0.5 / math.e, rel=1e-3)
    # Beyond saturation the magnet binds nothing more: with R C alone down to 1.
    assert float(storage.left(1.2, 350 * math.log(1.2))) == pytest.approx(1, abs=1e-4)


def test_the_lifetime_of_remanence_by_hand():
    storage = storage_of(cell(**FINE))
    # 1.8 eV at 25.852 meV: 69.63 kT +- 13.93. After a day, ln(86400 s / 1 ps) = 39.00:
    # z = (39.00 - 69.63 + 0.577) / sqrt(13.93^2 + 1.645) = -2.149, of which 1.58 % lie below.
    assert float(storage.lost(DAY)) == pytest.approx(0.0158, abs=1e-4)
    # Of 0.9, 0.95 x 0.9 is the grains'; the 0.045 beside it are gone after some R C.
    assert float(storage.left(0.9, DAY)) == pytest.approx(0.855 - 0.95 * 0.0158, abs=1e-4)
    # Half a step of 4 bits, 0.0625, is 0.045 and 0.0175 of the grains': 0.0184 of them,
    # z = -2.088, ln(t / 1 ps) = 69.05 - 2.088 x 13.985 = 39.85.
    assert storage.usable_for(4) == pytest.approx(1e-12 * math.exp(39.85), rel=0.02)
    assert storage.spread == pytest.approx(0.95 / 30)
    # More than half a step of 5 bits, 0.03125.
    assert storage.usable_for(5) == 0


def test_what_is_held_claims_no_time():
    machine = load_machine("irmen")
    storage = TECHNOLOGIES["irmen"].storage(machine.cell)
    assert isinstance(storage, Held)
    assert not storage.decays
    np.testing.assert_array_equal(storage.left([-1, 0.4], [[0], [1e9]]), [[-1, 0.4], [-1, 0.4]])
    assert storage.usable_for(8) == storage.lifetime == math.inf
    assert storage_figures(storage, 4) == {}
    assert storage_listing(storage).rows == [
        ("moves", "no decay is modelled", "nonvolatile as published, mechanism open")
    ]
    assert not [text for text in notes_of(machine) if "refreshed" in text]


def test_an_analog_memory_droops():
    storage = TECHNOLOGIES["charge"].storage(load_machine("charge").cell)
    assert isinstance(storage, Droop)
    # 9 pA / 0.4 pF / 0.365 V = 61.64 a second; 1/16 after 1.014 ms.
    assert storage.usable_for(4) == pytest.approx(1.0139e-3, rel=1e-3)
    assert float(storage.left(-0.5, 1e-3)) == pytest.approx(-0.4384, abs=1e-4)
    assert float(storage.left(0.5, 1)) == 0


@pytest.mark.parametrize("name", ["held", "charge", "remanent"])
def test_what_is_left_falls_and_is_odd(name):
    storage = storage_of(cell(storage=name))
    times = np.concatenate([[0], np.logspace(-9, 12, 50)])
    left = storage.left(np.array([[0.05], [0.4], [0.9], [1.0]]), times)
    assert left.shape == (4, 51)
    np.testing.assert_allclose(left[:, 0], [0.05, 0.4, 0.9, 1.0])
    assert (np.diff(left, axis=1) <= 1e-15).all()
    assert (left >= 0).all()
    np.testing.assert_array_equal(storage.left(-0.4, times), -left[1])


def test_a_time_as_text():
    assert lasting(26.4154) == "26.42 s"
    assert lasting(204_105) == "56.7 h"
    assert lasting(1e12) == "more than 10 years"


# Charge, against the capacitor and the magnet together


def leaking(device, level, time_constant, steps, dt):
    """Integrate dq/dt = -v / RC and Gilbert's equation for q = v + back_action m_y (Heun).

    The capacitor's voltage v is in units of saturation. Returns v and m_y at the end.
    """
    magnet, beta = device.magnet, device.back_action
    hard, normal = magnet.hard_stiffness, magnet.normal_stiffness
    alpha, gain = magnet.damping, GYROMAGNETIC / (1 + magnet.damping**2)

    def slope(x, y, z, q):
        v = q - beta * y
        by, bz = hard * (v - y), -normal * z
        tx, ty, tz = y * bz - z * by, -x * bz, x * by
        return (
            -gain * (tx + alpha * (y * tz - z * ty)),
            -gain * (ty + alpha * (z * tx - x * tz)),
            -gain * (tz + alpha * (x * ty - y * tx)),
            -v / time_constant,
        )

    state = (math.sqrt(1 - level**2), level, 0.0, level * (1 + beta))
    for _ in range(steps):
        first = slope(*state)
        guess = [s + dt * k for s, k in zip(state, first, strict=True)]
        second = slope(*guess)
        moved = [s + dt / 2 * (a + b) for s, a, b in zip(state, first, second, strict=True)]
        size = math.sqrt(moved[0] ** 2 + moved[1] ** 2 + moved[2] ** 2)
        state = (moved[0] / size, moved[1] / size, moved[2] / size, moved[3])
    return state[3] - beta * state[1], state[1]


@pytest.mark.parametrize("level", [0.9, 0.3])
def test_the_level_of_a_leaking_capacitor_decays_with_what_the_magnet_gives_back(device, level):
    # R C of 60 ns stands for hours: a hundred relaxation times, so that the magnet follows.
    time_constant, dt = 60e-9, 2e-12
    storage = Charge(0.9, time_constant, device.back_action, 1 / device.full_scale)
    v, y = leaking(device, level, time_constant, round(time_constant / dt), dt)
    kept = float(storage.left(level, time_constant))
    assert y == pytest.approx(kept, rel=2e-3)
    assert v == pytest.approx(kept, rel=2e-3)
    # Without the charge that the magnet binds, 4.5 % less would be left.
    assert kept / (level / math.e) == pytest.approx(math.exp(0.0486 / 1.0486), rel=1e-4)


def test_a_leaking_ensemble_at_temperature(device):
    """Mean level and mean m_y of 1,024 cells: the level as the formula says, m_y as its mean."""
    cells, chunk, dt = 1024, 100, 2e-12
    time_constant, steps = 30e-9, 150
    storage = Charge(0.9, time_constant, device.back_action, 1 / device.full_scale)
    magnets = equilibrium(device, np.full(cells, 0.9), dt, 3)
    hard, beta = device.magnet.hard_stiffness, device.back_action
    charge = 0.9 + beta * magnets.m[1]
    magnets.added_stiffness = beta * hard
    means = []
    for _ in range(steps):
        y = magnets.run(Drive.constant(hard * charge, chunk), every=10)[:, 1].mean(axis=0)
        voltage = charge - beta * y
        charge = charge - voltage * chunk * dt / time_constant
        means.append((voltage.mean(), y.mean()))
    ended = steps * chunk * dt
    kept = float(storage.left(0.9, ended))
    assert kept == pytest.approx(0.9 * math.exp(-1 / 1.0486), rel=1e-4)
    # The voltage is a mean over the last chunk, 0.3 % before its end; without back-action 4.5 %
    # less would be left.
    assert means[-1][0] == pytest.approx(kept, rel=6e-3)
    # The mean m_y of magnets that are held at that level.
    held = equilibrium(device, np.full(cells, kept), dt, 5)
    still = held.run(Drive.constant(hard * kept, 2000), every=10)[:, 1].mean()
    late = np.mean([y for _, y in means[-5:]])
    at = np.mean([v for v, _ in means[-5:]])
    assert late / at == pytest.approx(still / kept, rel=0.01)


# Remanence, against cells of grains


class Grains:
    """Cells of grains with switching fields, written and left alone."""

    def __init__(self, storage, cells, seed):
        self.random = np.random.default_rng(seed)
        shape = (cells, storage.grains)
        self.field = self.random.normal(1, storage.relative_spread, shape)  # of the mean
        waits = storage.attempt_time * np.exp(storage.barrier * self.field)
        self.waits = waits * self.random.exponential(size=shape)
        self.signs = self._at_random()

    def _at_random(self):
        return self.random.choice([-1.0, 1.0], self.field.shape)

    def write(self, field):
        """Leave them at random, then apply a field of either sign, in means."""
        self.signs = np.where(self.field < abs(field), np.sign(field), self._at_random())

    def polarization(self, time):
        """Return the mean sign in each cell, once some have flipped back after a time."""
        return np.where(self.waits > time, self.signs, self._at_random()).mean(axis=1)


@pytest.fixture(scope="module")
def remanent():
    return storage_of(cell(**FINE))


@pytest.mark.parametrize("level", [0.9, 0.5, -0.5, 0.2])
def test_remanence_is_that_of_many_grains(remanent, level):
    grains = Grains(remanent, 400, 7)
    field = NormalDist(1, remanent.relative_spread).inv_cdf(abs(level))
    grains.write(math.copysign(field, level))
    for time in (1e-9, 1.0, HOUR, DAY, YEAR, 10 * YEAR, 1e13):
        voltage = 0.05 * level * math.exp(-time / 350)
        values = 0.95 * grains.polarization(time) + voltage
        error = values.std() / math.sqrt(len(values))
        expected = float(remanent.left(level, time))
        # The formula has a sharp corner where the last grains of a level flip back.
        corner = 0.01 if abs(float(remanent.lost(time)) - abs(level)) < 0.05 else 0.0
        assert values.mean() == pytest.approx(expected, abs=4 * error + 0.002 + corner)


def test_cells_of_grains_spread(remanent):
    for level in (0.0, 0.5, 0.9):
        grains = Grains(remanent, 1000, 11)
        if level:
            grains.write(NormalDist(1, remanent.relative_spread).inv_cdf(level))
        deviation = 0.95 * grains.polarization(0.0).std()
        expected = remanent.spread * math.sqrt(1 - level**2)
        assert deviation == pytest.approx(expected, rel=4 / math.sqrt(2000))


def test_drift_is_logarithmic_in_time(remanent):
    """A decade of time costs about as much as the next, by grains and by the formula."""
    grains = Grains(remanent, 400, 13)
    grains.write(NormalDist(1, remanent.relative_spread).inv_cdf(0.9))
    at = [DAY / math.sqrt(10), DAY * math.sqrt(10)]
    before, after = (0.95 * grains.polarization(time).mean() for time in at)
    assert before - after == pytest.approx(remanent.drift(DAY), rel=0.1)
    assert remanent.drift(DAY) == pytest.approx(0.0062, abs=1e-4)
    assert remanent.drift(10 * DAY) / remanent.drift(DAY) == pytest.approx(1.4, abs=0.1)


def test_the_voltage_that_turns_the_grains_of_a_swing(remanent):
    # 1 MV/m x (1 + 0.2 x 1.2816) x 63.006 nm = 79.2 mV.
    voltage = switching_voltage(cell())
    assert voltage == pytest.approx(79.16e-3, rel=1e-3)
    grains = Grains(remanent, 200, 17)
    turned = grains.field * 1e6 * 63.006e-9 < voltage
    assert turned.mean() == pytest.approx(0.9, abs=4 * math.sqrt(0.09 / turned.size))


def test_what_the_grains_hold_back_slows_the_leak_of_the_rest_hardly(remanent):
    # 5 % of the effect is the voltage's: 0.05^2 of the back-action.
    assert remanent.leak.back_action == pytest.approx(0.0486 * 0.05**2, rel=1e-3)


# What a machine says of it


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"cell.storage": "remnant"},
            "--set cell.storage=remnant: cell.storage: got 'remnant'; expected 'held', 'charge' or "
            "'remanent'; did you mean 'remanent'?",
        ),
        (
            {"cell.me_resistivity": "-1 GOhm m"},
            "--set cell.me_resistivity=-1 GOhm m: cell.me_resistivity: got -1 GOhm m; expected a "
            "positive number in Ohm m such as '10 GOhm m'",
        ),
        (
            {"cell.me_permittivity": "4000 F"},
            "--set cell.me_permittivity=4000 F: cell.me_permittivity: '4000 F' is not a plain "
            "number; expected a positive number such as '4000'",
        ),
        (
            {"cell.access_conductance": "-1 S"},
            "--set cell.access_conductance=-1 S: cell.access_conductance: got -1 S; expected a "
            "number of 0 or more in S such as '1 pS'",
        ),
        (
            {"cell.grains": 0},
            "--set cell.grains=0: cell.grains: got 0; expected a whole number of grains, 1 or more",
        ),
        (
            {"cell.remanent_share": 1.5},
            "--set cell.remanent_share=1.5: cell.remanent_share: got 1.5; expected a positive "
            "number, at most 1, such as '0.9'",
        ),
        (
            {"cell.coercive_spread": 0.5},
            "--set cell.coercive_spread=0.5: cell.coercive_spread: got 0.5; expected a positive "
            "number, at most 0.3, such as '0.2'",
        ),
    ],
)
def test_refused(changes, message):
    with pytest.raises(InputError) as caught:
        load_machine("irmen", changes)
    assert str(caught.value) == message


def test_grains_that_the_drive_cannot_turn():
    with pytest.raises(InputError) as caught:
        cell(storage="remanent", coercive_field="2 MV/m")
    assert str(caught.value) == (
        "--set cell.coercive_field=2 MV/m: cell.coercive_field: to turn the grains of a level "
        "of 0.9 takes 158.3 mV, and the output of the OTAs goes to 120 mV (cell.drive_limit x "
        "cell.write_voltage)"
    )


def test_a_magnet_that_cannot_be():
    with pytest.raises(InputError) as caught:
        cell(storage="charge", width="90 nm")
    assert str(caught.value) == (
        "--set cell.width=90 nm: cell: width: got 90 nm and a length of 47.87 nm; expected the "
        "same for a disc, its diameter; a shape 'ellipse' has two"
    )


def test_a_file_without_the_constants(tmp_path, repository):
    lines = (repository / "configs" / "irmen.yaml").read_text().splitlines()
    gone = ("  storage:", "  me_resistivity:", "  grains:")
    text = "\n".join(line for line in lines if not line.startswith(gone))
    path = tmp_path / "old.yaml"
    path.write_text(text)
    assert load_machine(path).cell.storage == "held"
    with pytest.raises(InputError) as caught:
        load_machine(path, {"cell.storage": "charge"})
    assert str(caught.value).endswith(
        "cell: missing key 'me_resistivity'; the storage 'charge' needs it"
    )


def test_what_holds_a_level_changes_no_time():
    machine = load_machine("irmen", {"cell.storage": "charge", "cell.me_resistivity": "1 TOhm m"})
    assert machine.timing == load_machine("irmen").timing
    assert machine.device_file.differs is None
    assert warnings_of(machine) == ()


def refreshed(interval, **more):
    changes = {"banks.refresh_interval": interval, "banks.refresh_cycles": 3, **more}
    return load_machine("irmen", {"cell.storage": "charge", **changes})


def test_a_refresh_that_comes_too_late_is_warned_of():
    assert warnings_of(refreshed("26 s")) == ()
    assert warnings_of(refreshed("27 s")) == (
        "banks.refresh_interval: 27 s, and a level of 0.9 has moved by half a step of 4 bits "
        "(charge) after 26.42 s; what has moved further is not brought back",
    )
    assert warnings_of(refreshed("1 s", **{"cell.storage": "remanent", "cell.grains": 100})) == (
        "banks.refresh_interval: 1 s, and levels spread by 0.095, more than half a step of 4 bits "
        "(remanent); what has moved further is not brought back",
    )
    # Nothing is known of what is held.
    assert warnings_of(refreshed("27 s", **{"cell.storage": "held"})) == ()
    slow = {"banks.refresh_interval": "2 ms"}
    assert warnings_of(load_machine("charge", slow)) == (
        "banks.refresh_interval: 2 ms, and a level of 0.9 has moved by half a step of 4 bits "
        "(droop) after 1.014 ms; what has moved further is not brought back",
    )


def test_a_bank_that_forgets_is_noted():
    fine = load_machine("irmen", {f"cell.{key}": value for key, value in FINE.items()})
    assert notes_of(fine) == (
        "The banks are not refreshed (banks.refresh_interval), and a level of 0.9 has moved by "
        "half a step of 4 bits (remanent) after 56.7 h",
    )
    assert notes_of(refreshed("20 s")) == ()


def test_the_price_of_a_refresh_is_that_of_a_read_and_a_write():
    prices = load_machine("irmen").prices_aJ
    assert prices["refresh"] == prices["cell_read_cycle"] + prices["cell_write"]


def test_a_bank_that_is_refreshed_pays_for_it(mnist):
    # 67 cycles (docs/machine.md section 8): two rounds of 8 planes, and of the third, which begins
    # at 60 in B and at 61 in A, the planes at 60, 63, 66 and at 61, 64: 21 of 8 lanes x 784 cells.
    ledger = simulate(refreshed("20 ns"), mnist, 1).ledger
    assert ledger.action_aJ["refresh"] == 21 * 8 * 784 * 1610
    assert ledger.no_image_aJ == ledger.action_aJ["refresh"]


def test_a_characterization_tells_the_lifetimes():
    result = characterize(load_machine("irmen", {"cell.storage": "charge"}), Numerics(samples=16))
    figures = result.figures()
    assert figures["level_lifetime"] == {"value": 6.1169, "unit": "min"}
    assert figures["level_usable_at_precision"] == {"value": 26.415, "unit": "s"}
    assert "retention" not in figures
    (listing,) = [each for each in result.listings() if "holds a level" in each.title]
    assert listing.rows[3] == ("moved half a step of 4 bits", "26.42 s", "")
    assert listing.rows[-1] == ("down to 1/e", "6.117 min", "")


def test_the_command_says_what_is_published_modelled_and_open(command):
    quick = ("device", "characterize", "irmen", "--samples", "16")
    code, out, _ = command(*quick)
    assert code == 0
    assert out.startswith("irmen: IRMEN cell, nonvolatile as published, mechanism open")
    assert "What holds a level: held" in out
    assert "no decay is modelled" in out
    code, out, _ = command(*quick, "--set", "cell.storage=charge")
    assert code == 0
    assert out.startswith(
        "Changed: cell.storage=charge\nirmen: IRMEN cell, volatile, its charge leaks"
    )
    assert "moved half a step of 4 bits" in out
    assert "26.42 s" in out
    code, out, err = command(*quick, "--set", "cell.storage=charged")
    assert (code, out) == (2, "")
    assert err == (
        "error: --set cell.storage=charged: cell.storage: got 'charged'; expected 'held', 'charge' "
        "or 'remanent'; did you mean 'charge'?\n"
    )


def test_lifetimes_of_remanence_end_at_ten_years(remanent):
    figures = storage_figures(remanent, 4)
    assert figures["level_lifetime"] == {"value": 10.0, "unit": "years"}
    assert figures["level_usable_at_precision"]["value"] == pytest.approx(56.7, abs=0.1)
    assert figures["level_drift"]["value"] == pytest.approx(0.0062, abs=1e-4)
    rows = storage_listing(remanent).rows
    assert rows[0] == ("moved half a step of 1 bits", "more than 10 years", "")
    assert rows[4] == ("moved half a step of 5 bits", "never", "grains spread by more")


def test_a_sweep_has_the_lifetime_of_each_size():
    numerics = Numerics(samples=16)
    machine = load_machine("irmen", {"cell.storage": "charge"})
    (small,) = sweep(IrmenDevice.of(machine.cell), [1530e-27], 1000, numerics)
    # A smaller magnet binds less charge: 2 x 16.62 kT / 1e-17 J = 0.01377.
    assert small.usable == pytest.approx(0.07197 * 350.0 * 1.01377, rel=1e-3)
    (held,) = sweep(IrmenDevice.of(cell()), [1530e-27], 1000, numerics)
    assert math.isnan(held.usable)


def test_magnets_of_a_waveform_are_an_ensemble(device):
    """The isolated capacitor of this test is the one of the library: the same stiffness."""
    ensemble = Ensemble(device.magnet, 1, 1e-12)
    ensemble.added_stiffness = device.back_action * device.magnet.hard_stiffness
    ensemble.set_level(0.3)
    held = device.magnet.hard_stiffness * (0.5 + device.back_action * 0.3)
    y = ensemble.run(Drive.constant(held, 30_000), every=30_000)[-1, 1, 0]
    charge = 0.5 + device.back_action * 0.3
    assert y == pytest.approx(charge / (1 + device.back_action), abs=1e-4)


def test_a_remanence_of_one_share_has_no_leak():
    storage = Remanent(0.9, 1.0, 900, 70.0, 0.2, 1e-12, Charge(0.9, 350.0, 0.0))
    assert float(storage.left(0.9, 1.0)) == pytest.approx(0.9 - float(storage.lost(1.0)))
