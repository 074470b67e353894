"""`accelsim study` as a user runs it."""

import subprocess
import sys

import pytest

from accelsim.study.measure import Bench


def test_accuracy_prints_and_writes(command, tmp_path):
    code, out, err = command(
        "study", "accuracy", "bits", "--values", "2,4", "--images", "40",
        "--seeds", "3,7", "--outdir", str(tmp_path),
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "Accuracy against weight bits" in out
    assert "40 images, seeds 3, 7" in out
    assert {path.name for path in tmp_path.iterdir()} == {"bits.csv", "bits.png", "bits.svg"}
    assert len((tmp_path / "bits.csv").read_text().splitlines()) == 3 + 2 * 2 * 2


def test_conversion_says_what_is_needed(command, tmp_path):
    code, out, err = command(
        "study", "accuracy", "conversion", "--values", "0.06,6", "--images", "20",
        "--seeds", "2", "--outdir", str(tmp_path),
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "90 % is reached " in out
    assert {path.suffix for path in tmp_path.iterdir()} == {".csv", ".png", ".svg"}


def test_snr_prints_and_writes(command, tmp_path):
    code, out, err = command(
        "study", "snr", "--images", "30", "--outdir", str(tmp_path),
        "--set", "effects.active=read_noise, settling",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "Signal to noise of each step" in out
    assert "handoff" in out
    assert {path.name for path in tmp_path.iterdir()} == {"snr.csv", "snr.png", "snr.svg"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["accuracy", "cells", "--seeds", "0"], "--seeds 0: expected a number of seeds"),
        (["accuracy", "cells", "--seeds", "1,1"], "--seeds 1,1: expected"),
        (["accuracy", "bits", "--values", "1..x"], "--values 1..x: weight bits: expected whole"),
        (["accuracy", "bits", "--values", "40"], "effects.weight_bits"),
        (["accuracy", "write", "--clock", "3 V"], "--clock 3 V: "),
        (["accuracy", "volume", "charge"], "machine 'charge' has no spintronic cell"),
        (["accuracy", "stuck", "--values", "2"], "--values 2: share of stuck cells: expected"),
        (["accuracy", "dies", "--values", "1"], "relative deviation: expected numbers from 0"),
        (["accuracy", "conversion", "--values", "0"], "length in nm: expected numbers above 0"),
        (
            ["accuracy", "bits", "--seeds", "-1,3"],
            "seed -1: expected a whole number from 0 to 2^63",
        ),
        (["accuracy", "bits", "--clock", "1 GHz"], "--clock: the study 'bits' has one clock"),
        (["accuracy", "cells", "--values", "1"], "the study of cells goes over no values"),
        (["accuracy", "volume", "--values", "1e9"], "volume in nm^3: expected numbers above 0 up"),
        (["snr", "--seed", "-1"], "seed -1: expected"),
        (["snr", "--images", "x"], "--images x: expected a number"),
        (["snr", "--set", "effects.active=none"], "ideal cells lose no accuracy"),
        (["snr", "--dataset", "nowhere"], "--dataset nowhere: no such folder"),
    ],
)
def test_bad_input(command, arguments, message, tmp_path):
    code, _, err = command("study", *arguments, "--outdir", str(tmp_path / "out"))
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert not list((tmp_path / "out").glob("*.csv"))


def test_snr_does_not_replace_another(command, tmp_path):
    arguments = ["study", "snr", "--images", "2", "--outdir", str(tmp_path / "s")]
    arguments += ["--set", "effects.active=read_noise"]
    assert command(*arguments)[0] == 0
    assert command(*arguments)[0] == 0
    code, _, err = command(*arguments, "--seed", "1")
    assert code == 2
    assert "snr.csv: holds another study; choose another --outdir, or --force" in err
    assert command(*arguments, "--seed", "1", "--force")[0] == 0


def test_places_that_cannot_be_written(command, tmp_path):
    (tmp_path / "bits.png").mkdir()
    arguments = ["study", "accuracy", "bits", "--values", "4", "--images", "2", "--seeds", "1"]
    code, _, err = command(*arguments, "--outdir", str(tmp_path))
    assert code == 2
    assert "bits.png: cannot be written: Is a directory" in err
    code, _, err = command(*arguments, "--outdir", "a" * 300)
    assert code == 2
    assert "File name too long" in err


def test_a_seed_is_checked_by_every_run(command):
    code, _, err = command("run", "--images", "1", "--seed", "-1")
    assert code == 2
    assert "seed -1: expected a whole number from 0 to 2^63 - 1" in err


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit(130)])
def test_an_interrupted_study_says_what_it_kept(command, monkeypatch, tmp_path, stop):
    real, measured = Bench.measure, []

    def interrupted(bench, point, seed):
        if len(measured) == 2:
            raise stop
        measured.append(seed)
        return real(bench, point, seed)

    monkeypatch.setattr(Bench, "measure", interrupted)
    arguments = ["study", "accuracy", "stuck", "--values", "0,0.1", "--images", "2"]
    code, _, err = command(*arguments, "--seeds", "2", "--outdir", str(tmp_path))
    assert code == 130
    assert "interrupted: 2 of 4 rows are kept; the same command goes on from there" in err
    assert len((tmp_path / "stuck.csv").read_text().splitlines()) == 3 + 2


def test_a_reader_that_has_seen_enough(tmp_path):
    line = f"{sys.executable} -m accelsim study accuracy bits --values 4 --images 2 --seeds 1"
    line += " --outdir s"
    done = subprocess.run(
        ["bash", "-c", f"{line} | head -n 1"],  # noqa: S607 - any bash
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "Accuracy against weight bits"
    assert done.stderr == ""
