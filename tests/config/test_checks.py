"""What a cell needs against what is scheduled, and device files that bring their cell along."""

import hashlib

import pytest

from accelsim.config import load_machine, resolved_yaml
from accelsim.config.checks import cells_of, no_values_of, notes_of, too_short, warnings_of
from accelsim.errors import InputError
from accelsim.resources import shipped
from accelsim.runs.machines import as_shipped, machine_changes

IRMEN = shipped("configs/devices") / "irmen.yaml"


@pytest.fixture
def other(tmp_path):
    """A device file of another cell: damping 0.02, 600 ps and 900 ps."""
    text = IRMEN.read_text()
    for before, after in (
        ("value: 0.01\n    kind: published\n    source: 'S2: Gilbert damping'",
         "value: 0.02\n    kind: assumed\n    source: A cell that is damped more"),
        ("value: 727 ps", "value: 600 ps"),
        ("value: 1780 ps", "value: 900 ps"),
    ):  # fmt: skip
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / "other.yaml"
    path.write_text(text)
    return path


def needs(changes, name="irmen"):
    timing = load_machine(name, changes).timing
    return [time and time.value for time in (timing.read_time, timing.write_time)]


def test_shipped_machines_know_what_their_cells_need():
    assert needs({}) == [727, 1780]
    assert needs({}, "charge") == [8401, 1345]
    for name in ("irmen", "charge"):
        machine = load_machine(name)
        assert (warnings_of(machine), notes_of(machine)) == ((), ())
        assert cells_of(machine) == "ideal cells"


def test_a_phase_that_is_too_short_is_said_with_both_times():
    machine = load_machine("irmen", {"clock": "2 GHz"})
    assert warnings_of(machine) == (
        "timing.read_cycles: 1 x 500 ps = 500 ps are scheduled, and the cell needs 727 ps",
        "timing.write_cycles: 2 x 500 ps = 1000 ps are scheduled, and the cell needs 1780 ps; "
        "read_cycles 2 and write_cycles 4 would do (--set device=irmen)",
    )
    short = load_machine("irmen", {"timing.write_cycles": 1})
    assert [(one.phase, one.scheduled_ps) for one in too_short(short)] == [("write", 1000)]


def test_just_enough_is_enough():
    # 2 x 890 ps = 1780 ps is what the write needs; one ps less a cycle is not.
    assert too_short(load_machine("irmen", {"clock": "890 ps"})) == ()
    assert [one.phase for one in too_short(load_machine("irmen", {"clock": "889 ps"}))] == ["write"]


def test_needs_of_the_user_win():
    machine = load_machine("irmen", {"timing.write_time": "2.5 ns"})
    assert [str(one) for one in too_short(machine)] == [
        "timing.write_cycles: 2 x 1000 ps = 2000 ps are scheduled, and the cell needs 2500 ps"
    ]
    assert needs({"timing.write_time": "2.5 ns", "cell.damping": 0.02}) == [None, 2500]


def test_values_of_cells_that_have_not_settled_are_never_ideal_alone():
    def cells(**changes):
        keys = {"effects.active": changes.pop("active", "none"), **changes}
        return cells_of(load_machine("irmen", keys))

    reason = ", as phases are shorter than the cell needs"
    assert cells(clock="2 GHz") == f"with transfer, settling{reason}"
    assert cells(clock="2 GHz", active="stuck_cells") == (
        f"with transfer, settling, stuck_cells{reason}"
    )
    charge = load_machine("charge", {"timing.write_cycles": 1})
    assert cells_of(charge) == f"with settling{reason}"
    assert cells(clock="2 GHz", active="settling") == "with transfer, settling"
    assert cells(active="settling") == "with settling"


def test_what_nobody_can_tell_of_short_phases_is_not_told():
    assert no_values_of(load_machine("irmen", {"clock": "2 GHz"})) == ""
    assert no_values_of(load_machine("charge")) == ""
    begin = "too short for the cell, and what its cells then hold is not known: "
    assert no_values_of(load_machine("charge", {"timing.read_cycles": 3})) == (
        f"timing.read_cycles: {begin}short reads of cells without a 'response' are not modelled"
    )
    short = load_machine("irmen", {"timing.write_cycles": 1})
    assert no_values_of(short.model_copy(update={"noise": None})) == (
        f"timing.write_cycles: {begin}the machine has no section 'noise'"
    )
    fast = load_machine("irmen", {"clock": "889 ps"})
    assert no_values_of(fast.model_copy(update={"cell": None})) == (
        f"timing.read_cycles, timing.write_cycles: {begin}the response is for 1 read cycles of "
        "1000 ps, and the machine has no section 'cell' to simulate another"
    ).replace("timing.read_cycles, ", "")


