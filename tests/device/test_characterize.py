"""The machines' cycles are held to the physics of their cells."""

from functools import cache

import numpy as np
import pytest

from accelsim.config import load_machine
from accelsim.device import Numerics, characterize
from accelsim.device.charge import ChargeDevice
from accelsim.errors import InputError

QUICK = Numerics(samples=64)


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
        # Thicker: less demagnetization out of the plane, 1.72 -> 1.31 T.
        ({"cell__thickness": "8 nm"}, (1, 3)),
        (
            {
                "cell__length": "25.482 nm",
                "cell__width": "25.482 nm",
                "cell__supply_voltage": "1 V",
            },
            (1, 3),
        ),
        # From 0.2 mJ/m^2 on: B_z falls by 78 mT, as at a barrier of MgO.
        ({"cell__interface_anisotropy": "0.2 mJ/m^2"}, (1, 3)),
        ({"cell__interface_anisotropy": "0.1 mJ/m^2"}, (1, 2)),
        ({"cell__criterion": "envelope"}, (1, 3)),
        ({"cell__criterion": "as_read"}, (1, 1)),
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
    assert result.timing.read_ps == pytest.approx(726, abs=2)
    assert result.timing.write_ps == pytest.approx(1780, abs=5)
    # 64 cells x 7 levels: 3.4 % standard error.
    assert result.read_noise == pytest.approx(0.0155, rel=0.14)
    assert result.disturbance.during < 0.006
    assert result.write_cycles_by() == {"magnetization": 2, "envelope": 3, "as_read": 1}


def test_what_a_read_sees_follows_the_level_but_for_rounded_corners():
    # Means at 0.5, 0.9, 1.0, 1.2: 0.506, 0.911, 0.955, 0.983 (facts, another code). The standard
    # errors are 0.03 / sqrt(64) at most.
    seen = characterized("irmen").response
    for level, mean in ((0.5, 0.506), (0.9, 0.911), (1.0, 0.955), (1.2, 0.983)):
        assert np.interp(level, seen.levels, seen.own) == pytest.approx(mean, abs=0.012)


def test_hardly_anything_is_left_of_the_old_value():
    # Of 16 or 8 cells: what is left after two write cycles is the back-action's share of what the
    # magnet still had to go at isolation, below 1 % of the full scale; noise is 0.005.
    seen = characterized("irmen").response
    assert np.sqrt(np.mean(seen.left[1] ** 2)) < 0.012
    assert seen.left_error < 0.02


def test_the_worst_step_is_reported_beside_the_definition():
    result = characterized("irmen")
    assert result.settling.worst[3] == pytest.approx(1.973e-9, abs=5e-12)
    assert result.settling.at(4) == pytest.approx(1.779e-9, abs=5e-12)


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


def test_a_machine_without_a_cell(repository, tmp_path):
    text = (repository / "configs" / "irmen.yaml").read_text()
    (tmp_path / "bare.yaml").write_text(text[: text.index("\n# What timing and noise")])
    with pytest.raises(InputError) as caught:
        characterize(load_machine(tmp_path / "bare.yaml"))
    assert str(caught.value) == (
        "machine 'irmen' has no section 'cell': nothing to characterize; "
        "configs/irmen.yaml shows one"
    )
