"""`accelsim timeline` as a user meets it: files, and what it says of bad input."""

import subprocess
import sys

import pytest

from accelsim.cli import main
from accelsim.runs import simulate


@pytest.fixture
def timeline(monkeypatch, capfd, tmp_path, irmen, mnist):
    """Run the command beside a run of one image; return exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    simulate(irmen, mnist, range(1), outdir=tmp_path / "run")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["accelsim", "timeline", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capfd.readouterr()
        return caught.value.code or 0, out, err

    return run


def test_all_formats_go_into_the_folder_of_the_run(timeline, tmp_path):
    code, out, err = timeline("run")
    assert (code, err) == (0, "")
    names = ["timeline.png", "timeline.svg", "timeline.html"]
    assert out.split("\n") == [*(f"Written: run/{name}" for name in names), ""]
    assert all((tmp_path / "run" / name).stat().st_size > 20_000 for name in names)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "nothing: no such folder; expected the folder of a run"),
        (["run", "--format", "pgn"], "--format pgn: expected one of png, svg, html; did you mean"),
        (["run", "--width", "wide"], "--width wide: expected one of column, page"),
        (["run", "--image", "x"], "--image x: expected a number such as 17, or a range"),
        (["run", "--from", "10"], "--from 10: '10' has no unit; expected a time such as '1 ns'"),
        (["run", "--from", "5 ns", "--to", "1 ns"], "--to 1 ns: expected a time after --from 5 ns"),
        (["run", "--image", "3"], "run: no record in image 3; the run has images 0 to 0"),
        (["run", "--from", "1 us"], "run: no record in from 1 us; the run has images 0 to 0"),
        (["run", "--component", "datapth"], "did you mean 'datapath'?"),
        (["run", "--outdir", "run/stats.json"], "run/stats.json: cannot be written: File exists"),
    ],
)
def test_bad_input(timeline, arguments, message):
    code, out, err = timeline(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_a_damaged_run(timeline, tmp_path):
    with (tmp_path / "run" / "trace.parquet").open("r+b") as stream:
        stream.write(b"oops")
    code, _, err = timeline("run")
    assert code == 2
    assert "trace.parquet" in err
    assert not (tmp_path / "run" / "timeline.png").exists()


def test_help_needs_no_plots():
    code = "import sys; from accelsim.cli.app import app; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