def test_a_device_file_brings_its_cell(other):
    machine = load_machine("irmen", {"device": str(other), "clock": "2 GHz"})
    assert machine.cell is not None
    damping = machine.cell.damping
    assert (damping.value, damping.kind, damping.source) == (
        0.02, "assumed", "A cell that is damped more",
    )  # fmt: skip
    assert (machine.timing.read_cycles.value, machine.timing.write_cycles.value) == (2, 2)
    assert warnings_of(machine) == ()
    assert notes_of(machine)[0] == (
        "Cycles follow from the times of other.yaml at 500 ps a cycle: read cycles 2 (600 ps), "
        "write cycles 2 (900 ps); the machine file has 1 and 2"
    )
    origin = machine.device_file
    assert (origin.name, origin.gives) == ("other.yaml", "timing, noise, cell")
    assert origin.sha256 == hashlib.sha256(other.read_bytes()).hexdigest()


def test_the_command_line_wins_over_the_cell_of_a_device_file(other):
    changes = {"device": str(other), "cell.damping": 0.03}
    for order in (changes, dict(reversed(changes.items()))):
        machine = load_machine("irmen", order)
        assert machine.cell.damping.value == 0.03
        assert machine.timing.read_time is machine.timing.write_time is None
        assert warnings_of(machine) == (
            "cell.damping does not change timing and response by itself (that is of the cell of "
            "other.yaml); add --characterize FILE to derive the cycles from the cell",
        )
        assert "read cycles 1 (of another cell)" in notes_of(machine)[0]
    same = load_machine("irmen", {"device": str(other), "cell.damping": 0.02})
    assert (same.device_file.differs, same.timing.write_time.value) == (None, 900)
    set_by_hand = {"device": str(other), "timing.write_cycles": 5}
    assert "write cycles 5 (set by the user)" in notes_of(load_machine("irmen", set_by_hand))[0]
    # The next load has the file's own cell again.
    assert load_machine("irmen", {"device": str(other)}).cell.damping.value == 0.02


def test_a_resolved_machine_stands_alone(other, tmp_path):
    for changes in (
        {},
        {"device": str(other)},
        {"device": str(other), "cell.damping": 0.03, "cell.swing": 0.8},
        {"cell.damping": 0.03, "timing.write_time": "3 ns"},
    ):
        machine = load_machine("irmen", changes)
        path = tmp_path / "resolved.yaml"
        path.write_text(resolved_yaml(machine))
        content = other.read_bytes()
        other.unlink()
        assert load_machine(path) == machine
        other.write_bytes(content)
    # A cell that is changed afterwards is another cell, too.
    path.write_text(resolved_yaml(load_machine("irmen", {"device": str(other)})))
    changed = load_machine(path, {"cell.swing": 0.8})
    assert (changed.device_file.differs, changed.timing.read_time) == ("swing", None)
    assert "swing" in warnings_of(changed)[0]


def test_another_content_under_the_same_name_is_read_anew(other):
    first = load_machine("irmen", {"device": str(other)})
    other.write_text(other.read_text().replace("value: 900 ps", "value: 1900 ps"))
    second = load_machine("irmen", {"device": str(other)})
    assert [m.timing.write_cycles.value for m in (first, second)] == [1, 2]
    assert first.device_file.sha256 != second.device_file.sha256


def test_needs_that_are_of_no_use(tmp_path):
    with pytest.raises(InputError) as caught:
        load_machine("irmen", {"timing.needs": "charge"})
    assert str(caught.value).startswith("--set timing.needs=charge: timing.needs: ")
    assert str(caught.value).endswith(
        "describes a cell of technology 'charge', and the machine is 'irmen'"
    )
    with pytest.raises(InputError, match=r"timing\.needs: irmne: no such device file: .*'irmen'"):
        load_machine("irmen", {"timing.needs": "irmne"})
    with pytest.raises(InputError, match=r"timing\.needs: got 3; expected the name of a device"):
        load_machine("irmen", {"timing.needs": 3})


def test_a_device_file_brings_its_noise(other):
    text = other.read_text()
    assert text.count("value: 0.01941 of full scale") == 1
    other.write_text(text.replace("value: 0.01941 of full scale", "value: 0.03 of full scale"))
    assert load_machine("irmen", {"device": str(other)}).noise.write.value == 0.03


def test_times_beside_a_device_file(other, tmp_path, repository):
    text = (repository / "configs" / "irmen.yaml").read_text()
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("  needs: irmen", "  write_time: 3 ns\n  needs: irmen"))
    # What a machine file says of its cell wins over what it refers to, not over a device.
    times = load_machine(path).timing
    assert (times.read_time.value, times.write_time.value) == (727, 3000)
    times = load_machine(path, {"device": str(other)}).timing
    assert (times.read_time.value, times.write_time.value) == (600, 900)


def test_where_constants_come_from_is_no_change_of_a_machine():
    plain, device = (load_machine("irmen", keys) for keys in ({}, {"device": "irmen"}))
    assert machine_changes(plain, device) == {}
    assert as_shipped(device) == ("irmen", {})
