"""What all commands have: -h, --quiet, --json; what an output of '-' is; completion."""

import csv
import json
import os
import re
import subprocess
import sys

import pytest
import typer

from accelsim.cli.app import app
from accelsim.cli.jsons import rows_of

GROUPS = ("trace", "study", "device", "workload")


def leaves():
    """Give the words of each command and the command."""
    root = typer.main.get_command(app)
    context = typer.Context(root)
    for name in root.commands:
        command = root.get_command(context, name)
        if name not in GROUPS:
            yield (name,), command
            continue
        for inner in command.commands:
            yield (name, inner), command.get_command(context, inner)


def options_of(command):
    return {option for each in command.params for option in each.opts}


def test_every_command_can_be_quiet_and_print_json():
    found = dict(leaves())
    assert len(found) > 20
    for words, command in found.items():
        assert {"--quiet", "-q", "--json"} <= options_of(command), words


def test_the_page_has_every_command(repository):
    rows = re.findall(r"^\| (`.*?) \|", (repository / "docs" / "json.md").read_text(), re.MULTILINE)
    named = [tuple(text.split()) for row in rows for text in re.findall("`([^`]*)`", row)]
    assert sorted(named) == sorted(words for words, _ in leaves())


@pytest.mark.parametrize(
    "words", [("-h",), ("run", "-h"), ("study", "-h"), ("study", "load", "-h")]
)
def test_help_has_a_short_name(command, words):
    code, out, err = command(*words)
    assert (code, err) == (0, "")
    assert "Usage: " in out
    assert "-h" in out


def test_the_version(command):
    code, out, _ = command("--version")
    assert code == 0
    assert re.fullmatch(r"accelsim \d+\.\d+\.\d+\S*\n", out)


@pytest.fixture
def run(command):
    """Run an image quietly; return what runs commands."""
    assert command("run", "-q", "--images", "1", "--outdir", "out") == (0, "", "")
    return command


