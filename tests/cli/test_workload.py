"""`accelsim workload`, and runs of what it makes, as a user has them."""

import pytest


def test_generate_look_and_run(command, tmp_path):
    code, out, err = command(
        "workload", "bursty", "--rate", "5 MHz", "--images", "60", "-o", tmp_path / "b.csv"
    )
    assert (code, err) == (0, "")
    assert "written: b.csv" in out
    assert (tmp_path / "b.csv").read_text().startswith("# accelsim ")
    code, out, err = command("workload", "show", tmp_path / "b.csv", "--outdir", tmp_path / "f")
    assert (code, err) == (0, "")
    assert "burstiness" in out
    assert {path.name for path in (tmp_path / "f").iterdir()} == {"b.png", "b.svg"}
    code, out, err = command("run", "--arrivals", tmp_path / "b.csv", "--outdir", tmp_path / "r")
    assert (code, err) == (0, "")
    assert "Under load" in out
    assert "60 images" in out
    code, out, err = command("replay", tmp_path / "r")
    assert (code, err) == (0, "")
    assert "The run came out as it was recorded." in out


def test_study_of_load(command, tmp_path):
    options = ("--contexts", "1,2", "--loads", "0.5", "--images", "50", "--outdir", tmp_path)
    code, out, err = command("study", "load", *options)
    assert (code, err) == (0, "")
    assert "1: 23.81 MHz, 2: 47.62 MHz" in " ".join(out.split())
    assert {path.name for path in tmp_path.iterdir()} == {"load.csv", "load.png", "load.svg"}
    code, _, err = command("study", "load", *options[:-2], "--seed", "3", *options[-2:])
    assert code == 2
    assert "holds another study" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("workload", "poisson", "--rate", "fast", "-o", "x.csv"), "--rate: 'fast' is no rate"),
        (
            ("workload", "poisson", "--rate", "0 Hz", "-o", "x.csv"),
            "'0 Hz' is beyond reason, or not",
        ),
        (("workload", "poisson", "--rate", "-1 Hz", "-o", "x.csv"), "'-1 Hz' is not positive"),
        (("workload", "poisson", "--rate", "1e-400000 Hz", "-o", "x.csv"), "is beyond reason"),
        (("workload", "poisson", "--rate", "9" * 5000 + "Hz", "-o", "x.csv"), "999...' is beyond"),
        (("workload", "bursty", "--peak", "1 Hz", "-o", "x.csv"), "--peak 1 Hz: expected more"),
        (("workload", "show", "none.csv"), "none.csv: no such file of arrivals"),
        (("run", "--arrivals", "none.csv"), "none.csv: no such file of arrivals"),
        (("run", "--arrivals", "a.csv", "--images", "5"), "--images 5: --arrivals a.csv says"),
        (("study", "load", "--contexts", "many"), "--contexts many: contexts: expected whole"),
        (("study", "load", "--process", "posson"), "--process posson: expected poisson"),
        (("study", "load", "--images", "0"), "--images 0: expected 1 or more"),
    ],
)
def test_what_is_wrong_is_one_message(command, tmp_path, arguments, message):
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert not list(tmp_path.iterdir())
