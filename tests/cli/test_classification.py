"""What the command shows of a run to the class label, and what it refuses."""

import csv
import json

import pytest

import accelsim
from tests.conftest import CONV, RELU, with_faults

SCOPE = ("--scope", "classification")


@pytest.fixture
def recorded(command, tmp_path):
    """Run two images to the label; return what was printed."""
    code, out, err = command("run", *SCOPE, "--images", 2, "--outdir", "out")
    assert (code, err) == (0, "")
    return out


def row_of(text, *begin):
    """Return the cells of the first line that begins so."""
    for line in text.splitlines():
        if line.split()[: len(begin)] == list(begin):
            return line.split()[len(begin) :]
    raise AssertionError(f"no line {begin}")


def test_run_shows_both_scopes(recorded):
    below = recorded.partition("To the class label")[2]
    assert row_of(below, "latency") == ["42", "ns", "83.2", "ns", "41.2", "ns"]
    assert row_of(below, "accuracy") == ["100.00", "%", "100.00", "%"]
    assert "Accuracy: ideal layers outside; codes of 4 bits, weights of 8." in below
    assert row_of(below, "15") == [
        "convert", "fc", "adc", "14", "ns", "392", "0", "25", "463.600",
    ]  # fmt: skip
    assert row_of(below, "16")[-4:] == ["3,920", "520", "0", "3512.000"]
    assert "drivers and leakage of the" in recorded


def test_the_ledger_tells_scopes_apart(recorded, tmp_path):
    stats = json.loads((tmp_path / "out/stats.json").read_text())
    with (tmp_path / "out/ledger.csv").open(newline="") as file:
        *lines, total = csv.DictReader(file)
    sums = {"published": 0, "behind the handoff": 0}
    for line in lines:
        sums[line["scope"]] += int(line["energy_aJ"])
    whole = stats["classification"]
    assert sums["published"] == stats["energy"]["total"]["value"] == 2 * 99_722_000
    assert sums["behind the handoff"] == whole["behind_handoff"]["energy"]["value"]
    assert int(total["energy_aJ"]) == sum(sums.values()) == whole["energy"]["total"]["value"]
    assert stats["notes"]["classification.accuracy"] == (
        "ideal cells, codes of 4 bits, weights of 8"
    )


def test_explain_goes_from_handoff_to_label(recorded, command):
    code, out, _ = command("explain", "out", "classification", "--image", 1)
    assert code == 0
    assert "From the handoff at 84 ns to the label: the 3 records add up to 41,200 ps" in out
    assert row_of(out, "sram_read")[0] == "520"
    # Leakage of both images until 125.2 ns: 126 cycles of 15 fJ.
    assert row_of(out, "total") == [f"{3975.735 + 126 * 0.015 / 2:.3f}"]
    tree = json.loads(command("explain", "out", "classification", "--json")[1])["classification"]
    assert [each["op"] for each in tree["path"]] == ["convert", "fc", "argmax"]
    assert (tree["handed_off_ps"], tree["latency_ps"]) == (42_000, 41_200)
    assert tree["energy_aJ"] == 3_975_735_000
    assert "Behind the handoff: 41.2 ns and 3,976.7 pJ more" in command("explain", "out")[1]


def test_explain_says_who_holds_back_a_handoff(command):
    # 392 conversions of 1 ns, one after another: the handoff of image 1 waits from 81 until 434.
    changes = ("--set", "converters.adc.count=1", "--outdir", "out")
    assert command("run", *SCOPE, "--images", 3, *changes)[0] == 0
    code, out, _ = command("explain", "out", "latency", "--image", 1)
    assert code == 0
    assert "waits for others are 353 of 395 cycles" in " ".join(out.split())
    assert "converted: host.boundary.plane0" in " ".join(out.split())
    out = command("explain", "out", "stalls")[1]
    assert "for a place at the boundary" in " ".join(out.split())
    assert "limited by 1 image in flight (sequencer.contexts); busiest: classifier, ADC" in (
        " ".join(command("explain", "out")[1].split())
    )


def test_explain_of_a_run_that_ends_with_the_handoff(command):
    assert command("run", "--images", 1, "--outdir", "out")[0] == 0
    assert command("explain", "out", "classification") == (
        2,
        "",
        "error: classification: out ends with the handoff; expected a run up to the class label "
        "(accelsim run --scope classification)\n",
    )


