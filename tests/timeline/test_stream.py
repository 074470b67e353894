"""Streams on the timeline: arrivals, the queue's length, power states; by hand."""

import re
from dataclasses import replace

import numpy as np
import pytest

import accelsim
from accelsim.arrivals import Arrivals
from accelsim.network import Tenant
from accelsim.runs import open_run, simulate
from accelsim.timeline import RunView, write_timeline
from accelsim.timeline.coded import coded_bars, names_of
from accelsim.timeline.content import read_content
from accelsim.timeline.payload import page_data
from accelsim.timeline.stream import ARRIVALS, marks_of, queue_between
from accelsim.trace import Window
from tests.conftest import CONV, RELU

IMAGE = 12_000  # four steps of three cycles, one image at a time


@pytest.fixture(scope="module")
def run(tmp_path_factory, make_network):
    """Images 0 to 3 at 0, 0, 5 and 20 ns, and image 4 at 3 us, for which the machine wakes.

    They are done at 12, 24, 36, 48 ns and later.
    """
    network = replace(make_network([1, 4, 4], CONV, RELU), file=None)
    tenants = [Tenant("cam", network), Tenant("mic", network)]
    stream = Arrivals(
        np.array([0, 0, 5_000, 20_000, 3_000_000]),
        tenant=np.array([0, 1, 0, 0, 1]), tenants=("cam", "mic"),
    )  # fmt: skip
    machine = accelsim.load_machine("irmen", {"power.policy": "off_after", "power.after": "1 us"})
    folder = tmp_path_factory.mktemp("stream") / "run"
    simulate(machine, tenants, stream, outdir=folder)
    return open_run(folder)


def texts(path):
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8"))


def test_the_queue_is_as_long_as_images_wait(run):
    # 0 is taken at once; 1 waits to 12 ns, 2 from 5 to 24, 3 from 20 to 36.
    edges, lengths = queue_between(RunView(run, Window()), 0, 60_000)
    assert edges.tolist() == [0, 5_000, 12_000, 20_000, 24_000, 36_000, 60_000]
    assert lengths.tolist() == [1, 2, 1, 2, 1, 0]
    edges, lengths = queue_between(RunView(run, Window()), 6_000, 21_000)
    assert (edges.tolist(), lengths.tolist()) == ([6_000, 12_000, 20_000, 21_000], [2, 1, 2])
    edges, lengths = queue_between(RunView(run, Window()), 100_000, 200_000)
    assert (edges.tolist(), lengths.tolist()) == ([100_000, 200_000], [0])


def test_marks_are_of_all_arrivals_by_tenant(run):
    marks = marks_of(RunView(run, Window()))
    assert (marks.image.tolist(), marks.stripe.tolist()) == ([0, 1, 2, 3, 4], [0, 1, 0, 0, 1])
    assert marks.stripes == 2
    some = marks.between(0, 20_000, 10)  # what arrives at its end is not in it
    assert some.image.tolist() == [0, 1, 2]
    assert marks.between(0, 10**9, 4).image.tolist() == [0, 1, 2, 3]
    # Two in the first 4 ns, one in 8, two in the rest: rates of 1/2, 1/8 and hardly any.
    rate = marks.rate(np.array([0, 4_000, 12_000, 3_000_000]))
    assert rate.tolist()[:2] == [1.0, 0.25]
    assert 0 < rate[2] < 0.01
    assert marks_of(RunView(run, Window(components=("host",)))) is None


def test_the_figure_has_arrivals_and_queue(run, tmp_path):
    (svg,) = write_timeline(RunView(run, Window(0, 50_000)), tmp_path, ["svg"])
    found = texts(svg)
    for text in ("arrivals", "arrival", "queue", "arrivals from the top: cam, mic"):
        assert text in found, text
    assert "off" not in found
    (svg,) = write_timeline(RunView(run, Window(components=("host",))), tmp_path, ["svg"])
    assert "arrivals" not in texts(svg)


def test_power_states_are_shown_beside_images(run, tmp_path):
    # Image 4 is loaded once the machine is awake; 3 was done before it slept.
    (svg,) = write_timeline(RunView(run, Window(images=(3, 5))), tmp_path, ["svg"])
    found = texts(svg)
    assert {"off", "enter", "sleep", "exit", "restore", "image 3", "image 4"} <= set(found)
    (svg,) = write_timeline(RunView(run, Window(images=(3, 4))), tmp_path, ["svg"])
    assert "off" not in texts(svg)


def test_the_page_has_a_mark_for_each_arrival(run):
    view = RunView(run, Window())
    content = read_content(view)
    assert content.rows[-1] == ARRIVALS
    columns = coded_bars(content)
    names = names_of(content, columns.pop("_actions"))
    marks = columns["kind"] == names["kind"].index("arrival")
    assert columns["image"][marks].tolist() == [0, 1, 2, 3, 4]
    assert columns["start"][marks].tolist() == columns["end"][marks].tolist()
    assert columns["energy"][marks].tolist() == [0] * 5
    assert {names["actions"][code] for code in columns["actions"][marks]} == {""}
    groups = [row["group"] for row in page_data(view, content)["rows"]]
    assert "power states" in groups
    assert "power" not in groups
    held = read_content(RunView(run, Window(0, 10_000)))
    assert sum(kind == "arrival" for kind in held.bars.kind) == 3