def test_quiet_leaves_the_same_files_and_prints_errors_alone(run, tmp_path):
    assert run("run", "--images", "1", "--outdir", "loud")[0] == 0
    for name in ("stats.json", "ledger.csv", "program.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "loud" / name).read_bytes()
    assert run("run", "-q", "irmne") == (
        2, "", "error: irmne: no such machine: expected a file, or one of charge, irmen, "
        "mixed_signal, mixed_signal_8bit; did you "
        "mean 'irmen'?\n",
    )  # fmt: skip
    assert run("diff", "out", "loud", "--quiet") == (0, "", "")
    run("run", "-q", "--images", "1", "--set", "timing.write_cycles=3", "--outdir", "slow")
    assert run("diff", "out", "slow", "-q") == (3, "", "")
    assert run("validate", "-q", "out", "irmen") == (0, "", "")


def test_a_run_prints_its_statistics(run, tmp_path):
    code, out, err = run("run", "--json", "--images", "1", "--outdir", "other")
    assert (code, err) == (0, "")
    tree = json.loads(out)
    assert tree.pop("outdir") == "other"
    assert tree == json.loads((tmp_path / "other" / "stats.json").read_text())


def test_validate_takes_names_and_prints_json(run):
    code, out, err = run("validate", "mnist", "nope", "--json")
    assert code == 2
    (mnist, nope) = json.loads(out)
    assert mnist["what"] == "network file: 'mnist', 7 layers, weights fit, 10000 images fit"
    assert nope["error"] in err
    assert nope["error"].startswith("nope: no such file; expected a file, or one of ablation, ")
    # A name may be of several files.
    assert [line.partition(": ")[2] for line in run("validate", "charge")[1].splitlines()] == [
        "machine file: 'charge'", "device file: 'charge'",
    ]  # fmt: skip
    assert "did you mean 'mnist'?" in run("validate", "mnits")[2]


def test_files_are_named(run):
    for arguments, files in (
        (["trace", "export", "out", "--format", "csv", "-o", "t.csv"], ["t.csv"]),
        (["timeline", "out", "--format", "svg"], ["out/timeline.svg"]),
    ):
        assert json.loads(run(*arguments, "--json")[1]) == {"files": files}
    made = json.loads(run("init", "project", "--json")[1])["files"]
    assert made[0] == "project/machine.yaml"


def test_streams_of_arrivals(run):
    arguments = ("workload", "poisson", "--images", "30", "-o", "a.csv", "--json")
    made, shown = (
        json.loads(run(*each)[1]) for each in (arguments, ("workload", "show", "a.csv", "--json"))
    )
    assert (made.pop("files"), shown.pop("files")) == (["a.csv"], [])
    assert made == shown
    assert (made["images"], made["together"], made["deadlines"]) == (30, 0, 0)
    assert made["rate_per_s"] == pytest.approx(
        29e12 / (made["last_ps"] - made["first_ps"]), rel=1e-12
    )


def test_a_study_prints_the_rows_of_its_csv(command, tmp_path):
    arguments = ("study", "load", "--images", "50", "--contexts", "1", "--loads", "0.5", "--json")
    code, out, err = command(*arguments)
    assert (code, err) == (0, "")
    tree = json.loads(out)
    assert tree["files"] == [f"runs/study/load.{kind}" for kind in ("csv", "png", "svg")]
    text = (tmp_path / "runs" / "study" / "load.csv").read_text()
    (expected,) = csv.DictReader(line for line in text.splitlines() if line[0] != "#")
    (row,) = tree["rows"]
    assert list(row) == list(expected)
    assert row["contexts"] == 1


def test_cells_of_a_csv():
    text = "# a comment\na,b,c,d,e,f\n1,1.5,x y,nan,,inf\n"
    assert rows_of(text) == [{"a": 1, "b": 1.5, "c": "x y", "d": None, "e": None, "f": "inf"}]


def test_a_dash_is_standard_output(run, tmp_path):
    arguments = ("workload", "periodic", "--images", "2", "-o")
    _, out, err = run(*arguments, "-")
    run(*arguments, "a.csv")
    assert (out, err) == ((tmp_path / "a.csv").read_text(), "")
    _, out, err = run("trace", "export", "out", "--format", "csv", "-o", "-", "--image", "0")
    run("trace", "export", "out", "--format", "csv", "-o", "t.csv", "--image", "0")
    assert (out, err) == ((tmp_path / "t.csv").read_text(), "")
    assert not (tmp_path / "-").exists()
    expected = (
        2, "", "error: --output -: prints csv alone; expected --format csv, and no --json\n",
    )  # fmt: skip
    assert run("trace", "export", "out", "--format", "vcd", "-o", "-") == expected


def test_a_device_file_on_standard_output(command, tmp_path):
    code, out, _ = command("device", "characterize", "charge", "-o", "-")
    assert code == 0
    (tmp_path / "cell.yaml").write_text(out)
    assert command("validate", "cell.yaml") == (0, "cell.yaml: device file: 'charge'\n", "")
    _, text, _ = command("device", "characterize", "charge", "--json")
    assert json.loads(text)["timing"]["read_cycles"]["value"] == 9


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("accelsim study ", ["accuracy", "snr", "load", "power", "energy"]),
        ("accelsim run -w wide --set arrays.l", ["arrays.lanes="]),
        ("accelsim run --set device", ["device="]),
        ("accelsim run --set effects.active=sy", ["effects.active=synapse_variation"]),
        ("accelsim explain out l", ["latency", "load"]),
        ("accelsim list ma", ["machines"]),
        ("accelsim show synapse", ["synapse_variation"]),
    ],
)
def test_completion(words, expected):
    environment = {
        **os.environ,
        "_ACCELSIM_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    code = "import sys; sys.argv[0] = 'accelsim'; from accelsim.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == expected, done.stderr


@pytest.mark.parametrize(("shell", "begins"), [("zsh", "#compdef accelsim"), ("fish", "complete ")])
def test_completion_of_a_shell_that_is_named(command, shell, begins):
    code, out, err = command("--show-completion", shell)
    assert (code, err) == (0, "")
    assert out.startswith(begins)


def test_a_shell_that_is_none(command):
    assert command("--show-completion", "zhs") == (
        2,
        "",
        "error: --show-completion zhs: expected one of bash, zsh, fish, powershell, pwsh; "
        "did you mean 'zsh'?\n",
    )
