"""`study_snr`, `study_load`, `study_power`, `sweep_device`, `waveform`: as the commands do."""

import csv

import pytest

import accelsim
from tests.api.printed import bare

SMALL = """
name: small
input: [1, 4, 4]
layers:
  - {name: c, op: conv, out: 1, kernel: 3}
  - {name: r, op: relu}
"""


@pytest.fixture
def said(command, monkeypatch):
    """Run a command at 80 columns; return what it prints, without the files that it wrote."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments):
        code, out, err = command(*arguments)
        assert code == 0, err
        return bare("\n".join(each for each in out.splitlines() if "written: " not in each))

    return run


@pytest.fixture
def small(tmp_path):
    """A network of two steps, in the working directory."""
    (tmp_path / "small.yaml").write_text(SMALL)
    return "small.yaml"


def rows_of(path):
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def test_signal_to_noise(said, tmp_path):
    effect = "read_noise"
    out = said("study", "snr", "--images", "3", "--set", f"effects.active={effect}",
               "--outdir", "s")  # fmt: skip
    found = accelsim.study_snr(images=3, set={"effects.active": effect})
    # The command says first what was changed of the machine.
    assert out.endswith(f"\n{found}\n")
    frame, rows = found.to_pandas(), rows_of(tmp_path / "s" / "snr.csv")
    assert [f"{each:.2f}" for each in frame["snr_all_dB"]] == [row["snr_all_dB"] for row in rows]
    assert found.plot().axes


def test_energy(said, tmp_path):
    out = said("study", "energy", "charge", "--images", "4", "--outdir", "s")
    found = accelsim.study_energy("charge", images=4)
    assert out == f"{found}\n"
    frame, rows = found.to_pandas(), rows_of(tmp_path / "s" / "energy.csv")
    assert frame["image_aJ"].tolist() == [int(row["image_aJ"]) for row in rows]
    assert found.plot().axes


def test_load(said, small, tmp_path):
    out = said("study", "load", "--workload", small, "--contexts", "2", "--loads", "0.5",
               "--process", "periodic", "--images", "20", "--outdir", "s")  # fmt: skip
    found = accelsim.study_load(
        network=small, contexts=[2], loads=[0.5], process="periodic", images=20
    )
    assert out == f"{found}\n"
    frame, (row,) = found.to_pandas(), rows_of(tmp_path / "s" / "load.csv")
    assert list(frame.columns) == list(row)
    # No image waits: load, conv, relu, handoff of three cycles of 1 ns each.
    assert frame["time_in_system_max_ps"].tolist() == [12_000]
    assert found.plot().axes


def test_power(said, small, tmp_path):
    out = said("study", "power", "--workload", small, "--rates", "1/h", "--images", "1",
               "--outdir", "s")  # fmt: skip
    found = accelsim.study_power(small, rates=["1/h"], images=1)
    assert out == f"{found}\n"
    assert len(found.to_pandas()) == len(rows_of(tmp_path / "s" / "power.csv"))
    assert len(found.plot().axes) == len(found.study.break_even)


def test_sweeps_of_a_cell(said):
    quick = {"samples": 16}
    out = said("device", "sweep", "--volume", "1530,5400", "--samples", "16")
    sizes = accelsim.sweep_device(values=[1530, 5400], **quick)
    assert out == f"{sizes}\n"
    assert sizes.to_pandas()["stability_kT"].round(1).tolist() == [16.6, 58.7]
    lengths = accelsim.sweep_device("irmen", "ir_length", "0.6..6", points=2, **quick)
    assert out != repr(lengths)
    frame = lengths.to_pandas()
    # The output voltage is proportional to the length.
    assert frame["output_mV"][1] == pytest.approx(10 * frame["output_mV"][0])
    for each in (sizes, lengths):
        assert "seed 1, time step 1 ps, 16 cells a figure" in each.caption
        assert each.plot().axes


def test_a_waveform(said, tmp_path):
    out = said("device", "waveform", "--hold", "5 ns", "--outdir", "w")
    found = accelsim.waveform(hold="5 ns")
    assert " ".join(out.split()) == " ".join(repr(found).split())
    frame, rows = found.to_pandas(), rows_of(tmp_path / "w" / "waveform.csv")
    assert len(frame) == len(rows) == 12_000 // 5 + 1
    assert [f"{each:.6g}" for each in frame["m_y"]] == [row["m_y"] for row in rows]
    assert found.plot().axes


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        ("study_snr", {"seed": -1}, r"seed=-1: expected a whole number from 0 to 2\^63 - 1"),
        ("study_snr", {"machine": 3}, "machine: got int; expected a name or path, and changes in"),
        ("study_snr", {"set": {"effects.active": "none"}}, "effects.active is none: ideal cells"),
        ("study_load", {"process": "x"}, "process=x: expected poisson, periodic, bursty"),
        ("study_load", {"loads": [3]}, "loads=3: expected shares from 1e-06 to 2"),
        ("study_load", {"contexts": [0]}, "contexts=0: expected 1 to 64"),
        ("study_load", {"contexts": [1.5]}, "contexts=1.5: expected 1 to 64"),
        ("study_load", {"images": 0}, "images=0: expected 1 or more"),
        ("study_power", {"rates": ["2"]}, "rates=2: '2' is no rate; expected a rate such as"),
        ("study_power", {"rates": ["1e-9/h"]}, "rates: 2.77778e-13 a second: 8 images take longe"),
        ("study_power", {"images": 0}, "images=0: expected 1 to 10000"),
        ("study_power", {"set": {"power.policy": "oracle"}},
         "set={'power.policy': 'oracle'}: the study goes over power.policy itself"),
        ("sweep_device", {"over": "volum"}, "over 'volum': expected one of volume, ir_length.*vol"),
        ("sweep_device", {"values": [0]}, "values=0: expected positive volumes in nm"),
        ("sweep_device", {"machine": "charge"}, "machine 'charge' has no spintronic cell"),
        ("sweep_device", {"points": 9999}, "points=9999: expected 1000 at most"),
        ("sweep_device", {"samples": 1}, "samples=1: expected a whole number from 16 to 1000000"),
        ("sweep_device", {"values": [5400], "samples": 16, "time_step": "12 ps"},
         "time_step: 12 ps is too long .* passes$"),
        ("waveform", {"level": 2}, "level=2: expected a number from -1 to 1"),
        ("waveform", {"hold": "1e30 s"}, "hold=1e30 s: expected a time from 1 ps to 5 us"),
        ("waveform", {"hold": "10 fs", "time_step": "1 ps"}, "hold=10 fs: expected a time from"),
    ],
)  # fmt: skip
def test_messages_speak_of_arguments(function, arguments, message):
    with pytest.raises(accelsim.InputError, match=f"^{message}"):
        getattr(accelsim, function)(**arguments)
