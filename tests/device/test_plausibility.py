"""Cells that cannot be are refused, and those that are no memory cells are said to be."""

import pytest

from accelsim.config import load_machine
from accelsim.config.checks import warnings_of
from accelsim.device import IrmenDevice
from accelsim.errors import InputError


def machine(name="irmen", **keys):
    return load_machine(name, {f"cell.{key}": value for key, value in keys.items()})


def said(name="irmen", **keys):
    """Return what is said of the cell beyond that its timing is of another one."""
    return [text for text in warnings_of(machine(name, **keys)) if "add --characterize" not in text]


@pytest.mark.parametrize("name", ["irmen", "charge"])
def test_nothing_is_said_of_what_ships(name):
    assert said(name) == []


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        # 25 kOhm x 9 uA.
        (
            {"read_current": "9 uA"},
            "--set cell.read_current=9 uA: cell.supply_voltage: the read current of 9 uA drops "
            "225 mV across the barrier, and the supply has 200 mV; expected a supply of 225 mV or "
            "more, or a read current of 8 uA at most",
        ),
        # Half of the diameter, a quarter of the area: four times 200 mV.
        (
            {"length": "23.9365 nm", "width": "23.9365 nm"},
            "--set cell.length=23.9365 nm: cell.supply_voltage: the read current of 8 uA drops "
            "800 mV across the barrier, and the supply has 200 mV; expected a supply of 800 mV or "
            "more, or a read current of 2 uA at most",
        ),
        # 100 Ohm x 1000 nm / 47.873 nm x 8 uA = 16.7 mV beside 200 mV.
        (
            {"return_sheet_resistance": "100 Ohm", "return_length": "1 um"},
            "--set cell.return_sheet_resistance=100 Ohm: cell.supply_voltage: the read current of "
            "8 uA drops 216.7 mV across barrier and return path, and the supply has 200 mV; "
            "expected a supply of 216.7 mV or more, or a read current of 7.383 uA at most",
        ),
        (
            {"return_length": "1 um"},
            "--set cell.return_length=1 um: cell.return_length: missing key "
            "'return_sheet_resistance' beside it; a return path has a sheet resistance and a "
            "length, and one that is not modelled neither",
        ),
        # 58.67 kT / 60.
        (
            {"anisotropy": "750 J/m^3"},
            "--set cell.anisotropy=750 J/m^3: cell: the barrier between the two directions of the "
            "magnet is 0.978 kT; expected more than 1 kT, below which it has none: a larger "
            "anisotropy or volume",
        ),
        # 2 x 5e-3 / (1.7e6 x 3e-9) = 1.961 T of 1.7215 T.
        (
            {"interface_anisotropy": "5 mJ/m^2"},
            "--set cell.interface_anisotropy=5 mJ/m^2: cell: impossible geometry: length 47.87 nm "
            "with the thickness 3 nm: shape and anisotropy together make the thickness the easy "
            "axis (stiffness -0.2392 T); the easy axis has to be the length: interface_anisotropy "
            "5 mJ/m^2 takes 1.961 T of it",
        ),
        (
            {"interface_anisotropy": "-1 mJ/m^2"},
            "--set cell.interface_anisotropy=-1 mJ/m^2: cell.interface_anisotropy: got -1 mJ/m^2; "
            "expected a number of 0 or more in J/m^2 such as '1 mJ/m^2'",
        ),
    ],
)
def test_what_cannot_be_is_refused(keys, message):
    with pytest.raises(InputError) as caught:
        machine(**keys)
    assert str(caught.value) == message


def test_a_supply_that_has_the_drop_is_enough():
    path = {"return_sheet_resistance": "100 Ohm", "return_length": "1 um"}
    stack = IrmenDevice.of(machine(supply_voltage="217 mV", **path).cell).stack
    assert stack.return_drop == pytest.approx(8e-6 * 100 * 1e-6 / 47.873e-9)
    assert stack.supply_needed == pytest.approx(0.2167, rel=1e-3)
    # Without one the path is not modelled, and drops nothing.
    assert IrmenDevice.of(machine().cell).stack.return_drop is None


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        # 58.67 / 15 = 3.91; 1/sqrt(2 x 3.91) = 0.36.
        (
            {"anisotropy": "3 kJ/m^3", "me_layer_thickness": "945 nm"},
            "cell.anisotropy: Delta is 3.91 kT, and the magnet has no stable state (limit: 5 kT): "
            "at rest m_y moves by 0.36 of saturation",
        ),
        # mu0 I / (2 w) = 5.25 mT at 400 uA, and 0.58 mT of reciprocal torque, of 52.94 mT.
        (
            {"read_current": "400 uA", "supply_voltage": "10 V"},
            "cell.read_current: a read moves the level by 0.11 of full scale, more than half a "
            "step of 4 bits, 0.0625",
        ),
        # sqrt(kT/C) = 6.44 mV of 100 mV.
        (
            {"me_capacitance": "0.1 fF"},
            "cell.me_capacitance: kT/C of a write is 0.0644 of full scale, more than half a step "
            "of 4 bits, 0.0625",
        ),
        # 0.0183 x 6 nm / 1.5 nm.
        (
            {"ir_length": "1.5 nm"},
            "cell.readout_capacitance: kT/C of the read-out is 0.0734 of full scale, more than "
            "half a step of 4 bits, 0.0625",
        ),
        (
            {"ir_length": "0.06 nm"},
            "cell.readout_capacitance: the output of 610.9 uV is below its noise, kT/C of 1.12 mV",
        ),
        # 0.00789 x sqrt(8 uA / 0.1 uA).
        (
            {"read_current": "0.1 uA"},
            "cell.read_current: shot noise of a read is 0.0706 of full scale, more than half a "
            "step of 4 bits, 0.0625",
        ),
    ],
)
def test_what_is_no_memory_cell_is_said_with_figure_and_limit(keys, message):
    assert message in said(**keys)


def test_noise_of_the_charge_based_cell():
    # sqrt(kT / 4 aF) = 32.2 mV of 365 mV.
    assert said("charge", cell_capacitance="0.004 fF") == [
        "cell.cell_capacitance: kT/C of the node is 0.0882 of full scale, more than half a step of "
        "4 bits, 0.0625"
    ]


def test_the_command_says_it_before_its_tables(command):
    quick = ("device", "characterize", "--samples", "16")
    code, out, err = command(*quick, "--set", "cell.me_capacitance=0.1 fF")
    assert code == 0
    assert "warning: cell.me_capacitance: kT/C of a write is 0.0644 of full scale" in err
    assert "supply needed" in out
    code, out, err = command(*quick, "--set", "cell.read_current=9 uA")
    assert (code, out) == (2, "")
    assert err.startswith("error: --set cell.read_current=9 uA: cell.supply_voltage: the read")


def test_interface_anisotropy_softens_the_magnet_out_of_the_plane():
    plain, soft = (IrmenDevice.of(machine(**keys).cell).magnet
                   for keys in ({}, {"interface_anisotropy": "1 mJ/m^2"}))  # fmt: skip
    # 2 x 1e-3 J/m^2 / (1.7e6 A/m x 3e-9 m).
    assert plain.normal_stiffness - soft.normal_stiffness == pytest.approx(0.3922, rel=1e-3)
    assert (soft.hard_stiffness, soft.stability) == (plain.hard_stiffness, plain.stability)
    # alpha gamma (B_y + B_z) / 2.
    assert plain.relaxation_rate() / soft.relaxation_rate() == pytest.approx(
        (0.0529 + 1.7215) / (0.0529 + 1.3293), rel=1e-3
    )
