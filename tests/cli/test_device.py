"""`accelsim device`: files, tables, warnings and errors as a user meets them."""

import csv
import re

import pytest
from typer.testing import CliRunner

from accelsim.cli.device import device_app
from accelsim.config import load_machine
from accelsim.errors import InputError

QUICK = ["--samples", "32"]


@pytest.fixture
def device_command(monkeypatch, tmp_path):
    """Run a command in an empty directory; return its output. Errors are raised."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str):
        done = CliRunner().invoke(device_app, list(arguments))
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done

    return run


def rows_of(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_characterize_prints_and_writes(device_command, tmp_path):
    out = device_command(
        "characterize", "irmen", *QUICK, "--output", "cell.yaml", "--outdir", "figures"
    ).stdout
    for expected in ("58.668", "52.941", "Settling to half a step", "727", "1780", "cell.yaml"):
        assert expected in out
    # The largest noise of a read stands beside the others.
    assert re.search(r"readout ktc +0\.018338 +of full scale", out)
    machine = load_machine("irmen", {"device": "cell.yaml"})
    assert machine.timing.write_cycles.source.startswith("cell.yaml: write_time 1780 ps")
    for name in ("characterization.png", "characterization.svg"):
        assert (tmp_path / "figures" / name).stat().st_size > 10_000


def test_characterize_the_charge_based_cell(device_command):
    out = device_command("characterize", "charge").stdout
    for expected in ("8.401", "251", "1.0139", "8401", "1345"):
        assert expected in out


def test_waveform_writes_three_files(device_command, tmp_path):
    out = device_command("waveform", "--hold", "9 ns", "--outdir", "w").stdout
    assert "shift of the mean of m_y by reading, 1,024 cells at level 0.5" in out
    assert "up to" in out.splitlines()[-1]
    rows = rows_of(tmp_path / "w" / "waveform.csv")
    assert len(rows) == 20_000 // 5 + 1
    assert float(rows[-1]["time_ns"]) == pytest.approx(20)
    assert {"me_level", "m_y", "output_mV", "output_without_rc_mV"} <= set(rows[0])
    for name in ("waveform.png", "waveform.svg"):
        assert (tmp_path / "w" / name).stat().st_size > 10_000
    first = (tmp_path / "w" / "waveform.svg").read_bytes()
    device_command("waveform", "--hold", "9 ns", "--outdir", "w")
    assert (tmp_path / "w" / "waveform.svg").read_bytes() == first


def test_files_say_of_what_cell_they_are(device_command, tmp_path):
    settings = ("--set", "device=irmen", "--set", "cell.damping=0.03", "--outdir", "w")
    out = device_command("waveform", "--hold", "1 ns", "--seed", "7", *settings).stdout
    assert out.splitlines()[:2] == [
        "Changed: cell.damping=0.03", "Device file: irmen.yaml, except for damping"
    ]  # fmt: skip
    assert "written: w/waveform.config.yaml" in out.splitlines()
    path = tmp_path / "w" / "waveform.config.yaml"
    assert path.read_text().splitlines()[0] == (
        "# accelsim device waveform: level 0.5, hold 1 ns, seed 7, time step 1 ps"
    )
    machine = load_machine(path)
    assert machine == load_machine("irmen", {"device": "irmen", "cell.damping": 0.03})
    origin = machine.device_file
    assert (origin.name, origin.differs, len(origin.sha256)) == ("irmen.yaml", "damping", 64)
    device_command("sweep", "--ir-length", "6", *QUICK, *settings)
    assert load_machine(tmp_path / "w" / "conversion.config.yaml") == machine


def test_sweep_covers_the_published_range(device_command, tmp_path):
    out = device_command("sweep", "--volume", "1530..5400", "--points", "3", *QUICK).stdout
    assert "Size and stability" in out
    rows = rows_of(tmp_path / "runs" / "device" / "sweep.csv")
    assert [round(float(row["volume_nm3"])) for row in rows] == [1530, 3465, 5400]
    assert [float(row["stability_kT"]) for row in rows] == pytest.approx(
        [16.6, 37.6, 58.7], abs=0.05
    )
    noise = [float(row["sigma_after_rc"]) for row in rows]
    assert noise == sorted(noise, reverse=True)
    # 32 cells: 12.7 % for a normal distribution, more with its tails.
    for row, sigma in zip(rows, noise, strict=True):
        assert 0.06 * sigma < float(row["sigma_after_rc_error"]) < 0.5 * sigma
    # Boltzmann's integral at level 0.5, near 1/sqrt(2 Delta).
    before = [float(row["sigma_before_rc"]) for row in rows]
    assert before == pytest.approx([0.1827, 0.1175, 0.0933], abs=1e-4)
    assert (tmp_path / "runs" / "device" / "sweep.png").stat().st_size > 10_000


def test_sweep_over_the_conversion_length(device_command, tmp_path):
    done = device_command("sweep", "--ir-length", "0.06..6", "--points", "3", *QUICK)
    assert "Read-out by conversion length" in done.stdout
    assert "accelsim study accuracy conversion" in done.stdout.replace("\n", " ")
    low, middle, high = rows_of(tmp_path / "runs" / "device" / "conversion.csv")
    # A range is even in the logarithm; the output and the gain go with the length.
    lengths = [float(row["ir_length_nm"]) for row in (low, middle, high)]
    assert lengths == pytest.approx([0.06, 0.6, 6])
    for row, factor in ((low, 0.01), (middle, 0.1), (high, 1)):
        assert float(row["output_mV"]) == pytest.approx(61.09 * factor, rel=1e-3)
        assert float(row["gain"]) == pytest.approx(100 / 61.09 / factor, rel=1e-3)
        assert float(row["readout_ktc"]) == pytest.approx(0.01834 / factor, rel=1e-3)
        assert (row["read_cycles"], row["write_cycles"]) == ("1", "2")
        # As quiet as the machine's: kT/C goes with 1/sqrt(C), so C with 1/length^2.
        assert float(row["equal_noise_fF"]) == pytest.approx(3.3 / factor**2, rel=1e-3)
    assert high["equal_noise_read_cycles"] == "1"
    # An RC of 76 kOhm x 330 fF = 25 ns alone takes ln(2 x 0.9 x 16) of it; the other, 0.05 ns.
    assert float(middle["equal_noise_read_cycles"]) == pytest.approx(25.1 * 2.67, rel=0.03)
    assert (tmp_path / "runs" / "device" / "conversion.png").stat().st_size > 10_000


def test_a_voltage_beyond_saturation_warns(device_command):
    done = device_command("characterize", *QUICK, "--set", "cell.write_voltage=200 mV")
    assert "warning: write voltage 200 mV is beyond saturation; clipped to 100 mV" in done.stderr
    assert done.stderr.count("beyond saturation") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["characterize", "irmne"], "irmne: no such machine: .* did you mean 'irmen'"),
        (["characterize", "--time-step", "20 ps"], "20 ps is unstable .* stable is 12.32 ps"),
        (
            ["characterize", "--time-step", "12 ps"],
            r"--time-step: 12 ps is too long for this cell: at half of it the noise of a read "
            r"changes by \d\d %, more than 2 %; [\d.]+ ps passes$",
        ),
        (["sweep", "--time-step", "12 ps"], "12 ps is too long .* passes$"),
        (["waveform", "--time-step", "4 ps"], "4 ps is too long .* full swing .* 2 ps passes$"),
        (
            ["characterize", "--time-step", "fast"],
            "--time-step: 'fast' is not a number with a unit",
        ),
        (
            ["characterize", "--time-step", "0 ps"],
            "--time-step 0 ps: expected a time from 10 fs to 1 ns, such as '1 ps'",
        ),
        (["characterize", "--set", "cell.width=90 nm"], "cell: width: got 90 nm .* for a disc"),
        (["sweep", "--volume", "5400..1530"], r"5400\.\.1530: a range that does not rise"),
        (["sweep", "--volume", "large"], "--volume large: expected positive volumes in nm"),
        (["waveform", "--time-step", "1e-30 s"], "--time-step 1e-30 s: expected a time from"),
        (["waveform", "--hold", "1e30 s"], "--hold 1e30 s: expected a time from 1 ps to 5 us"),
        (
            ["waveform", "--hold", "6 us"],
            "--hold 6 us: expected a time from 1 ps to 5 us",
        ),
        (
            ["waveform", "--seed", "-1"],
            r"--seed -1: expected a whole number from 0 to 2\^63 - 1",
        ),
        (["waveform", "--level", "nan"], "level"),
        (
            ["characterize", "--samples", "1000000000000"],
            "--samples 1000000000000: expected a whole number from 16 to 1000000",
        ),
        (["sweep", "--points", "1000000000"], "--points 1000000000: expected 1000 at most"),
        (["sweep", "--volume", "1..2", "--points", "1"], "--points 1: expected 2 or more"),
        (
            ["sweep", "--ir-length", "x"],
            "--ir-length x: expected positive conversion lengths",
        ),
        (["sweep", "--ir-length", "1", "--volume", "1"], "goes over one thing; leave --volume out"),
        (["sweep", "charge"], "machine 'charge' has no spintronic cell"),
        (["waveform", "--level", "2"], "--level 2: expected a number from -1 to 1"),
    ],
)
def test_errors(device_command, arguments, message):
    with pytest.raises(InputError, match=message):
        device_command(*arguments)
