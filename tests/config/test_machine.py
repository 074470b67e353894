"""Machine files: what ships, what is refused, and that --set takes the same way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.config import KINDS, Constant, load_machine, resolved_yaml
from accelsim.config.machine import parse_changes
from accelsim.documents.constants import NO_SOURCE
from accelsim.errors import InputError


def constants(model, path=""):
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Constant):
            yield f"{path}{name}", value
        elif hasattr(type(value), "model_fields"):
            yield from constants(value, f"{path}{name}.")


@pytest.mark.parametrize("name", ["irmen", "charge"])
def test_every_shipped_constant_has_unit_kind_and_source(name):
    found = dict(constants(load_machine(name)))
    assert len(found) >= 18
    for key, constant in found.items():
        assert constant.kind in KINDS, key
        assert constant.source != NO_SOURCE, key
        assert len(constant.source) > 10, key
        assert constant.base, key


@pytest.mark.parametrize("name", ["irmen", "charge"])
def test_the_key_names_of_the_design(name):
    keys = {key for key, _ in constants(load_machine(name))}
    assert {
        "clock", "circuits", "arrays.rows", "arrays.cols", "arrays.lanes", "arrays.fan_in",
        "banks.planes", "banks.read_ports", "banks.write_ports",
        "timing.read_cycles", "timing.write_cycles", "sequencer.contexts",
        "energy.ota_tap_cycle", "energy.cell_read_cycle", "energy.cell_write",
        "energy.cell_static_cycle", "energy.issue", "energy.clock_cycle",
        "energy.leakage", "energy.refresh",
    } <= keys  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(["irmen", "charge"]),
    period=st.integers(1, 10**6),
    lanes=st.integers(1, 4096),
    price=st.integers(0, 10**9),
)
def test_resolved_file_reads_back_to_the_same_machine(tmp_path_factory, name, period, lanes, price):
    changes = {"clock": f"{period} ps", "arrays.lanes": lanes, "energy.issue": f"{price} aJ"}
    machine = load_machine(name, changes)
    assert (machine.period_ps, machine.arrays.lanes.value) == (period, lanes)
    assert machine.energy.issue.value == price
    path = tmp_path_factory.mktemp("resolved") / "machine.yaml"
    path.write_text(resolved_yaml(machine))
    assert load_machine(path) == machine


def test_a_value_that_the_user_sets_is_assumed(irmen):
    changed = load_machine("irmen", {"energy.ota_tap_cycle": "600 aJ"})
    constant = changed.energy.ota_tap_cycle
    assert (constant.value, constant.kind) == (600, "assumed")
    assert constant.source == "set by the user for this run"
    assert irmen.energy.ota_tap_cycle.kind == "calibrated"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"timing.read_cyclse": 2},
            "--set timing.read_cyclse=2: timing.read_cyclse: unknown key; allowed here: "
            "read_cycles, write_cycles, needs, read_time, write_time; did you mean 'read_cycles'?",
        ),
        (
            {"clock": "1 nm"},
            "--set clock=1 nm: clock: '1 nm' is neither a frequency nor a time; "
            "expected a frequency such as '1 GHz' or a period such as '1 ns'",
        ),
        (
            {"clock": "3 GHz"},
            "--set clock=3 GHz: clock: '3 GHz' is a period of 333.333 ps, "
            "which is not a positive whole number of ps",
        ),
        (
            {"arrays.rows": 0},
            "--set arrays.rows=0: arrays.rows: got 0; "
            "expected a whole number of cells from 1 to 10000",
        ),
        (
            {"arrays.lanes": -8},
            "--set arrays.lanes=-8: arrays.lanes: got -8; "
            "expected a whole number of lanes from 1 to 4096",
        ),
        (
            {"circuits": 3},
            "--set circuits=3: circuits: got 3; expected a whole number of circuits from 1 to 2",
        ),
        (
            {"banks.planes": "many"},
            "--set banks.planes=many: banks.planes: got 'many'; "
            "expected a whole number of planes from 1 to 4096",
        ),
        (
            {"energy.issue": "1 s"},
            "--set energy.issue=1 s: energy.issue: '1 s' is not an energy; "
            "expected an energy such as '500 aJ'",
        ),
        (
            {"energy.cell_write": "0.5 aJ"},
            "--set energy.cell_write=0.5 aJ: energy.cell_write: "
            "'0.5 aJ' is not a whole number of aJ",
        ),
        (
            {"technology": "irmem"},
            "--set technology=irmem: technology: got 'irmem'; "
            "expected 'irmen' or 'charge'; did you mean 'irmen'?",
        ),
        (
            {"timing": 2},
            "--set timing=2: timing: a group of keys: "
            "read_cycles, write_cycles, read_time, write_time; set one of these",
        ),
        ({"name.of.it": 2}, "--set name.of.it=2: 'name' has no keys below it; set name itself"),
        (
            {"clock.value": "2 GHz"},
            "--set clock.value=2 GHz: 'clock' has no keys below it; set clock itself",
        ),
        ({"a..b": 2}, "--set a..b=2: 'a..b' is not a key: expected names joined by dots"),
        (
            {"bank.planes": 2},
            "--set bank.planes=2: bank: unknown key; allowed here: name, description, technology, "
            "clock, circuits, arrays, banks, timing, sequencer, energy, power, faults, host, "
            "scope, maps, converters, digital, device, noise, response, effects, cell, variation; "
            "did you mean 'banks'?",
        ),
        (
            {"banks.refresh_interval": "0 s"},
            "--set banks.refresh_interval=0 s: banks.refresh_interval: "
            "'0 s' is zero; expected a time above it",
        ),
        (
            {"banks.refresh_interval": "1 ms"},
            "--set banks.refresh_interval=1 ms: banks.refresh_interval: "
            "missing key 'refresh_cycles' beside it; a bank that is refreshed needs both, "
            "and one that keeps its values neither",
        ),
        (
            {"banks.refresh_cycles": 11},
            "--set banks.refresh_cycles=11: banks.refresh_cycles: "
            "missing key 'refresh_interval' beside it; a bank that is refreshed needs both, "
            "and one that keeps its values neither",
        ),
        (
            {"banks.refresh_cycles": 0, "banks.refresh_interval": "1 ms"},
            "--set banks.refresh_cycles=0: banks.refresh_cycles: got 0; "
            "expected a whole number of cycles from 1 to 1000000",
        ),
        (
            {"energy.issue": "9e30 J"},
            "--set energy.issue=9e30 J: energy.issue: "
            "'9e30 J' is more than 1e+15 aJ, the most there can be",
        ),
    ],
)
def test_refused_changes(change, message):
    with pytest.raises(InputError) as caught:
        load_machine("irmen", change)
    assert str(caught.value) == message


def test_a_bank_needs_a_cycle_left_beside_its_refresh():
    """Four planes of 11 cycles of 1 ns are 44 ns: one cycle more is the least."""
    for interval in ("44 ns", "44001 ps", "44999 ps"):
        with pytest.raises(InputError) as caught:
            load_machine("charge", {"banks.refresh_interval": interval})
        assert str(caught.value) == (
            f"--set banks.refresh_interval={interval}: banks.refresh_interval: got {interval}; "
            "expected at least (banks.planes x banks.refresh_cycles + 1) x the clock period = "
            "(4 x 11 + 1) x 1000 ps = 45000 ps: one round over its planes, and a cycle in which "
            "a step can begin"
        )
    machine = load_machine("charge", {"banks.refresh_interval": "45 ns"})
    assert machine.banks.refresh_interval.value == 45000


def test_the_refresh_of_a_plane_takes_what_a_step_takes():
    machine = load_machine("charge")
    assert machine.banks.refresh_cycles.value == machine.step_cycles == 11


def test_set_options():
    assert parse_changes(["clock=2 GHz", "timing.read_cycles = 3", "clock=1 GHz"]) == {
        "clock": "1 GHz",
        "timing.read_cycles": 3,
    }
    for bad, what in (
        ("clock", "expected key=value"),
        ("=3", "expected key=value"),
        ("clock=", "no value after '='; expected clock=VALUE$"),
    ):
        with pytest.raises(InputError, match=rf"^--set {bad}: {what}"):
            parse_changes([bad])


@pytest.fixture
def edited(tmp_path, repository):
    """Write configs/irmen.yaml with a text replaced; return the path."""

    def edit(old, new):
        text = (repository / "configs" / "irmen.yaml").read_text()
        assert old in text
        path = tmp_path / "machine.yaml"
        path.write_text(text.replace(old, new))
        return path, text[: text.index(old)].count("\n") + 1

    return edit


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  fan_in:", "  fan_inn:", "{place}:3: arrays.fan_inn: unknown key; allowed here: "
         "rows, cols, lanes, fan_in, synapse_range; did you mean 'fan_in'?"),
        ("  issue: {value: 350 fJ", "  issue: {value: 350 nm", "{place}:3: energy.issue: "
         "'350 nm' is not an energy; expected an energy such as '500 aJ'"),
        ("  issue: {value: 350 fJ, per: event, kind: assumed",
         "  issue: {value: 350 fJ, kind: asumed",
         "{place}:3: energy.issue: unknown kind 'asumed'; allowed: "
         "published, derived, calibrated, assumed; did you mean 'assumed'?"),
        ("  issue: {value: 350 fJ", "  issue: {valeu: 350 fJ", "{place}:3: energy.issue: "
         "unknown key 'valeu'; allowed: value, unit, kind, source, from, to, per; "
         "did you mean 'value'?"),
        ("  rows: {value: 28, unit: cells", "  rows: {value: 28, unit: lanes",
         "{place}:3: arrays.rows: got unit 'lanes'; expected 'cells'"),
        ("  rows: {value: 28,", "  rows: {value: 28.5,", "{place}:3: arrays.rows: got 28.5; "
         "expected a whole number of cells from 1 to 10000"),
        ("technology: irmen", "technology: 4", "{place}:1: technology: got 4; "
         "expected 'irmen' or 'charge'"),
    ],
)  # fmt: skip
def test_errors_in_a_file_say_where(edited, old, new, message):
    path, line = edited(old, new)
    with pytest.raises(InputError) as caught:
        load_machine(path)
    assert message.replace("{place}", f"{path}:{line}") in str(caught.value).splitlines()


def test_missing_key(edited):
    path, _ = edited("  write_ports:", "  # write_ports:")
    with pytest.raises(InputError, match=r"machine.yaml:\d+:1: banks.write_ports: missing key$"):
        load_machine(path)


def test_all_problems_of_a_file_are_told_at_once(edited):
    path, _ = edited("clock:\n  value: 1 GHz", "clokc: 1\nclock:\n  value: 1 nm")
    with pytest.raises(InputError) as caught:
        load_machine(path)
    assert [line.split(": ")[1] for line in str(caught.value).splitlines()] == ["clock", "clokc"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "machine.yaml: the file is empty; expected a mapping of keys"),
        ("- 1\n", "machine.yaml: the file does not hold keys at its top level"),
        ("a: {b: 1\n", "machine.yaml:2:1: not valid YAML: while parsing a flow mapping"),
        ("a: 1\na: 2\n", 'machine.yaml:2:1: not valid YAML: .* found duplicate key "a"'),
    ],
)
def test_files_that_are_no_mapping(tmp_path, text, message):
    path = tmp_path / "machine.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        load_machine(path)


def test_a_file_cut_off_anywhere_is_refused(tmp_path, repository):
    text = (repository / "configs" / "irmen.yaml").read_text()
    last = text.index("  refresh: {value: 1610 aJ")
    path = tmp_path / "machine.yaml"
    for cut in range(0, last, 97):
        path.write_text(text[:cut])
        with pytest.raises(InputError, match=r"machine.yaml"):
            load_machine(path)


def test_not_text(tmp_path):
    path = tmp_path / "machine.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"machine.yaml: cannot be read as text"):
        load_machine(path)


def test_an_unknown_name_lists_those_that_ship():
    with pytest.raises(InputError) as caught:
        load_machine("irmem")
    assert str(caught.value) == (
        "irmem: no such machine: expected a file, or one of charge, irmen, mixed_signal, "
        "mixed_signal_8bit; did you mean 'irmen'?"
    )


def test_of_many_problems_a_screen_is_told(tmp_path):
    lines = "".join(f"k{number}: 1\n" for number in range(5000))
    (tmp_path / "m.yaml").write_text(f"extends: irmen\n{lines}")
    with pytest.raises(InputError) as caught:
        load_machine(tmp_path / "m.yaml")
    told = str(caught.value).splitlines()
    assert (len(told), told[-1]) == (20, "... and 4981 more")
    assert ": k0: unknown key; allowed here: extends, name, " in told[0]