def test_it_is_replayed_and_compared(recorded, command, tmp_path):
    code, out, _ = command("replay", "out")
    assert (code, out.count("same bytes")) == (0, 5)
    assert command("run", "--images", 2, "--outdir", "other")[0] == 0
    code, out, _ = command("diff", "out", "other")
    assert code == 3
    assert row_of(out, "energy", "per", "image") == ["99.72", "pJ", "99.72", "pJ"]
    assert row_of(out, "latency", "to", "the", "label") == ["83.2", "ns", "none"]
    assert command("trace", "export", "out", "--format", "vcd")[0] == 0
    signals = (tmp_path / "out/trace.vcd").read_text()
    below = signals.partition("$scope module classifier $end")[2]
    assert [name for name in ("adc", "engine", "sram") if f"module {name} $end" in below] == [
        "adc", "engine", "sram",
    ]  # fmt: skip
    assert "plane" not in below.partition("$scope module datapath")[0]
    assert command("timeline", "out", "--component", "classifier.adc")[0] == 0


def test_machines_are_compared_to_the_label(command):
    code, out, _ = command("compare", "irmen", "charge", *SCOPE, "--images", 1)
    below = out.partition("Up to the class label")[2]
    assert code == 0
    assert row_of(below, "latency") == ["83.2", "ns", "195.2", "ns", "2.346"]
    assert row_of(below, "energy", "per", "image")[-1] == "3.968"


def test_compile_lists_what_is_behind_the_handoff(command):
    code, out, _ = command("compile", *SCOPE)
    assert code == 0
    assert row_of(out.partition("Behind the handoff")[2], "total") == ["3975.735"]
    program = json.loads(command("compile", *SCOPE, "--json")[1])
    assert program["classifier"] == [["fc", "fc", 392, 10]]
    assert "classifier" not in json.loads(command("compile", "--json")[1])


NO_FC = """
name: features
input: [1, 4, 4]
layers:
- {name: conv, op: conv, out: 1, kernel: 3, padding: same}
- {name: relu, op: relu}
"""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--set", "digital.sram.size=2000"),
            "digital.sram.size: got 2000 bytes; the layers of 'mnist' behind the handoff take 4360 "
            "(weights 3960, codes of 2 images 400): 4360 would do",
        ),
        (
            ("--set", "digital.bits=1"),
            "digital.bits: got 1; expected at least 2: weights have a sign",
        ),
        (
            ("-w", "features.yaml"),
            "features.yaml: scope: got classification; the network has no fully-connected layer: "
            "expected one behind its maps, or scope published",
        ),
        (
            ("--tenant", "a=mnist", "--tenant", "b=fashion", "--arrivals", "stream.csv"),
            "tenants a, b: got scope classification; expected scope published: layers of several "
            "tenants behind the handoff are not modelled",
        ),
        (
            ("--scope", "label"),
            "--set scope=label: scope: got 'label'; expected 'published' or 'classification'",
        ),
    ],
)
def test_refusals(command, tmp_path, arguments, message):
    (tmp_path / "features.yaml").write_text(NO_FC)
    (tmp_path / "stream.csv").write_text("time_ps,tenant\n0,a\n0,b\n")
    code, out, err = command("run", *SCOPE, *arguments, "--outdir", "out")
    assert (code, out, err) == (2, "", f"error: {message}\n")
    assert not (tmp_path / "out").exists()


def test_failures_of_the_supply_are_refused():
    machine = accelsim.load_machine("irmen", {"scope": "classification"})
    with pytest.raises(Exception, match="got 'power_failure' beside scope classification"):
        with_faults(machine, {"kind": "power_failure", "at": "1 ns", "duration": "9 ns"})


def test_a_program_for_the_published_scope_is_refused(make_network):
    network = make_network([1, 4, 4], CONV, RELU, {"op": "fc", "out": 2})
    program = accelsim.compile_network(network, accelsim.load_machine("irmen"))
    machine = accelsim.load_machine("irmen", {"scope": "classification"})
    with pytest.raises(accelsim.errors.InputError) as caught:
        accelsim.compiler.check_program(program, machine)
    assert str(caught.value) == (
        "program of 'test': scope: got classification; it ends with the handoff: expected one "
        "that was compiled for that scope, or scope published"
    )
