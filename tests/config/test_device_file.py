"""A machine file that names a device file: what it takes over, what wins, what is refused."""

import pytest

from accelsim.config import load_machine, resolved_yaml
from accelsim.device.irmencell import IrmenCell
from accelsim.errors import InputError
from accelsim.resources import shipped
from accelsim.units import parse_real


@pytest.fixture
def machine_file(tmp_path, repository):
    """Write configs/irmen.yaml without timing, with lines added; return the path."""

    def write(*lines: str):
        text = (repository / "configs" / "irmen.yaml").read_text()
        start, end = text.index("timing:"), text.index("sequencer:")
        path = tmp_path / "machine.yaml"
        path.write_text(text[:start] + text[end:] + "".join(f"{line}\n" for line in lines))
        return path

    return write


def cycles(machine):
    return machine.timing.read_cycles.value, machine.timing.write_cycles.value


def test_timing_and_noise_come_from_the_file(machine_file):
    machine = load_machine(machine_file("device: irmen"))
    assert cycles(machine) == (1, 2)
    assert machine.timing.write_cycles.kind == "derived"
    assert machine.timing.write_cycles.source.endswith(
        "irmen.yaml: write_time 1780 ps, in cycles of 1000 ps"
    )
    assert machine.noise is not None
    assert machine.noise.write.value == pytest.approx(0.01941)
    assert machine.noise.shot.value == pytest.approx(0.00789)
    assert machine.response.read_cycles == 1


def test_cycles_follow_the_machines_clock():
    assert cycles(load_machine("irmen", {"device": "irmen", "clock": "2 GHz"})) == (2, 4)
    assert cycles(load_machine("irmen", {"clock": "250 MHz", "device": "irmen"})) == (1, 1)
    assert cycles(load_machine("charge", {"device": "charge"})) == (9, 2)


def test_an_explicit_change_wins_over_the_file():
    changes = {"timing.write_cycles": 5, "device": "irmen"}
    machine = load_machine("irmen", changes)
    assert cycles(machine) == (1, 5)
    assert machine.timing.write_cycles.source == "set by the user for this run"


def test_a_path_is_relative_to_the_machine_file(machine_file):
    path = machine_file("device: mine/cell.yaml")
    (path.parent / "mine").mkdir()
    text = (shipped("configs/devices") / "irmen.yaml").read_text()
    (path.parent / "mine" / "cell.yaml").write_text(text.replace("1780 ps", "3456 ps"))
    machine = load_machine(path)
    assert cycles(machine) == (1, 4)
    assert "cell.yaml: write_time 3456 ps" in machine.timing.write_cycles.source


def test_resolved_file_stands_alone(machine_file, tmp_path):
    machine = load_machine(machine_file("device: irmen"))
    assert isinstance(machine.cell, IrmenCell)
    (tmp_path / "resolved.yaml").write_text(resolved_yaml(machine))
    assert load_machine(tmp_path / "resolved.yaml") == machine


def test_refusals_say_where(machine_file, tmp_path):
    path = machine_file("device: irmne")
    with pytest.raises(InputError) as caught:
        load_machine(path)
    line = len(path.read_text().splitlines())
    assert f"machine.yaml:{line}:1: device: irmne: no such device file: expected" in str(
        caught.value
    )
    assert str(caught.value).endswith("one of charge, irmen; did you mean 'irmen'?")
    with pytest.raises(InputError, match="device: got 3; expected the name of a device file"):
        load_machine(machine_file("device: 3"))
    with pytest.raises(InputError) as caught:
        load_machine("irmen", {"device": "charge"})
    assert str(caught.value).startswith("--set device=charge: device: ")
    assert "describes a cell of technology 'charge', and the machine is 'irmen'" in str(
        caught.value
    )
    text = (shipped("configs/devices") / "irmen.yaml").read_text()
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace("write_time:", "write_tme:"))
    with pytest.raises(InputError) as caught:
        load_machine("irmen", {"device": str(wrong)})
    assert "timing.write_tme: unknown key; allowed: " in str(caught.value).replace(
        "allowed here", "allowed"
    )
    assert "did you mean 'write_time'?" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("damping", 0, "got 0; expected a positive number, at most 1, such as '0.01'"),
        ("damping", -0.01, "got -0.01; expected a positive number, at most 1, such as '0.01'"),
        ("temperature", "0 K", "got 0 K; expected a positive number in K such as '300 K'"),
        ("temperature", 300, "'300' has no unit; expected a positive number in K such as '300 K'"),
        ("length", "-4 nm", "got -4 nm; expected a positive number in m such as '40 nm'"),
        ("length", "4 nV", "'4 nV' is not in m; expected a positive number in m such as '40 nm'"),
        ("width", "wide", "'wide' is not a number with a unit; expected a positive number in m"),
        ("swing", 1.0, "got 1.0; expected a positive number, at most 0.99, such as '0.9'"),
        ("precision", 9, "got 9; expected a whole number of bits from 1 to 8"),
        ("thicknes", "3 nm", "did you mean 'thickness'?"),
    ],
)
def test_a_cell_that_cannot_be_is_refused(key, value, message):
    with pytest.raises(InputError) as caught:
        load_machine("irmen", {f"cell.{key}": value})
    assert str(caught.value).startswith(f"--set cell.{key}={value}: cell.{key}: ")
    assert message in str(caught.value)


def test_a_cell_of_the_other_technology_is_refused():
    with pytest.raises(InputError, match=r"cell\.memory_leakage: unknown key; allowed here: prec"):
        load_machine("irmen", {"cell.memory_leakage": "9 pA"})


@pytest.mark.parametrize(
    ("text", "value"),
    [("42.4 nm", 4.24e-8), ("300 K", 300.0), ("100 uOhm m", 1e-4), ("1.7 MA/m", 1.7e6)],
)
def test_quantities_of_a_cell(text, value):
    unit = {"nm": "m", "K": "K", "uOhm m": "Ohm m", "MA/m": "A/m"}[text.split(" ", 1)[1]]
    assert parse_real(text, unit) == value  # to the last bit
