"""What stands above the figures: changes of the machine, device file, effects, seed."""

import pytest

from accelsim.cli.header import change_lines
from accelsim.config import load_machine
from accelsim.config.changed import set_by_user


def test_a_machine_as_its_file_has_it_says_nothing(irmen, charge):
    assert list(change_lines(irmen)) == list(change_lines(charge, 0)) == []


def test_all_sorts_of_changes_are_named():
    changes = {
        "timing.write_cycles": 3, "energy.issue": "1 pJ", "power.policy": "gate_after",
        "sequencer.arbitration": "fair", "effects.active": "read_noise",
    }  # fmt: skip
    machine = load_machine("irmen", changes)
    assert list(change_lines(machine, 7)) == [
        "Changed: timing.write_cycles=3, energy.issue=1 pJ, effects.active=read_noise, "
        "power.policy=gate_after, sequencer.arbitration=fair",
        "Effects: read_noise; seed 7",
    ]


@pytest.mark.parametrize("changes", [{"energy.ota_tap_cycle.per": "2 ns"}, {"clock": "2 GHz"}])
def test_what_is_named_makes_the_machine_again(changes):
    machine = load_machine("irmen", changes)
    assert set_by_user(machine) == changes
    assert load_machine("irmen", set_by_user(machine)) == machine


def test_a_device_file_is_named_with_what_differs():
    assert list(change_lines(load_machine("irmen", {"device": "irmen"}))) == [
        "Device file: irmen.yaml"
    ]
    lines = list(change_lines(load_machine("irmen", {"device": "irmen", "cell.damping": 0.03})))
    assert lines[:2] == [
        "Changed: cell.damping=0.03", "Device file: irmen.yaml, except for damping"
    ]  # fmt: skip


def test_a_seed_alone_is_named(irmen):
    assert list(change_lines(irmen, 5)) == ["Seed: 5"]


def test_run_and_explain_say_it(command):
    options = ("--images", "1", "--set", "timing.write_cycles=3", "--seed", "4")
    said = "Changed: timing.write_cycles=3\nSeed: 4\n"
    assert said in command("run", *options, "--outdir", "out")[1]
    assert said in command("explain", "out", "stalls")[1]
    assert "Changed: arrays.lanes=4\n" in command("compile", "--set", "arrays.lanes=4")[1]
