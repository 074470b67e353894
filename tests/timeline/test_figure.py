"""The figure: what it says, and the same bytes each time."""

import re

import numpy as np
import pytest

import accelsim
from accelsim.arrivals import Arrivals
from accelsim.errors import InputError
from accelsim.runs import open_run, simulate
from accelsim.timeline import RunView, write_timeline
from accelsim.timeline.figure import _load
from accelsim.timeline.look import OF_NO_IMAGE
from accelsim.trace import Window


def texts(path):
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8"))


def test_the_reference_figure_names_steps_and_marks_the_latency(reference, tmp_path):
    png, svg = write_timeline(reference, tmp_path, ["svg", "png"])
    assert (png.name, svg.name) == ("timeline.png", "timeline.svg")
    found = texts(svg)
    assert "42 ns, 99.72 pJ" in found
    for text in ("2 conv", "conv1", "14 handoff", "A plane 1", "A → B", "waiting", "time, ns"):
        assert text in " ".join(found), text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["timeline.png", "timeline.svg"]


def test_the_latency_is_read_from_the_records(recorded, tmp_path):
    view = RunView(recorded(machine="charge"), Window())
    (svg,) = write_timeline(view, tmp_path, ["svg"])
    assert any(text.startswith("154 ns, 12.") for text in texts(svg))


def test_refreshes_have_a_colour_of_their_own(recorded, tmp_path):
    run = recorded(2, "charge", banks__refresh_interval="200 ns")
    (svg,) = write_timeline(RunView(run, Window(190_000, 260_000)), tmp_path, ["svg"])
    assert "refresh" in texts(svg)
    assert OF_NO_IMAGE["refresh"].lower() in svg.read_text(encoding="utf-8")
    # One of no image falls into the time of image 1, from 154 ns on.
    (svg,) = write_timeline(RunView(run, Window(images=(1, 2))), tmp_path, ["svg"])
    assert "refresh" in texts(svg)
    (calm,) = write_timeline(RunView(run, Window(0, 100_000)), tmp_path, ["svg"])
    assert "refresh" not in texts(calm)


def test_power_states_have_a_row_and_colours(mnist, tmp_path):
    # Off from 1.042 us, in by 1.062; woken at 3 us until 3.1, instructions until 3.114.
    machine = accelsim.load_machine("irmen", {"power.policy": "off_after", "power.after": "1 us"})
    simulate(machine, mnist, Arrivals(np.array([0, 3_000_000])), outdir=tmp_path / "run")
    run = open_run(tmp_path / "run")
    for start, end, kinds in (
        (1_000_000, 1_500_000, {"enter", "sleep"}),
        (2_900_000, 3_150_000, {"sleep", "exit", "restore"}),
    ):
        (svg,) = write_timeline(RunView(run, Window(start, end)), tmp_path, ["svg"])
        assert "off" in texts(svg)
        assert {kind for kind in OF_NO_IMAGE if kind in texts(svg)} == kinds
        drawn = svg.read_text(encoding="utf-8")
        assert all(OF_NO_IMAGE[kind].lower() in drawn for kind in kinds)


def test_a_window_that_cuts_records_has_the_power_of_the_run(recorded):
    """The relu of image 0 takes 22 to 33 ns: power at 25 ns is the same in a window to 26 ns."""
    run = recorded(1, "charge")
    powers = []
    for window in (Window(), Window(25_000, 26_000)):
        view = RunView(run, window)
        start, end = (0, 154_000) if window == Window() else (25_000, 26_000)
        load = _load(view, view.read(window, 10_000), start, end)
        place = int(np.searchsorted(load.edges, 25_000, "right")) - 1
        powers.append(sum(power[place] for power in load.power_mW.values()))
    assert powers[1] == pytest.approx(powers[0])


def test_same_run_same_bytes(reference, tmp_path):
    first = write_timeline(reference, tmp_path / "1")
    second = write_timeline(reference, tmp_path / "2")
    assert [path.suffix for path in first] == [".png", ".svg", ".html"]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    assert b"tIME" not in first[0].read_bytes()
    assert "<dc:date>" not in first[1].read_text(encoding="utf-8")


def test_contexts_are_shown_together_and_by_colour(three_contexts, tmp_path):
    (svg,) = write_timeline(three_contexts, tmp_path, ["svg"], 7.16)
    found = texts(svg)
    assert {"image 0", "image 1", "image 2"} <= set(found)
    assert "image 3" not in found
    assert "irmen, mnist: images 0 to 2, latency 42 ns" in found


def test_a_window_without_whole_images_has_no_latency(reference, tmp_path):
    view = RunView(reference.run, Window(start_ps=10_000, end_ps=20_000, components=("circuit_b",)))
    (svg,) = write_timeline(view, tmp_path, ["svg"])
    found = " ".join(texts(svg))
    assert "from 10 ns to 20 ns, components circuit_b" in found
    assert "latency" not in found


def test_a_folder_that_cannot_be_written(reference, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file/out: cannot be written: Not a directory"):
        write_timeline(reference, tmp_path / "file" / "out", ["png"])
    (tmp_path / "timeline.svg").mkdir()
    with pytest.raises(InputError, match=r"timeline\.svg: cannot be written: Is a directory"):
        write_timeline(reference, tmp_path, ["svg"])
    assert [path.name for path in tmp_path.glob(".*")] == []


@pytest.mark.parametrize("component", ["clock", "host.queue", "sequencer", "datapath.a_to_b"])
def test_single_components_are_drawn(recorded, tmp_path, component):
    view = RunView(
        recorded(6, sequencer__contexts=3, banks__planes=12), Window(components=(component,))
    )
    svg, html = write_timeline(view, tmp_path, ["svg", "html"])
    assert f"components {component}" in " ".join(texts(svg))
    assert f"components {component}" in html.read_text(encoding="utf-8")


def test_standby_alone_is_not_drawn(recorded, tmp_path):
    view = RunView(
        recorded(), Window(components=("circuit_b.lane7.bank",), start_ps=100, end_ps=200)
    )
    with pytest.raises(InputError, match=r"lane7\.bank: nothing to draw: only standby"):
        write_timeline(view, tmp_path, ["svg"])


def test_the_page_says_its_window_once(reference, tmp_path):
    view = RunView(reference.run, Window(start_ps=10_000, end_ps=20_000))
    (page,) = write_timeline(view, tmp_path, ["html"])
    text = page.read_text(encoding="utf-8")
    assert "records of the run: from 10 ns to 20 ns. Power, energy and utilization" in text
