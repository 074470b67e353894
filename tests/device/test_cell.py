"""The IRMEN cell: voltages, time constants, noise and energies by hand."""

import math
import warnings

import numpy as np
import pytest

from accelsim.config import load_machine
from accelsim.device import DeviceWarning, Drive, IrmenDevice
from accelsim.device.disturbance import read_disturbance
from accelsim.device.noise import equilibrium
from accelsim.device.waveform import Protocol, simulate_waveform
from accelsim.errors import InputError


def changed(**changes) -> IrmenDevice:
    return IrmenDevice.of(load_machine("irmen", {f"cell.{k}": v for k, v in changes.items()}).cell)


def test_full_scale_voltage_saturates(device):
    # alpha_ME V / t = 3.3356e-8 s/m x 0.1 V / 63.006 nm = 52.94 mT = Bk.
    assert device.saturation_voltage == pytest.approx(0.1, rel=1e-4)
    assert device.field(0.05) == pytest.approx(device.magnet.hard_stiffness / 2, rel=1e-4)


def test_a_voltage_beyond_saturation_is_clipped_with_a_warning(device):
    with pytest.warns(DeviceWarning) as caught:
        field = device.field(-0.3)
    assert field == -device.magnet.hard_stiffness
    assert str(caught[0].message) == (
        "write voltage -300 mV is beyond saturation; clipped to -100 mV, "
        "where the ME field reaches Bk = 52.94 mT"
    )
    with pytest.warns(DeviceWarning, match="write voltage 250 mV is beyond saturation"):
        beyond = changed(write_voltage="250 mV")
    assert beyond.full_scale == 1
    assert beyond.full_scale_voltage == pytest.approx(0.1, rel=1e-4)


def test_a_low_voltage_uses_part_of_the_range():
    low = changed(write_voltage="50 mV")
    assert low.full_scale == pytest.approx(0.5, rel=1e-4)
    assert low.write_ktc == pytest.approx(2.035e-3 / 0.05, rel=1e-3)


def test_electrical_figures_by_hand(device):
    assert device.write_rc == pytest.approx(50e-12)
    # kT/C of 1 fF at 300 K: 2.0 mV (facts); energies as the machine prices them.
    assert device.write_ktc * device.full_scale_voltage == pytest.approx(2.035e-3, rel=1e-3)
    prices = load_machine("irmen").energy
    assert device.write_energy() * 1e18 == pytest.approx(prices.cell_write.value)
    assert device.read_energy(1e-9) * 1e18 == pytest.approx(prices.cell_read_cycle.value)
    # alpha^2 Ms V / (t^2 C) over Bk is 2 Delta kT / (C V^2): 0.049 (facts).
    energy = 2 * device.magnet.stability * 1.380649e-23 * 300
    assert device.back_action == pytest.approx(energy / (1e-15 * 0.1**2), rel=1e-3)
    # e / (2 I RC) electrons' spins, over P: 1 / sqrt(25,100) / 0.8.
    assert device.shot_noise == pytest.approx(0.0079, rel=0.01)


@pytest.mark.parametrize("resistance", ["50 kOhm", "250 kOhm", "600 kOhm"])
def test_charging_is_two_rcs_in_a_row(resistance):
    # Against Euler steps of 10 fs: a relative error of dt/RC = 2e-4. 250 kOhm x 1 fF is about
    # the read-out's own RC, where the closed form has a limit.
    device = changed(write_resistance=resistance)
    dt, read, me = 1e-14, 0.0, -0.7
    for _ in range(60000):
        read, me = (
            read + dt * (0.9 - read) / device.readout_rc,
            me + dt * (read - me) / device.write_rc,
        )
    assert device.charging(6e-10, -0.7, 0.9) == pytest.approx(me, abs=5e-4)


@pytest.mark.parametrize("bits", [1, 4, 8])
def test_charging_time_is_where_half_a_step_is_reached(device, bits):
    time = device.charging_time(0.9, 1 / 2**bits)
    assert abs(device.charging(time, -0.9, 0.9) - 0.9) == pytest.approx(1 / 2**bits)
    later = device.charging(np.linspace(time, 20 * time, 500), -0.9, 0.9)
    assert (np.abs(later - 0.9) <= 1 / 2**bits).all()


def test_a_read_does_not_disturb(device):
    """At worst a field mu0 I/(2 w) = 0.105 mT: a tilt of B/Bk = 0.0020, twice with overshoot.

    Where the stiffness is low (level 0.9) the moment answers a little more than linearly.
    """
    assert device.read_field / device.magnet.hard_stiffness == pytest.approx(1.98e-3, rel=0.01)
    found = read_disturbance(device, 1e-9, 2e-9, 1e-12)
    assert found.during < 2.2 * 1.98e-3
    assert found.during < (1 / 2**4) / 12  # a twelfth of half a step of 4 bits
    # When the machine reads again, 2 ns later, the ringing is down by exp(-2 / 0.64) = 0.044 from
    # at most twice the tilt; five relaxation times after the pulse it is ten times less.
    assert 0.3 * 2 * 1.98e-3 * 0.044 < found.remaining < 1.05 * 2 * 1.98e-3 * 0.044
    assert read_disturbance(device, 1e-9, 5 * 0.64e-9, 1e-12).remaining < 2.5e-5


