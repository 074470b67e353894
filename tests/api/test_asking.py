"""`explain`, `diff`, `compare`, `study_accuracy`, `characterize`: as the commands, as objects."""

import json

import numpy as np
import pytest

import accelsim
from tests.api.printed import bare


@pytest.fixture(scope="module")
def result():
    return accelsim.simulate("irmen", "mnist", images=3)


@pytest.fixture
def kept(command):
    """A run of the command, in the working directory."""
    command("run", "--images", "3", "--outdir", "run")
    return "run"


def test_explain_is_what_the_command_says(command, monkeypatch, result, kept):
    monkeypatch.setenv("COLUMNS", "80")
    for metric in (None, "energy"):
        arguments = ["explain", kept, *([metric] if metric else [])]
        of_run = accelsim.explain(kept, metric)
        assert f"{of_run}\n" == bare(command(*arguments)[1])
        assert of_run.tree == json.loads(command(*arguments, "--json")[1])
        in_memory = accelsim.explain(result, metric)
        assert in_memory.text == of_run.text.replace("(run)", "(this run)")
        assert in_memory.tree == of_run.tree


def test_what_if_of_a_result_in_memory(result, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = " ".join(result.explain().text.split())
    # Images in flight: 1 takes 42 cycles an image, 3 take 14: a cycle each step.
    assert "Limited by settling: write phases are 28 of 42 cycles of image 0" in lines
    assert "1: 42, 2: 21 (x 2), 3: 14 (x 3), 4: 14 (x 3)" in lines
    first, *_ = result.explain("latency")["what_if"]["trials"]
    assert (first["changes"], first["latency_ps"]) == ({}, 42_000)
    assert not list(tmp_path.iterdir())


def test_messages_of_explain(result):
    with pytest.raises(
        accelsim.InputError, match=r"^latenzy: no such metric; .*did you mean 'late"
    ):
        accelsim.explain(result, "latenzy")
    with pytest.raises(
        accelsim.InputError, match=r"^image=3: not in the run; it has images 0 to 2"
    ):
        accelsim.explain(result, image=3)
    with pytest.raises(
        accelsim.InputError, match=r"^run: got int; expected a result of simulate, o"
    ):
        accelsim.explain(3)
    with pytest.raises(accelsim.InputError, match=r"^load: the images of this run all came at one"):
        accelsim.explain(result, "load")


def test_diff_of_results_and_directories(result, kept):
    assert accelsim.diff(result, kept).same
    slow = accelsim.simulate(images=3, set={"timing.write_cycles": 3})
    found = accelsim.diff(result, slow)
    assert not found.same
    assert found.comparison.machine == {"timing.write_cycles": (2, 3)}
    assert found.text.startswith("A: run a, on irmen\nB: run b, on irmen\n")
    assert found["same"] is False


def test_diff_knows_arrays_apart():
    black, grey = (accelsim.simulate(images=np.full((1, 28, 28), level)) for level in (0.0, 0.1))
    assert accelsim.diff(black, black).same
    assert list(accelsim.diff(black, grey).comparison.values) == ["images"]


def test_compare_is_what_the_command_says(command, monkeypatch, irmen):
    monkeypatch.setenv("COLUMNS", "80")
    of = ("irmen", "irmen:clock=2 GHz")
    found = accelsim.compare(*of, images=2)
    assert f"{found}\n" == bare(command("compare", *of, "--images", "2")[1])
    frame = found.to_pandas()
    assert list(frame.loc["figures"].loc["latency"][1:]) == [42_000, 21_000]
    assert list(frame.columns) == ["unit", *found.comparison.names]
    with pytest.raises(accelsim.InputError, match=r"^compare: got irmen; expected two machines or"):
        accelsim.compare(irmen)
    with pytest.raises(accelsim.InputError, match=r"^contenders: got int; expected machines or"):
        accelsim.compare(irmen, 3)


def test_compare_of_runs(kept):
    with pytest.raises(
        accelsim.InputError, match=r"^network: run is a run, which has its own; leave"
    ):
        accelsim.compare(kept, "charge", network="mnist")


def test_a_study(tmp_path):
    found = accelsim.study_accuracy("bits", images=10, seeds=[3], values=[1, 8], outdir=tmp_path)
    frame = found.to_pandas()
    assert list(frame.weight_bits) == [1, 8, 1, 8]
    assert list(frame.latency_ps) == [42_000] * 4
    assert list(frame.accuracy_mean) == [row.mean for row in found.summaries]
    assert (tmp_path / "bits.csv").is_file()
    assert "Accuracy against weight bits" in repr(found)
    assert found.plot().axes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"over": "bit"}, "over 'bit': expected one of cells, volume, bits, .*mean 'bits'"),
        ({"seeds": []}, r"seeds=\[\]: expected a number of seeds, or seeds such as \[3, 7\]"),
        ({"values": [0]}, "values=0: weight bits: expected whole numbers above 0 up to 1e"),
        ({"clocks": ["1 GHz"]}, "clocks: the study 'bits' has one clock; set={'clock': ...} ch"),
        ({"over": "effects", "values": [1]}, "values=1: the study of effects goes over no values"),
        ({"over": "write", "set": {"clock": "2 GHz"}}, "set=clock: the study 'write' sets this"),
        ({"images": 0}, "images 0: expected 1 or more images"),
    ],
)
def test_messages_of_studies(arguments, message):
    with pytest.raises(accelsim.InputError, match=f"^{message}"):
        accelsim.study_accuracy(**{"over": "bits", **arguments})


def test_characterize(charge):
    found = accelsim.characterize(charge)
    assert (found.timing.read_cycles, found.timing.write_cycles) == (9, 2)
    for arguments, message in (
        ({"samples": 1}, "samples=1: expected a whole number from 16 to 1000000"),
        ({"seed": -1}, r"seed=-1: expected a whole number from 0 to 2\^63 - 1"),
        ({"time_step": "1"}, "time_step: '1' has no unit; expected a time such as '1 ps'"),
        ({"time_step": "1 s"}, "time_step=1 s: expected a time from 10 fs to 1 ns, such as '1 ps'"),
    ):
        with pytest.raises(accelsim.InputError, match=f"^{message}"):
            accelsim.characterize(charge, **arguments)
