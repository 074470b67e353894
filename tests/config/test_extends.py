"""Machine files that extend another: what is taken over, what wins, what is refused."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accelsim
from accelsim.config import load_machine, resolved_yaml
from accelsim.config.origins import constants_of
from accelsim.documents.document import read_document
from accelsim.documents.layers import MOST_FILES, merged
from accelsim.errors import InputError
from accelsim.files import sha256
from accelsim.resources import shipped


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a file in the working directory; return its path."""
    monkeypatch.chdir(tmp_path)

    def put(name, *lines):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    return put


def said(constant):
    """Return a constant without where it comes from."""
    return constant.value, constant.text, getattr(constant, "per", None)


def test_what_a_file_does_not_say_is_taken_over_with_kind_and_source(write, irmen):
    mine = load_machine(write("mine.yaml", "extends: irmen", "arrays: {lanes: 4}"))
    ours, theirs = constants_of(mine), constants_of(irmen)
    assert ours.pop("arrays.lanes").value == 4
    assert theirs.pop("arrays.lanes").value == 8
    assert ours == theirs
    assert (mine.name, mine.description) == ("mine", irmen.description)


def test_a_constant_is_replaced_whole(write):
    given = "energy: {ota_tap_cycle: {value: 400 aJ, kind: published, source: mine}}"
    price = load_machine(write("mine.yaml", "extends: irmen", given)).energy.ota_tap_cycle
    assert (price.value, price.kind, price.source, price.per) == (400, "published", "mine", "1 ns")
    assert (price.inputs, price.aims) == ((), ())


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "clock": st.sampled_from(["1 GHz", "2 GHz", "500 MHz"]),
        "cell.read_current": st.sampled_from(["8 uA", "7 uA", "5 uA"]),
        "cell.damping": st.sampled_from([0.01, 0.02]),
        "sequencer.contexts": st.integers(1, 3),
        "timing.write_cycles": st.integers(2, 3),
        "energy.cell_read_cycle": st.just("1700 aJ"),
    },
)


@settings(max_examples=15, deadline=None)
@given(of_file=CHANGES, of_user=CHANGES)
def test_a_file_that_extends_is_the_machine_with_its_keys_set(tmp_path_factory, of_file, of_user):
    folder = tmp_path_factory.mktemp("extends")
    tree = {"extends": "irmen"}
    for key, value in of_file.items():
        *above, name = key.split(".")
        node = tree.setdefault(above[0], {}) if above else tree
        node[name] = value
    (folder / "mine.yaml").write_text(json.dumps(tree))
    extended = constants_of(load_machine(folder / "mine.yaml", of_user))
    changed = constants_of(load_machine("irmen", of_file | of_user))
    assert {key: said(each) for key, each in extended.items()} == {
        key: said(each) for key, each in changed.items()
    }
    if of_file.keys() & of_user.keys():
        return  # what was derived at the file's value is not derived again at that of the user
    for key, each in changed.items():
        if key not in of_file | of_user:
            assert (key, extended[key].kind) == (key, each.kind)


def test_a_derived_constant_whose_input_the_file_changes_is_assumed(write):
    mine = load_machine(write("mine.yaml", "extends: irmen", "clock: 2 GHz"))
    cycles = mine.timing.write_cycles
    assert (cycles.value, cycles.kind) == (2, "assumed")
    assert cycles.source.startswith("Not derived again since clock was 1 GHz: From the cell")


def test_a_response_is_of_the_file_again_at_the_clock_that_it_is_for(write):
    path = write("mine.yaml", "extends: irmen", "clock: 2 GHz")
    assert load_machine(path, {"clock": "1 GHz"}).response.kind == "derived"
    changes = {"clock": "1 GHz", "cell.damping": 0.02}
    back = load_machine(path, changes).response
    assert (back.kind, load_machine("irmen", changes).response.kind) == ("assumed", "assumed")
    assert back.source.startswith("Not derived again since cell.damping was 0.01: ")


def test_files_extend_one_another_and_the_first_wins(write):
    write("parts/base.yaml", "extends: irmen", "arrays: {lanes: 4, fan_in: 2}", "clock: 2 GHz")
    path = write("mine.yaml", "extends: parts/base.yaml", "name: both", "arrays: {lanes: 6}")
    mine = load_machine(path)
    arrays = mine.arrays
    assert (arrays.lanes.value, arrays.fan_in.value, arrays.rows.value) == (6, 2, 28)
    assert (mine.name, mine.period_ps) == ("both", 500)
    irmen = shipped("configs") / "irmen.yaml"
    assert [(each.name, each.sha256) for each in mine.machine_files or []] == [
        ("mine.yaml", sha256(path)),
        ("base.yaml", sha256(path.parent / "parts" / "base.yaml")),
        ("irmen.yaml", sha256(irmen)),
    ]


