"""Each figure of each command that draws, laid out at the widths of print and looked at."""

import pytest
from matplotlib.figure import Figure

from accelsim.plots import WIDTHS
from accelsim.plots.style import styled
from tests.plots.checks import faults

SOME = ("--images", "5", "--seeds", "2")
CELLS = ("--samples", "16")
COMMANDS = {
    "effects": ("study", "accuracy", "effects", *SOME, "--set", "effects.active=transfer"),
    "bits": ("study", "accuracy", "bits", *SOME, "--values", "1,4"),
    "stuck": ("study", "accuracy", "stuck", *SOME, "--values", "0,0.1"),
    "snr": ("study", "snr", "--images", "10"),
    "energy": ("study", "energy", "charge", "--images", "30"),
    "load": ("study", "load", "--contexts", "1,2", "--loads", "0.5,1", "--images", "40"),
    "characterize": ("device", "characterize", *CELLS, "--outdir", "out"),
    "waveform": ("device", "waveform", "--hold", "4 ns"),
    "sweep": ("device", "sweep", *CELLS, "--points", "2"),
    "conversion": ("device", "sweep", "--ir-length", "0.06..6", *CELLS, "--points", "3"),
    "compare": (
        "compare",
        "irmen",
        "charge",
        "-w",
        "mnist",
        "-w",
        "lenet",
        "--images",
        "1",
        "--outdir",
        "out",
    ),
    "arrivals": ("workload", "show", "a.csv", "--outdir", "out"),
    "timeline": ("timeline", "run", "--format", "png", "--outdir", "out"),
}


@pytest.fixture
def drawn(monkeypatch):
    """Look at figures in the place of writing them; return their widths and faults."""
    found = []

    def look(figure, stream, **_):
        with styled():
            found.append((figure.get_figwidth(), faults(figure)))
        stream.write(b"-")

    monkeypatch.setattr(Figure, "savefig", look)
    return found


@pytest.mark.usefixtures("few_cells")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_figure_can_be_printed(command, drawn, tmp_path, name):
    (tmp_path / "a.csv").write_text("time_ns\n0\n10\n15\n15\n400\n")
    if name == "timeline":
        command("run", "--images", "2", "--set", "sequencer.contexts=2", "--outdir", "run")
    width = "page" if name in ("load", "characterize", "conversion") else "column"
    code, _, err = command(*COMMANDS[name], "--width", width)
    assert (code, err) == (0, "")
    assert drawn
    assert all(wide == WIDTHS[width] and not wrong for wide, wrong in drawn), drawn


@pytest.mark.parametrize("name", ["load", "waveform", "arrivals", "timeline"])
def test_a_width_that_is_none(command, name):
    code, out, err = command(*COMMANDS[name], "--width", "colum")
    assert (code, out) == (2, "")
    expected = "error: --width colum: expected one of column, page; did you mean 'column'?\n"
    assert err == expected
