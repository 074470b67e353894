"""`accelsim study` as a user runs it."""

import pytest


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
        (["accuracy", "stuck", "--values", "2"], "effects.stuck_cells"),
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
