"""What a constant follows from, in machine files: read, checked, kept, and dropped by --set."""

import re

import pytest

from accelsim.config import load_machine, resolved_yaml
from accelsim.config.origins import constants_of, kind_with_weakest, known_keys
from accelsim.errors import InputError
from accelsim.resources import shipped


def changed(tmp_path, old, new):
    text = (shipped("configs") / "irmen.yaml").read_text()
    assert text.count(old) == 1
    path = tmp_path / "machine.yaml"
    path.write_text(text.replace(old, new))
    return path


def test_from_and_to_are_read_and_kept(tmp_path):
    machine = load_machine("irmen")
    assert machine.cell.me_layer_thickness.inputs == (
        "cell.write_voltage", "cell.anisotropy", "cell.saturation_magnetization",
        "cell.me_coefficient",
    )  # fmt: skip
    assert machine.energy.ota_tap_cycle.aims == ("published:energy",)
    path = tmp_path / "resolved.yaml"
    path.write_text(resolved_yaml(machine))
    assert load_machine(path) == machine


def test_a_value_of_the_user_follows_from_nothing():
    machine = load_machine("irmen", {"energy.ota_tap_cycle": "400 aJ", "clock": "2 GHz"})
    for constant in (machine.energy.ota_tap_cycle, machine.clock):
        assert (constant.kind, constant.inputs, constant.aims) == ("assumed", (), ())


def test_cycles_of_a_device_file_follow_from_its_times():
    machine = load_machine("irmen", {"device": "irmen"})
    assert machine.timing.write_cycles.inputs == ("timing.write_time", "clock")
    assert machine.timing.write_time.inputs[:2] == ("cell.length", "cell.width")
    assert "cell.damping" in machine.response.inputs


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "from: [cell.me_capacitance, cell.write_voltage]",
            "from: [cell.me_capacitance, cell.write_volage]",
            "energy.cell_write.from: no key 'cell.write_volage'; expected keys of this file such "
            "as cell.precision, or 'published:ID'; did you mean 'cell.write_voltage'?",
        ),
        (
            "from: [cell.me_capacitance, cell.write_voltage]",
            "from: cell.me_capacitance",
            "energy.cell_write.from: got 'cell.me_capacitance'; expected a list of names such as "
            "[cell.length, published:volume]",
        ),
        (
            "from: [cell.me_capacitance, cell.write_voltage]",
            "from: [cell.me_capacitance, cell.me_capacitance]",
            "energy.cell_write.from: lists 'cell.me_capacitance' twice",
        ),
        (
            "from: [cell.me_capacitance, cell.write_voltage]",
            "to: [published:energy]",
            "energy.cell_write.to: got 'to' with kind 'derived'; a constant that was chosen in "
            "view of a published figure is calibrated or assumed",
        ),
        (
            "to: [published:energy]",
            "to: [energy]",
            "energy.ota_tap_cycle.to: got 'energy'; expected a published figure such as "
            "'published:energy'",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it(tmp_path, old, new, message):
    path = changed(tmp_path, old, new)
    with pytest.raises(InputError) as caught:
        load_machine(path)
    assert re.fullmatch(
        rf"{re.escape(str(path))}:\d+(:\d+)?: {re.escape(message)}", str(caught.value)
    )


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("energy.cell_write", "derived from assumed"),
        ("timing.write_cycles", "derived from assumed"),
        ("energy.ota_tap_cycle", "calibrated"),
        ("cell.damping", "published"),
    ],
)
def test_the_weakest_kind_behind_a_derived_one(key, kind):
    assert kind_with_weakest(constants_of(load_machine("irmen")), key) == kind


def test_derived_from_published_ones_alone():
    assert kind_with_weakest(constants_of(load_machine("charge")), "energy.ota_tap_cycle") == (
        "derived"
    )


def test_derived_from_calibrated(irmen):
    constants = dict(constants_of(irmen))
    key, other = "energy.cell_write", "energy.ota_tap_cycle"
    constants[key] = type(constants[key])(**{**vars(constants[key]), "inputs": (other,)})
    constants[other] = type(constants[other])(**{**vars(constants[other]), "inputs": ()})
    assert kind_with_weakest(constants, key) == "derived from calibrated"


def test_choices_in_words_are_constants_and_names_are_none():
    constants = constants_of(load_machine("irmen"))
    assert (constants["cell.shape"].text, constants["cell.shape"].kind) == ("disc", "assumed")
    keys = known_keys(load_machine("charge"))
    assert set(constants_of(load_machine("charge"))) <= set(keys)
    assert not {"name", "technology", "effects.active", "device"} & set(keys)
