"""The machines' cycles are held to the physics of their cells."""

from functools import cache

import pytest

from accelsim.config import load_machine
from accelsim.device import Numerics, characterize
from accelsim.device.charge import ChargeDevice
from accelsim.errors import InputError

QUICK = Numerics(samples=128)


@cache
def characterized(name: str, **changes):
    """Characterize a machine with changes, once."""
    machine = load_machine(name, {key.replace("__", "."): v for key, v in changes.items()})
    return characterize(machine, QUICK)


def cycles(name: str, **changes) -> tuple[int, int]:
    timing = characterized(name, **changes).timing
    return timing.read_cycles, timing.write_cycles


@pytest.mark.parametrize(("name", "expected"), [("irmen", (1, 2)), ("charge", (9, 2))])
def test_the_schedule_is_what_the_physics_needs(name, expected):
    timing = load_machine(name).timing
    assert (timing.read_cycles.value, timing.write_cycles.value) == expected
    assert {timing.read_cycles.kind, timing.write_cycles.kind} == {"derived"}
    assert cycles(name) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"cell__damping": 0.02}, (1, 1)),
        ({"cell__damping": 0.005}, (1, 4)),
        # Thicker: less demagnetization out of the plane, 1.70 -> 1.28 T.
        ({"cell__thickness": "8 nm"}, (1, 3)),
        ({"cell__length": "22.583 nm", "cell__width": "22.583 nm"}, (1, 3)),
        ({"cell__precision": 5}, (1, 3)),
        ({"cell__precision": 8}, (2, 4)),
        ({"cell__readout_capacitance": "5 fF"}, (2, 2)),
        ({"clock": "2 GHz"}, (2, 4)),
        ({"clock": "250 MHz"}, (1, 1)),
    ],
)
def test_change_the_physics_and_the_cycles_move(changes, expected):
    assert cycles("irmen", **changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"cell__cell_capacitance": "20 fF"}, (5, 2)),
        ({"cell__memory_capacitance": "0.8 pF"}, (9, 3)),
        ({"cell__precision": 8}, (16, 3)),
    ],
)
def test_change_the_charge_cell_and_the_cycles_move(changes, expected):
    assert cycles("charge", **changes) == expected


def test_one_result_has_every_figure():
    result = characterized("irmen")
    assert result.timing.read_ps == pytest.approx(723, abs=1)
    assert result.timing.write_ps == pytest.approx(1794, abs=5)
    # 128 cells x 7 levels: 2.4 % standard error.
    assert result.read_noise == pytest.approx(0.0158, rel=0.1)
    assert result.disturbance.during < 0.006
    # The transfer function is clip but for thermal rounding at the corners.
    inside = abs(result.transfer.levels) < 0.85
    off = abs(result.transfer.mean - result.transfer.ideal)
    assert off[inside].max() < 0.03
    assert off.max() < 0.08


def test_the_worst_step_is_reported_beside_the_definition():
    """A step from 0.9 to -0.3 takes 9 ps more than 2 ns; the definition is the full swing.

    The whole write, with the capacitor charging in the read phase, is long settled then.
    """
    result = characterized("irmen")
    assert result.settling.worst[3] == pytest.approx(2.009e-9, abs=5e-12)
    assert result.sequence.worst[3] < 3e-9


def test_charge_cell_by_hand():
    device = ChargeDevice(load_machine("charge").cell)
    machine = load_machine("charge")
    # S5: 8.4 RC, 251 uW for 80 synapses, and its 719 fJ in 2.87 ns.
    assert device.rc == pytest.approx(1e-9)
    assert device.settling_time(4) == pytest.approx(8.4e-9, rel=1e-3)
    assert device.synapse_power == pytest.approx(251e-6)
    assert device.synapse_power * 2.87e-9 == pytest.approx(719e-15, rel=5e-3)
    assert device.cell.ota_power.value * 1e-9 * 1e18 == pytest.approx(
        machine.energy.ota_tap_cycle.value, rel=0.02
    )
    assert device.cell.amplifier_power.value * 1e-9 * 1e18 == pytest.approx(
        machine.energy.cell_static_cycle.value
    )
    # kT/C of 40 fF and of 0.4 pF at 300 K.
    assert device.cell_ktc * device.unit_voltage == pytest.approx(0.3218e-3, rel=1e-3)
    assert device.memory_ktc * device.unit_voltage == pytest.approx(0.1018e-3, rel=1e-3)
    # Droop: half a step of 22.8 mV at 9 pA on 0.4 pF; the machine refreshes every 1 ms.
    assert device.hold_time(4) == pytest.approx(0.365 / 16 / (9e-12 / 0.4e-12))
    assert device.hold_time(4) >= machine.banks.refresh_interval.value / 1e12


def test_a_longer_whole_write_decides():
    # With hardly any RC and a read phase of 50 ps, the magnet has not moved before isolation,
    # and a step from -0.9 to 0.3 settles later than the full swing of the definition.
    changes = {
        "clock": "20 GHz",
        "cell.readout_capacitance": "0.05 fF",
        "cell.write_resistance": "1 kOhm",
    }
    result = characterize(load_machine("irmen", changes), QUICK)
    assert result.timing.read_cycles == 1
    whole = result.sequence.worst[3] - 50e-12
    assert whole > result.settling.at(4)
    assert result.timing.write_ps == pytest.approx(whole * 1e12, abs=1)


def test_a_machine_without_a_cell(repository, tmp_path):
    text = (repository / "configs" / "irmen.yaml").read_text()
    (tmp_path / "bare.yaml").write_text(text[: text.index("\n# What timing and noise")])
    with pytest.raises(InputError) as caught:
        characterize(load_machine(tmp_path / "bare.yaml"))
    assert str(caught.value) == (
        "machine 'irmen' has no section 'cell': nothing to characterize; "
        "configs/irmen.yaml shows one"
    )
