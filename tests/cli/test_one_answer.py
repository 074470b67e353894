"""One question, one answer: energy and time at another clock, whichever command is asked."""

import csv
import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

import accelsim
from accelsim.resources import shipped

pytestmark = pytest.mark.usefixtures("few_cells")

# 28 and 56 cycles at 2 GHz are 2 + 2 and 2 + 4 a step: two read cycles of half the price.
TIMED_AJ = 121_128 * 500 + 20_776 * 1600
REST_AJ = 17_640 * 10 + 14 * 350_000
FAST = ("--set", "clock=2 GHz", "--images", "2")
AS_WRITTEN = "with transfer, settling, as phases are shorter than the cell needs"
NEEDS = "and the cell needs 1780 ps; read_cycles 2 and write_cycles 4 would do (--set device=irmen)"


def stats(folder):
    return json.loads((Path(folder) / "stats.json").read_text())


def manifest(folder):
    return json.loads((Path(folder) / "manifest.json").read_text())


def an_image(folder):
    found = stats(folder)
    return found["energy_per_image"]["value"], found["latency"]["value"]


def test_three_commands_give_one_answer(command):
    """`run` with the clock, `run` on the device file, and the study `write`."""
    study = ("study", "accuracy", "write", "--values", "2,4", "--clock", "2 GHz", "--images", "2")
    assert command(*study, "--seeds", "1", "--outdir", "study")[0] == 0
    lines = Path("study/write.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    for row, cycles in zip(rows, (2, 4), strict=True):
        expected = (TIMED_AJ + REST_AJ + 14 * (2 + cycles) * 20_000, 14 * (2 + cycles) * 500)
        assert (int(row["energy_per_image_aJ"]), int(row["latency_ps"])) == expected
        asked = (
            ("--set", "timing.read_cycles=2", "--set", f"timing.write_cycles={cycles}"),
            ("--set", "device=irmen", "--set", f"timing.write_cycles={cycles}"),
        )
        for number, settings in enumerate(asked):
            folder = f"{cycles}-{number}"
            assert command("run", *FAST, *settings, "--outdir", folder)[0] == 0
            assert an_image(folder) == expected
    # Alone, the clock leaves 1 + 2 cycles, and the device file makes 2 + 4 of them.
    command("run", *FAST, "--outdir", "clock")
    assert an_image("clock") == (TIMED_AJ / 2 + REST_AJ + 42 * 20_000, 21_000)
    command("run", *FAST, "--set", "device=irmen", "--outdir", "device")
    assert an_image("device") == an_image("4-0")
    tree = json.loads(command("compare", "irmen", "charge", *FAST, "--json")[1])
    (line,) = (each for each in tree["figures"] if each["figure"] == "energy_per_image")
    assert line["values"]["irmen"] == an_image("clock")[0]
    assert tree["warnings"]["irmen"][1].endswith(NEEDS)


def test_what_is_too_short_stands_above_the_figures(command):
    code, out, _ = command("run", *FAST, "--outdir", "fast")
    assert code == 0
    said = " ".join(f"warning: {text}" for text in stats("fast")["warnings"])
    assert said.endswith(f"2 x 500 ps = 1000 ps are scheduled, {NEEDS}")
    said += " Note: Prices of currents follow the clock, for a cycle of 500 ps:"
    assert " ".join(out.split()).startswith(said)
    assert stats("fast")["warnings"] == manifest("fast")["warnings"]
    assert len(stats("fast")["warnings"]) == 2
    text = " ".join(out.split())
    assert f"%), {AS_WRITTEN}, fully-connected layer outside" in text
    assert stats("fast")["notes"]["accuracy"] == AS_WRITTEN
    out = command("run", *FAST, "--set", "device=irmen", "--outdir", "held")[1]
    assert "the machine file has 1 and 2." in " ".join(out.split())
    assert "warning" not in out
    assert stats("held")["warnings"] == []
    assert "ideal cells, fully-connected layer outside" in " ".join(out.split())


def test_a_result_in_python_says_the_same(command, mnist):
    command("run", *FAST, "--outdir", "fast")
    result = accelsim.simulate(accelsim.load_machine("irmen", {"clock": "2 GHz"}), mnist, 2)
    assert list(result.warnings) == stats("fast")["warnings"]
    assert result.cells == AS_WRITTEN


def test_nothing_is_said_where_nothing_is_wrong(command):
    out = command("run", "--images", "1", "--outdir", "o")[1]
    assert out.startswith("irmen: ")
    assert (stats("o")["warnings"], manifest("o")["warnings"]) == ([], [])


def test_accuracy_of_other_commands_is_not_of_ideal_cells_either(command):
    short = ("--set", "timing.write_cycles=1")
    machines = ("compare", "irmen", "charge", "--images", "2")
    out = command(*machines, *FAST)[1]
    assert out.startswith("warning: irmen: timing.read_cycles: 1 x 500 ps")
    assert "warning: charge: timing.read_cycles: 9 x 500 ps = 4500 ps" in out
    text = " ".join(out.split())
    assert f"Accuracy of irmen: {AS_WRITTEN}. Accuracy of charge: none, " in text
    assert re.search(r"accuracy +100\.00 % +-", out)
    tree = json.loads(command(*machines, *short, "--json")[1])
    assert tree["accuracy_of"] == {
        "irmen": AS_WRITTEN,
        "charge": AS_WRITTEN.replace("transfer, ", ""),
    }
    assert "Accuracy of irmen: ideal cells." in command(*machines)[1]
    command("run", "--images", "2", "--outdir", "a")
    out = command("replay", "a", *short)[1]
    assert out.startswith("warning: timing.write_cycles: 1 x 1000 ps = 1000 ps are scheduled")
    said = f"recorded 100.00 % (ideal cells), replayed 100.00 % ({AS_WRITTEN})"
    assert said in " ".join(out.split())
    tree = json.loads(command("replay", "a", *short, "--json")[1])
    assert len(tree["warnings"]) == 1
    assert tree["cells"] == {"recorded": "ideal cells", "replayed": AS_WRITTEN}
    command("run", "--images", "2", *short, "--outdir", "b")
    out = command("diff", "a", "b")[1]
    assert f"Values differ: cells ideal cells -> {AS_WRITTEN}" in " ".join(out.split())
    study = ("study", "accuracy", "write", "--values", "1,2", "--clock", "1 GHz", "--images", "2")
    for active, sentence in (
        ("read_noise", "time than they need: 1; in 1 of them values are as if they did"),
        ("settling", "time than they need: 1."),
    ):
        options = ("--seeds", "1", "--outdir", active, "--set", f"effects.active={active}")
        assert sentence in " ".join(command(*study, *options)[1].split())


def test_a_study_says_what_whole_attojoules_do_not_hold(command):
    code, _, err = command(
        "study", "accuracy", "write", "charge", "--values", "2", "--clock", "2 GHz",
        "--images", "2", "--seeds", "1",
    )  # fmt: skip
    assert code == 0
    assert err == (
        "warning: energy.leakage: 1 aJ per 1 ns is 0.5 aJ for a cycle of 500 ps; "
        "1 aJ is counted, 100 % off\n"
    )


@pytest.fixture
def other(tmp_path):
    """A device file of a cell that is damped twice as much."""
    text = (shipped("configs/devices") / "irmen.yaml").read_text()
    before = "value: 0.01\n    kind: published\n    source: 'S2: Gilbert damping'"
    assert before in text
    text = text.replace(before, "value: 0.02\n    kind: assumed\n    source: damped more")
    path = tmp_path / "other.yaml"
    path.write_text(text.replace("value: 1780 ps", "value: 900 ps"))
    return path


def test_a_device_file_is_an_input_that_a_replay_does_not_need(command, other):
    digest = hashlib.sha256(other.read_bytes()).hexdigest()
    command("run", "--set", f"device={other}", "--images", "2", "--outdir", "run")
    named = {"name": "other.yaml", "sha256": digest}
    assert manifest("run")["inputs"]["device"] == named
    resolved = Path("run/config.resolved.yaml").read_text()
    assert digest in resolved
    assert "damped more" in resolved
    other.unlink()
    Path("elsewhere").mkdir()
    shutil.move("run", "elsewhere/run")
    code, out, _ = command("replay", "elsewhere/run", "--outdir", "again")
    assert (code, out.count("same bytes")) == (0, 5)
    assert manifest("again")["inputs"]["device"] == named
    # On another machine it is that machine's file, or none.
    command("replay", "elsewhere/run", "--machine", "charge", "--outdir", "there")
    assert manifest("there")["inputs"]["device"]["name"] == "charge.yaml"
    code, out, _ = command("explain", "elsewhere/run", "energy", "--json")
    priced = {one["action"]: one for one in json.loads(out)["energy"]["actions"]}
    assert priced["ota_tap_cycle"]["quoted"] == "500 aJ per 1 ns"


def test_explanations_have_the_price_that_applied(command):
    command("run", "charge", *FAST, "--outdir", "o")
    tree = json.loads(command("explain", "o", "energy", "--json")[1])["energy"]
    prices = {one["action"]: (one["price_aJ"], one["quoted"]) for one in tree["actions"]}
    assert prices["ota_tap_cycle"] == (1550, "3100 aJ per 1 ns")
    assert prices["cell_write"] == (229_000, "229 fJ per event")
    (leakage,) = (one for one in tree["standby_actions_of_run"] if one["action"] == "leakage")
    assert leakage["energy_aJ"] == leakage["count"] * 1
    text = " ".join(command("explain", "o")[1].split())
    assert "1.55 fJ" in text
    assert "3100 aJ per 1 ns" in text
    ledger = list(csv.DictReader(Path("o/ledger.csv").read_text().splitlines()))
    taps = [row for row in ledger if row["action"] == "ota_tap_cycle"]
    assert {(row["quoted"], row["price_aJ"]) for row in taps} == {("3100 aJ per 1 ns", "1550")}


def test_device_commands_are_of_the_cell_of_a_device_file(command, other):
    code, out, err = command("device", "characterize", "--set", f"device={other}",
                             "--samples", "16")  # fmt: skip
    assert code == 0
    assert err == "the cell is that of other.yaml\n"
    # Twice the damping, half the time constant: 0.640 ns / 2.
    assert "0.32017" in out
    code, out, err = command("device", "waveform", "--set", f"device={other}", "--hold", "9 ns",
                             "--set", "cell.damping=0.04")  # fmt: skip
    assert code == 0
    assert err == "the cell is that of other.yaml, except for damping\n"
