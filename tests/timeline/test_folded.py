"""The figure of what is too small to be seen: layers and busy shares in the place of records."""

import re

import numpy as np
import pytest

from accelsim.errors import InputError
from accelsim.timeline import RunView, figure, folded, passing, write_timeline
from accelsim.timeline.folded import _shares
from accelsim.timeline.passing import read_load, read_passing
from accelsim.timeline.spans import find_images, find_steps
from accelsim.trace import Window

# Of the reference program, ns: a layer is from its first issue until its last step has settled.
LAYERS = {
    "input": (0, 3), "conv1": (3, 6), "relu1": (6, 9), "pool1": (9, 21),
    "conv2": (21, 24), "relu2": (24, 27), "pool2": (27, 39), "output": (39, 42),
}  # fmt: skip
SAID = "14 steps: layers, and the busy share of blocks, in bins of 1 ns"


def texts(path):
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8"))


@pytest.fixture
def long(monkeypatch):
    """Let a window of more than 200 records be long."""
    monkeypatch.setattr(figure, "MOST_RECORDS", 200)


@pytest.mark.usefixtures("long")
def test_a_long_window_is_folded_and_says_so(reference, tmp_path):
    (svg,) = write_timeline(reference, tmp_path, ["svg"], 7.16)
    found = texts(svg)
    assert SAID in found
    assert "a narrower window shows each record" in found
    assert "irmen, mnist: image 0, latency 42 ns" in found
    assert "42 ns, 99.72 pJ" in found
    assert {"layers", "issue", "waits", "A → B", "A arrays", "B banks", *LAYERS} <= set(found)


def test_so_are_bars_of_less_than_a_dot(reference, tmp_path, monkeypatch):
    # 3.5 inches of 2 dots are 7: more bars than that, most of a few ns, of which a dot has 6.
    monkeypatch.setattr(figure, "DPI", 2)
    (svg,) = write_timeline(reference, tmp_path, ["svg"])
    assert SAID in texts(svg)


def test_layers_and_images_are_those_of_the_records(reference):
    found = read_passing(reference, Window())
    spans = {span.layer: (span.start_ps // 1000, span.end_ps // 1000) for span in found.layers}
    assert spans == LAYERS
    assert list(spans) == list(LAYERS)
    detail = reference.read(Window(), 10_000)
    assert found.images == find_images(detail, find_steps(detail))
    assert (found.records, found.steps) == (len(detail), 14)
    assert (found.start_ps, found.end_ps) == (0, 42_000)


def test_shares_are_of_time_and_of_all_that_is_there(reference):
    load = read_load(reference, Window(), (0, 42_000), 42)
    shares = {row.name: share for row, share in _shares(reference, load).items()}
    cycle = np.arange(42)
    # A step is issued every third cycle; between them the image waits for it to settle.
    assert shares["issue"].tolist() == (cycle % 3 == 0).tolist()
    # conv1 has four of eight lanes of circuit B in the cycle from 3 ns on, conv2 all at 21 ns.
    assert shares["B arrays"][[3, 21]].tolist() == [0.5, 1.0]
    # Then four of the 32 planes of B settle for two cycles, and are read as long as relu1 is.
    assert shares["B banks"][3:7].tolist() == [4 / 32] * 4
    halves = read_load(reference, Window(), (0, 42_000), 21)
    wide = {row.name: share for row, share in _shares(reference, halves).items()}
    assert wide["issue"].tolist() == shares["issue"].reshape(21, 2).mean(axis=1).tolist()


@pytest.mark.usefixtures("long")
def test_a_folded_window_is_cut_where_it_ends(reference, tmp_path):
    view = RunView(reference.run, Window(start_ps=3_000, end_ps=40_000))
    (svg,) = write_timeline(view, tmp_path, ["svg"])
    found = " ".join(texts(svg))
    assert "from 3 ns to 40 ns" in found
    assert "latency" not in found
    start, end = folded._span(read_passing(view, view.window), view.window)
    assert (start, end) == (3_000, 40_000)


@pytest.mark.usefixtures("long")
def test_layers_that_are_too_many_are_left_out(three_contexts, tmp_path, monkeypatch):
    (svg,) = write_timeline(three_contexts, tmp_path, ["svg"])
    assert "layers" in texts(svg)
    monkeypatch.setattr(passing, "MOST_LAYERS", 20)
    (svg,) = write_timeline(three_contexts, tmp_path, ["svg"])
    found = texts(svg)
    assert "layers" not in found
    assert any(text.startswith("42 steps: the busy share of blocks") for text in found)


@pytest.mark.usefixtures("long")
def test_the_queue_of_a_stream_is_drawn(recorded, tmp_path):
    (svg,) = write_timeline(RunView(recorded(6), Window(images=(0, 6))), tmp_path, ["svg"])
    assert "queue" in texts(svg)


def test_nothing_but_standby(recorded, monkeypatch, tmp_path):
    monkeypatch.setattr(figure, "MOST_RECORDS", 1)
    run = recorded(2, "charge", banks__refresh_interval="200 ns")
    view = RunView(run, Window(components=("circuit_a.lane0.bank.plane9",)))
    with pytest.raises(InputError, match="no record in components"):
        write_timeline(view, tmp_path, ["svg"])