def test_a_read_does_not_disturb_at_temperature(device):
    """Same thermal draws with and without the read field: the mean tilts by B/Bk and returns.

    The difference of one cell has a deviation of 0.003, and snapshots of a cell are not
    independent: 2048 cells give 0.003/sqrt(2048) = 7e-5 at worst.
    """
    field = device.level_field(0.5)
    pulses = np.tile(np.repeat([1.0, 0.0], 1000), 3)
    shape = np.append(pulses, 0.0)
    quiet, read = (
        equilibrium(device, np.full(2048, 0.5), 1e-12, seed=8).run(
            Drive(field, disturbing, shape), every=20
        )[:, 1]
        for disturbing in (0.0, device.read_field)
    )
    on = shape[20::20] == 1
    tilt = device.read_field / device.magnet.hard_stiffness
    assert (read - quiet)[on].mean() == pytest.approx(tilt, abs=4 * 7e-5)
    assert (read - quiet)[~on].mean() == pytest.approx(0, abs=4 * 7e-5)
    assert read.var(axis=1).mean() == pytest.approx(quiet.var(axis=1).mean(), rel=2e-3)


def test_waveform_holds_two_levels_and_output_follows(device):
    wave = simulate_waveform(device, Protocol(), 1e-12, seed=2)
    for first, last, level in ((3e-9, 30e-9, 0.5), (33e-9, 60e-9, -0.5)):
        held = (wave.time >= first) & (wave.time < last)
        # One magnet for 27 ns: sigma 0.09 over about 27 ns / (2 x 0.65 ns) independent
        # swings and a mean that a precession averages: well within 0.05.
        assert wave.m[1, held].mean() == pytest.approx(level, abs=0.05)
        # At the end of a pulse of 4 RC the output is at 98 % of its level.
        ends = held & (wave.supply == 1) & (np.roll(wave.supply, -1) == 0)
        ends &= np.roll(wave.supply, 1) == 1
        expected = 0.98 * level * device.read_voltage
        assert wave.output[ends].mean() == pytest.approx(expected, abs=3e-3)
        # Damped: the RC takes away most of the fluctuation, though it adds kT/C.
        assert wave.output[ends].std() < 0.5 * 0.092 * device.read_voltage
    standby = wave.time > 58e-9
    assert np.abs(wave.output[standby]).max() < 5 * device.readout_ktc * device.read_voltage
    assert wave.largest_disturbance < 0.05
    np.testing.assert_allclose((wave.m**2).sum(axis=0), 1, atol=1e-12)


def test_waveform_decays_by_the_storage_of_the_cell():
    # 8.854e-12 x 3953 x 0.5714 Ohm m = 20 ns, and 4.86 % longer by the back-action: 9 ns after the
    # isolation exp(-9/20.97) = 0.651 of 0.5 is left, and the next write begins there.
    machine = load_machine(
        "irmen", {"cell.storage": "charge", "cell.me_resistivity": "0.5714 Ohm m"}
    )
    wave = simulate_waveform(IrmenDevice.of(machine.cell), Protocol(hold=9e-9), 1e-12, seed=2)
    at = {when: int(np.argmin(np.abs(wave.time - when * 1e-9))) for when in (1, 10, 20)}
    written = wave.field[at[1]]
    assert written == pytest.approx(0.5, abs=0.02)
    assert wave.field[at[10] - 1] == pytest.approx(written * math.exp(-9 / 20.97), rel=2e-3)
    assert wave.field[at[20]] == pytest.approx(-0.5 * math.exp(-9 / 20.97), abs=0.02)
    # The default keeps it.
    kept = simulate_waveform(
        IrmenDevice.of(load_machine("irmen").cell), Protocol(hold=9e-9), 1e-12, seed=2
    )
    assert (kept.field[at[1] : at[10] - 1] == kept.field[at[1]]).all()
    assert (kept.m != wave.m).any()


def test_waveform_does_not_depend_on_chance(device):
    first, again = (simulate_waveform(device, Protocol(hold=9e-9), 1e-12, seed=6) for _ in "ab")
    np.testing.assert_array_equal(first.output, again.output)


def test_protocol_refuses_levels_and_pulses_that_cannot_be():
    with pytest.raises(InputError, match=r"level: got 1\.5; expected a value from -1 to 1"):
        Protocol(levels=(1.5,))
    with pytest.raises(InputError, match="does not fit the read interval"):
        Protocol(pulse=3e-9)


def test_no_warning_for_what_ships():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        device = IrmenDevice.of(load_machine("irmen").cell)
    assert math.isclose(device.full_scale, 1, rel_tol=1e-4)
