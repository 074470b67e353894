"""What constants follow from once others were changed: nothing chosen or derived is laundered."""

import pytest

from accelsim.config import load_machine, resolved_yaml
from accelsim.config.checks import warnings_of
from accelsim.config.origins import constants_of, kind_with_weakest

NO_LONGER = "Not derived again since "


def restated(machine):
    """Return the keys of constants that no longer follow from their inputs, with what changed."""
    found = {}
    for key, constant in constants_of(machine).items():
        if constant.source.startswith(NO_LONGER):
            assert (constant.kind, constant.inputs, constant.aims) == ("assumed", (), ())
            found[key] = constant.source.removeprefix(NO_LONGER).partition(": ")[0]
    return found


def test_setting_what_the_file_has_changes_nothing():
    same = {
        "clock": "1000 MHz", "energy.ota_tap_cycle": "0.5 fJ", "energy.cell_read_cycle.per":
        "1000 ps", "timing.write_cycles": 2, "cell.damping": 0.01,
    }  # fmt: skip
    machine = load_machine("irmen", same)
    assert machine == load_machine("irmen")
    assert machine.energy.ota_tap_cycle.aims == ("published:energy",)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # 727 ps and 1780 ps are 1 and 2 cycles of 960 ps, as they are of 1000 ps.
        ({"clock": "960 ps"}, {}),
        (
            {"clock": "2 GHz"},
            {"timing.read_cycles": "clock was 1 GHz", "timing.write_cycles": "clock was 1 GHz"},
        ),
        ({"clock": "2 GHz", "device": "irmen"}, {}),
        # Damping has no part in kT/C, shot noise, or what a read needs.
        (
            {"cell.damping": 0.005},
            {
                "timing.write_cycles": "cell.damping was 0.01",
                "response": "cell.damping was 0.01",
            },
        ),
        # At another clock the response is simulated again, from the cell that there is.
        (
            {"cell.damping": 0.005, "clock": "4 ns"},
            {
                "timing.read_cycles": "clock was 1 GHz",
                "timing.write_cycles": "cell.damping was 0.01, clock was 1 GHz",
            },
        ),
        (
            {"cell.temperature": "400 K"},
            {
                "noise.readout_ktc": "cell.temperature was 300 K",
                "noise.write": "cell.temperature was 300 K",
                "response": "cell.temperature was 300 K",
            },
        ),
        # The price of a write follows the cell, and is derived still.
        (
            {"cell.write_voltage": "50 mV", "noise.shot": "0.01 of full scale"},
            {
                "timing.write_cycles": "cell.write_voltage was 100 mV",
                "noise.readout_ktc": "cell.write_voltage was 100 mV",
                "noise.write": "cell.write_voltage was 100 mV",
                "response": "cell.write_voltage was 100 mV",
                "cell.me_layer_thickness": "cell.write_voltage was 100 mV",
            },
        ),
    ],
)
def test_what_is_not_derived_again_is_assumed(changes, expected, tmp_path):
    machine = load_machine("irmen", changes)
    assert restated(machine) == expected
    for key in expected:
        assert kind_with_weakest(constants_of(machine), key) == "assumed"
    path = tmp_path / "resolved.yaml"
    path.write_text(resolved_yaml(machine))
    assert load_machine(path) == machine


@pytest.mark.parametrize(
    ("changes", "derived"),
    [
        ({"cell.damping": 0.005}, "timing and response"),
        ({"cell.temperature": "400 K"}, "timing, noise and response"),
        ({"cell.damping": 0.005, "clock": "4 ns"}, "timing"),
    ],
)
def test_the_warning_names_what_does_not_follow(changes, derived):
    assert f" does not change {derived} by itself" in warnings_of(load_machine("irmen", changes))[0]