def test_a_section_with_a_kind_of_its_own_and_a_list_are_replaced_whole(write):
    late = "{kind: late_settle, at: 4 ns, cycles: 1, where: circuit_a.lane0.bank.plane0}"
    write("base.yaml", "extends: irmen", f"faults: {{seed: 3, events: [{late}, {late}]}}")
    mine = load_machine(write("mine.yaml", "extends: base.yaml", f"faults: {{events: [{late}]}}"))
    assert len(mine.faults.events) == 1
    assert mine.faults.seed.value == 3


def test_what_is_merged_has_its_place_in_the_file_that_says_it(write):
    write("low.yaml", "rest: {a: 1}", "late: {kind: x, at: 4}", "price: {value: 3, unit: pJ}")
    write("mid.yaml", "name: mid", "more: {a: 1}", "rest: {b: 2}")
    write("top.yaml", "# top", "more: {b: 2}", "rest: {a: 3}", "late: {kind: y}", "price: 5")
    layers = [read_document(Path(f"{name}.yaml")) for name in ("top", "mid", "low")]
    before = [deepcopy(each.data) for each in layers]
    found = merged(layers)
    assert found.data == {
        "name": "mid", "more": {"a": 1, "b": 2}, "rest": {"a": 3, "b": 2}, "late": {"kind": "y"},
        "price": 5,
    }  # fmt: skip
    assert [each.data for each in layers] == before
    places = {".".join(map(str, key)): where for key, where in found.places.items()}
    assert places == {
        "": "top.yaml",
        "name": "mid.yaml:1:1",
        "more": "top.yaml:2:1", "more.a": "mid.yaml:2:8", "more.b": "top.yaml:2:8",
        "rest": "top.yaml:3:1", "rest.a": "top.yaml:3:8", "rest.b": "mid.yaml:3:8",
        "late": "top.yaml:4:1", "late.kind": "top.yaml:4:8",
        "price": "top.yaml:5:1",
    }  # fmt: skip


def test_null_takes_away_what_may_be_left_out(write):
    mine = load_machine(write("mine.yaml", "extends: charge", "banks: {refresh_interval: null,",
                              " refresh_cycles: null}"))  # fmt: skip
    assert mine.banks.refresh_interval is None


def test_paths_start_at_the_folder_of_the_file_that_has_them(write):
    text = (shipped("configs/devices") / "irmen.yaml").read_text()
    write("parts/cell.yaml", text.replace("1780 ps", "3456 ps"))
    write("parts/low.yaml", "extends: irmen", "device: cell.yaml")
    write("parts/base.yaml", "extends: low.yaml")
    mine = load_machine(write("mine.yaml", "extends: parts/base.yaml", "arrays: {lanes: 4}"))
    assert mine.timing.write_cycles.value == 4
    assert mine.device_file.name == "cell.yaml"


def test_a_key_above_a_device_file_wins_over_it(write):
    write("base.yaml", "extends: irmen", "device: irmen", "timing: {write_cycles: 7}")
    below = load_machine("base.yaml")
    assert below.timing.write_cycles.value == 2
    mine = load_machine(write("mine.yaml", "extends: base.yaml", "timing: {write_cycles: 5}"))
    assert (mine.timing.read_cycles.value, mine.timing.write_cycles.value) == (1, 5)
    write("top.yaml", "extends: mine.yaml", "timing: {write_cycles: 6}")
    assert load_machine("top.yaml").timing.write_cycles.value == 6
    other = write("other.yaml", "extends: base.yaml", "timing: {needs: irmen}")
    assert load_machine(other).device_file.gives == "needs"
    assert load_machine(other).timing.write_cycles.value == 7


