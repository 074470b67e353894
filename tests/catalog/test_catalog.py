"""What is told of keys, names and words: it is whole, it is true, and its errors help."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from accelsim.catalog.entry import tree
from accelsim.catalog.keys import file_keys
from accelsim.catalog.lookup import look_up
from accelsim.catalog.shipped import GROUPS, items
from accelsim.catalog.words import words
from accelsim.config.effects import EFFECT_KEYS, EFFECTS
from accelsim.config.origins import constants_of
from accelsim.config.power import price_key
from accelsim.errors import InputError
from accelsim.ops import LAYER_OPS, STEP_OPS
from accelsim.ops.steps import STEP_MEANINGS
from accelsim.quantities import QUANTITIES
from accelsim.records import ACTIONS, KINDS
from accelsim.records.actions import ACTION_MEANINGS
from accelsim.records.reasons import REASONS
from accelsim.resources import names

KEYS = {each.key.key for each in file_keys()}


def entry(name, what):
    """Return the one entry of a name that is something."""
    (found,) = [each for each in look_up(name) if each.what == what]
    return found


def test_every_key_of_every_file_says_what_it_means_and_takes():
    for each in file_keys():
        assert each.key.meaning.endswith("."), f"{each.file}: {each.key.key}"
        assert each.key.allowed not in ("", "a value"), f"{each.file}: {each.key.key}"


def test_every_constant_of_a_machine_is_a_key_and_told(irmen, charge):
    for machine in (irmen, charge):
        constants = constants_of(machine)
        assert set(constants) <= KEYS
        rows = tree(entry(machine.name, "machine"))["constants"]
        assert [row["of"] for row in rows] == list(constants)
        for row, constant in zip(rows, constants.values(), strict=True):
            assert row["value"].startswith(constant.text)
            assert row["kind"] == constant.kind
            assert row["source"] == " ".join(constant.source.split())


def test_every_word_of_runs_is_told():
    told = {}
    for each in words():
        told.setdefault(each.what, []).append(each.name)
    assert sorted(told["effect on values"]) == sorted(EFFECTS) == sorted(EFFECT_KEYS)
    assert told["kind of a record"] == list(KINDS)
    assert sorted(told["reason of a record"]) == sorted(REASONS)
    assert told["action"] == list(ACTIONS)
    assert told["op of a step"] == list(STEP_OPS)
    assert told["figure of a run"] == list(QUANTITIES)
    assert told["op of a layer"] == list(LAYER_OPS)
    assert list(STEP_MEANINGS) == list(STEP_OPS)
    assert list(ACTION_MEANINGS) == list(ACTIONS)
    named = {key for keys in EFFECT_KEYS.values() for key in keys}
    assert (named | {price_key(action) for action in ACTIONS}) <= KEYS


def test_what_is_told_of_a_key():
    found = tree(entry("arrays.lanes", "key of a machine file"))
    others = found["values"][2:]
    assert {each["of"] for each in others} == {"mixed_signal", "mixed_signal_8bit"}
    assert found | {"values": found["values"][:2]} == {
        "what": "key of a machine file",
        "name": "arrays.lanes",
        "meaning": "Arrays, each with a bank, of a circuit; they work in lockstep.",
        "unit": "lanes",
        "allowed": "a whole number of lanes from 1 to 4096",
        "default": "none, a file needs it",
        "form": "a value, or {value, unit, kind, source, from, to}",
        "values": [
            {
                "of": "charge",
                "value": "8",
                "kind": "assumed",
                "source": "The IRMEN machine's, so that only the cell differs",
                "where": entry("arrays.lanes", "key of a machine file").tables[0].rows[0][-1],
            },
            {
                "of": "irmen",
                "value": "8",
                "kind": "assumed",
                "source": "Not published; the widest layer of the reference network in one step",
                "where": entry("arrays.lanes", "key of a machine file").tables[0].rows[1][-1],
            },
        ],
    }


@pytest.mark.parametrize(
    ("name", "unit", "allowed"),
    [
        ("clock", "Hz", "a frequency such as '1 GHz'"),
        ("banks.refresh_interval", "s", "a quantity above 0 such as '1 ns'"),
        ("energy.issue", "J", "a quantity such as '500 aJ', per event"),
        ("energy.leakage", "J",
         "a quantity such as '500 aJ', per 1 ns (unless it says: per 'cycle' or a time)"),
        ("cell.damping", "", "a positive number, at most 1, such as '0.01'"),
        ("noise.write", "of full scale",
         "a number of 0 or more of full scale such as '0.02 of full scale'"),
        ("power.policy", "", "'always_on', 'gate_after', 'off_after' or 'oracle'"),
        ("layers[].padding", "",
         "'same', 'valid' or rows and columns of 0 or more as [above, left, below, right]"),
        ("layers.kernel", "", "a whole number from 1 to 1000000"),
        ("dataset.format", "", "'idx' or 'npz' or 'npy' or 'png' or 'cifar10'"),
        ("faults.events.detected", "", "true or false"),
        ("response.biases", "", "a list, each a number from -10 to 10"),
    ],
)  # fmt: skip
def test_units_and_what_is_allowed_are_those_of_the_schema(name, unit, allowed):
    found = look_up(name)[0]
    assert (found.facts.get("unit", ""), found.facts["allowed"]) == (unit, allowed)


def test_a_key_of_one_technology_says_so():
    damping = entry("cell.damping", "key of a machine file")
    assert damping.facts["technology"] == "irmen"
    assert [row[0] for row in damping.tables[0].rows] == ["irmen"]
    assert "technology" not in entry("cell.precision", "key of a machine file").facts


def test_a_value_stands_where_its_file_has_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("extends: irmen\n\narrays:\n  lanes: 4\n")
    of_mine = look_up("arrays.lanes", ["mine.yaml"])[0].tables[0].rows
    assert of_mine == [("mine", "4", "assumed", "no source given", "mine.yaml:4")]
    (taken_over,) = look_up("arrays.rows", ["mine.yaml"])[0].tables[0].rows
    (of_irmen,) = look_up("arrays.rows", ["irmen"])[0].tables[0].rows
    assert taken_over == ("mine", *of_irmen[1:])


def test_the_end_of_a_key_will_do_if_no_other_has_it():
    assert [each.name for each in look_up("lanes")] == ["arrays.lanes"]
    assert [each.name for each in look_up("off.entry")] == ["power.off.entry"]
    with pytest.raises(InputError) as caught:
        look_up("entry_time")
    assert str(caught.value) == (
        "show: entry_time: 2 keys end so; expected one of power.clock_gated.entry_time, "
        "power.off.entry_time"
    )


@pytest.mark.parametrize(
    ("name", "hint"), [("lnes", "lanes"), ("irmn", "irmen"), ("arrays.lane", "arrays.lanes")]
)
def test_the_nearest_right_name(name, hint):
    with pytest.raises(InputError) as caught:
        look_up(name)
    assert str(caught.value) == (
        f"show: {name}: no such key, name, word or file; `accelsim list` names what ships; "
        f"did you mean '{hint}'?"
    )


def test_each_group_has_what_ships():
    listed = {group: [item.name for item in items(group)] for group in GROUPS}
    assert listed["machines"] == names("configs")
    assert listed["networks"] == names("workloads")
    assert listed["devices"] == names("configs/devices")
    assert listed["data"] == ["mnist"]
    assert "poisson" in listed["arrivals"]
    assert listed["spaces"] == names("configs/spaces")
    for group in GROUPS:
        for item in items(group):
            assert item.about
            assert item.file is None or item.file.is_file()
    with pytest.raises(InputError) as caught:
        items("machine")
    assert str(caught.value) == (
        "list: got 'machine'; expected one of machines, networks, devices, data, effects, "
        "arrivals, spaces; did you mean 'machines'?"
    )


def test_each_name_that_ships_is_told():
    for group, what in (
        ("machines", "machine"),
        ("devices", "device file"),
        ("data", "data set"),
        ("arrivals", "stream of arrivals"),
    ):
        for item in items(group):
            assert entry(item.name, what).facts["file"].endswith(item.file.name)
    assert entry("mnist", "data set").facts["shape"] == "1 x 28 x 28"
    assert entry("mnist", "network").tables[0].rows[0][:4] == (
        "conv1", "conv", "input", "4 x 28 x 28",
    )  # fmt: skip
    irmen = entry("irmen", "machine").facts
    assert irmen["step"] == "1 read + 2 write cycles: 3 ns"
    assert irmen["banks"] == "4 planes, 2 read and 1 write ports"


def test_files_of_ones_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("extends: irmen\n")
    (found,) = look_up("mine.yaml")
    assert (found.what, found.facts["extends"]) == ("machine", "irmen.yaml")
    for group, name, what in (
        ("networks", "mnist", "network"),
        ("devices", "irmen", "device file"),
    ):
        (shipped,) = [each for each in items(group) if each.name == name]
        (tmp_path / "own.yaml").write_text(shipped.file.read_text())
        assert [each.what for each in look_up("own.yaml")] == [what]
    (tmp_path / "t.yaml").write_text("tenants: []\n")
    with pytest.raises(InputError, match=r"t\.yaml: a file of tenants; expected one of its netw"):
        look_up("t.yaml")
    (tmp_path / "a.csv").write_text("time_ps\n")
    with pytest.raises(InputError, match=r"a\.csv: expected a machine, network or device file"):
        look_up("a.csv")
    with pytest.raises(InputError, match=r"show: \.: a folder; `accelsim explain` says why a run"):
        look_up(".")


@pytest.mark.parametrize("name", ["pictures.npz", "pictures.npy", "pictures"])
def test_a_data_set_of_any_format_is_told(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    images = np.zeros((3, 1, 4, 5), np.uint8)
    np.savez("pictures.npz", images=images)
    np.save("pictures.npy", images)
    Path("pictures").mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image[0]).save(f"pictures/{number}.png")
    (found,) = look_up(name)
    assert (found.what, found.name) == ("data set", name)
    assert found.facts == {"images": "3", "shape": "1 x 4 x 5", "file": name}