def test_a_resolved_machine_is_whole_wherever_it_is(write, tmp_path_factory, mnist, tmp_path):
    path = write("mine.yaml", "extends: irmen", "timing: {write_cycles: 3}")
    mine = load_machine(path)
    accelsim.simulate(mine, mnist, 1, outdir=tmp_path / "out")
    text = (tmp_path / "out" / "config.resolved.yaml").read_text()
    assert text == resolved_yaml(mine)
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "config.yaml"
    elsewhere.write_text(text)
    assert load_machine(elsewhere) == mine
    inputs = json.loads((tmp_path / "out" / "manifest.json").read_text())["inputs"]
    assert inputs["machine[0]"] == {"name": "mine.yaml", "sha256": sha256(path)}
    assert inputs["machine[1]"]["name"] == "irmen.yaml"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["extends: irmne"],
         "mine.yaml:1:1: extends: irmne: no such machine: expected a path from the folder of this "
         "file, or one of charge, irmen, mixed_signal, mixed_signal_8bit; did you mean 'irmen'?"),
        (["extends: 3"], "mine.yaml:1:1: extends: got 3; expected a file, or a name that ships"),
        (["extends:"], "mine.yaml:1:1: extends: got None; expected a file, or a name that ships"),
        (["extends: ' '"],
         "mine.yaml:1:1: extends: got ' '; expected a file, or a name that ships"),
        (["extends: mine.yaml"],
         "mine.yaml:1:1: extends: mine.yaml extends mine.yaml: a circle; expected a file that is "
         "none of these"),
        (["extends: irmen", "arrays: {lnes: 4}"],
         "mine.yaml:2:10: arrays.lnes: unknown key; allowed here: rows, cols, lanes, fan_in, "
         "synapse_range; did you mean 'lanes'?"),
        (["extends: irmen", "arrays: {lanes: 0}"],
         "mine.yaml:2:10: arrays.lanes: got 0; expected a whole number of lanes from 1 to 4096"),
        (["extends: irmen", "technology: charge"],
         "mine.yaml:2:1: technology: got 'charge'; expected none, or 'irmen' as irmen.yaml has, "
         "which it extends"),
        (["extend: irmen"], "mine.yaml:1:1: extend: unknown key; allowed here: extends, name, "),
    ],
)  # fmt: skip
def test_errors_say_where_the_wrong_key_stands(write, lines, expected):
    path = write("mine.yaml", *lines)
    with pytest.raises(InputError) as caught:
        load_machine(path)
    found = str(caught.value).replace(str(shipped("configs")) + "/", "").split("\n")
    assert any(line.startswith(expected) for line in found), found


def test_an_error_in_the_file_below_names_that_file(write):
    write("base.yaml", "extends: irmen", "arrays: {rows: -1}")
    path = write("mine.yaml", "extends: base.yaml", "arrays: {lanes: 4}")
    with pytest.raises(InputError) as caught:
        load_machine(path)
    assert str(caught.value) == (
        "base.yaml:2:10: arrays.rows: got -1; expected a whole number of cells from 1 to 10000"
    )


def test_too_many_files_and_a_circle_of_several_are_refused(write):
    write("0.yaml", "extends: irmen")
    for number in range(1, MOST_FILES):
        write(f"{number}.yaml", f"extends: {number - 1}.yaml")
    assert len(load_machine(f"{MOST_FILES - 2}.yaml").machine_files or []) == MOST_FILES
    with pytest.raises(InputError) as caught:
        load_machine(f"{MOST_FILES - 1}.yaml")
    assert str(caught.value) == (
        f"0.yaml:1:1: extends: {MOST_FILES + 1} files extend one another; expected 8 at most"
    )
    write("a.yaml", "extends: b.yaml")
    write("b.yaml", "extends: a.yaml")
    with pytest.raises(InputError) as caught:
        load_machine("a.yaml")
    assert str(caught.value) == (
        "b.yaml:1:1: extends: a.yaml extends b.yaml extends a.yaml: a circle; expected a file that "
        "is none of these"
    )


@pytest.mark.parametrize("key", ["extends", "extends.name"])
def test_a_change_cannot_extend(key):
    with pytest.raises(InputError) as caught:
        load_machine("irmen", {key: "charge"})
    assert str(caught.value) == (
        f"--set {key}=charge: a machine file extends another, a change cannot; expected the "
        "machine itself in place of CONFIG"
    )


@pytest.mark.parametrize("key", ["machine_files", "device_file.gives"])
def test_a_change_cannot_say_which_files_a_machine_is_from(key):
    with pytest.raises(InputError) as caught:
        load_machine("irmen", {"device": "irmen", key: "noise"})
    assert str(caught.value) == (
        f"--set {key}=noise: {key.partition('.')[0]} is recorded by a run, and no change; expected "
        "device, or another machine in place of CONFIG"
    )
