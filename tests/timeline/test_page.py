"""The page: what it holds and says, that it needs nothing else, and how it shows many records."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

import accelsim
from accelsim.arrivals import Arrivals
from accelsim.runs import open_run, simulate
from accelsim.timeline import RunView, page, write_timeline
from accelsim.timeline.content import read_content
from accelsim.trace import Window
from tests.timeline.browser import needs_browser


def test_the_page_carries_all_it_needs(reference, tmp_path):
    (path,) = write_timeline(reference, tmp_path, ["html"])
    text = path.read_text(encoding="utf-8")
    assert "<title>accelsim timeline: irmen, mnist</title>" in text
    for figure in ("<dd>42 ns</dd>", "<dd>99.72 pJ</dd>", "<dd>42 cycles</dd>"):
        assert figure in text
    assert "The page holds all 394 records of the run." in text
    assert reference.run.manifest["files"]["trace.parquet"]["sha256"] in text
    body = text[text.rindex("<body>") :]
    assert not any(word in body for word in ("<a ", "href=", "src=", "https:", "http:"))
    assert "unsafe-eval" not in text


def test_peaks_are_of_cycles_whatever_the_bins(recorded):
    """The read phase of step 8 takes 30.688 pJ, two clock cycles of 20 fJ less, in one cycle."""
    for run in (recorded(), recorded(263)):
        content = read_content(RunView(run, Window()))
        assert content.power.width_ps == 1000
        peaks = content.power.peaks(content.load.edges)
        assert peaks.max() == pytest.approx(30.648080)
        mean = content.power.mean_mW
        assert mean.sum() * 1_000_000 == pytest.approx(
            sum(energy.sum() for energy in content.load.energy_aJ.values())
        )
        assert (peaks >= sum(content.load.power_mW.values()) - 1e-9).all()


@needs_browser
def test_100_000_records_stay_usable(browse, recorded):
    run = recorded(263)
    assert 99_000 < run.trace.records <= 100_000
    page = browse(RunView(run, Window()))
    assert 300 < page.drawn() < 500
    page.page.get_by_role("button", name="whole run").click()
    assert page.view == (0, 263 * 42)
    assert page.ask("app.found.drawn.length") == 0
    # All but the waits in the queue, and standby.
    assert page.ask("app.found.records") == run.trace.records - 262 - 16
    page.page.get_by_text("rows show their busy shares").first.wait_for()
    assert page.colours() > 10
    x, y = page.at("ruler", 5000)
    track = page.ask("app.layout.tracks.find(({name}) => name === 'A arrays')")
    page.page.mouse.move(x, y + 20 + track["top"] + 5)
    assert re.fullmatch(r"busy [\d.]+ %", page.tip()[1])
    page.show(5_000_000, 5_042_000)
    assert 300 < page.drawn() < 900
    # One cycle has the highest power of the run, wherever the view is cut.
    for start, end in ((0, 11_046_000), (5_000_000, 5_082_000), (21_000, 22_000)):
        page.show(start, end)
        peak = page.ask("app.data.power(app.view.from, app.view.to).peak")
        assert peak == pytest.approx(30.648080)


@needs_browser
def test_a_window_of_a_long_run_says_what_is_not_here(browse, recorded):
    page = browse(RunView(recorded(263), Window(images=(100, 102))))
    page.page.get_by_text("records of the run: images 100 to 101").first.wait_for()
    assert page.drawn() > 700
    page.show(0, 8 * 42_000)
    page.page.get_by_text("busy shares where the page holds none").first.wait_for()
    # Energy is there for all the run, in bins of 8 ns.
    assert page.energies == pytest.approx(8 * 99_722_000, rel=1e-9)
    page.page.get_by_role("button", name="all records held").click()
    assert page.view == (4200, 4284)


@needs_browser
def test_names_from_a_run_are_shown_as_they_are(browse, reference, monkeypatch):
    monkeypatch.setitem(reference.run.manifest, "workload", "</script><b>net")
    page = browse(reference)
    heading = page.page.get_by_role("heading", level=1)
    assert heading.inner_text().endswith("irmen, </script><b>net")


@needs_browser
def test_arrivals_are_marked(browse, mnist, tmp_path):
    simulate(
        accelsim.load_machine("irmen"), mnist, Arrivals(np.array([0, 0, 30_000])),
        outdir=tmp_path / "run",
    )  # fmt: skip
    page = browse(RunView(open_run(tmp_path / "run"), Window()))
    images = "app.found.arrivals.map((i) => app.data.bars.image[i])"
    page.show(0, 20_000)
    assert page.ask(images) == [0, 1]
    assert page.ask("app.found.steps.length") == 7
    page.show(20_000, 40_000)
    assert page.ask(images) == [2]
    page.page.mouse.move(*page.place(page.ask("app.found.arrivals[0]")))
    assert page.tip() == [
        "image 2",
        "an image arrives at the host",
        "host, no record",
        "30 ns: an instant",
    ]


@needs_browser
def test_images_in_flight_are_named_and_no_line_crosses_a_name(browse, three_contexts):
    page = browse(three_contexts)
    assert page.page.locator("#colours").input_value() == "image"
    # Image 0 is done at 42 ns, while images 1 and 2 go on: their bars hide the line.
    x = page.ask("Math.round(app.view.x(42000)) - 1")
    tracks = page.ask("app.layout.tracks.find(({kind}) => kind === 'images')")
    assert tracks["stripes"] == 3
    assert page.colours(x - 6, tracks["top"] + 19, 12, 15) == 1
    page.page.mouse.move(*page.at("rows", 20))
    image = page.ask("app.facts.ofImage(0)")
    assert image[:2] == ["image 0", "0 ns to 42 ns: 42 ns, 42 cycles"]


@needs_browser
def test_an_old_browser_says_what_is_missing(chromium, reference, tmp_path):
    (path,) = write_timeline(reference, tmp_path, ["html"])
    page = chromium.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(path.as_uri())
    page.get_by_text("This page needs a browser of 2023 or later: DecompressionStream").wait_for()
    assert page.get_by_text("99.72 pJ").is_visible()
    page.close()


@needs_browser
def test_many_images_in_flight_leave_room_for_the_rows(browse, recorded):
    # A step takes 32 cycles, in each of which another image can issue one.
    machine = {"sequencer__contexts": 30, "banks__planes": 60, "timing__write_cycles": 31}
    page = browse(RunView(recorded(30, **machine), Window()))
    images, steps = page.ask("app.layout.tracks.slice(0, 2)")
    assert (images["stripes"], steps["stripes"]) == (30, 30)
    assert images["height"] == steps["height"] == 30 * 7
    # Each can be pointed at all the same.
    x, y = page.at("ruler", 35)
    page.page.mouse.move(x, y + 20 + images["top"] + 29.5 * 7)
    assert page.tip()[0] == "image 29"


@needs_browser
@pytest.mark.parametrize("component", ["clock", "host.queue", "circuit_a.lane0.array"])
def test_a_window_of_one_component_has_a_page(browse, three_contexts, component):
    page = browse(RunView(three_contexts.run, Window(components=(component,))))
    page.press("Home", "f", "/")
    page.page.keyboard.type("image 1")
    page.press("Enter")
    assert page.ask("app.layout.tracks.length") > 1
    assert page.page.get_by_text("of these components alone").is_visible()


@needs_browser
@pytest.mark.parametrize(("width", "height"), [(640, 480), (1280, 720)])
def test_it_fits_its_window(browse, reference, width, height):
    page = browse(reference, width, height)
    assert page.ask("document.documentElement.scrollWidth") <= width
    ruler = page.ask("app.ruler.getBoundingClientRect().bottom")
    assert ruler < height - 100
    page.press("?")
    help_ = page.page.locator("#help").bounding_box()
    assert help_["y"] >= 0
    assert help_["y"] + help_["height"] <= height


@pytest.mark.parametrize(("records", "words"), [(1, "the one record"), (1234, "all 1,234 records")])
def test_how_many_records_a_page_holds(records, words):
    run = SimpleNamespace(kept_trace=SimpleNamespace(records=records))
    view = SimpleNamespace(run=run, only="", window=Window())
    shown = page._shown(view, SimpleNamespace(whole=True))
    assert shown == f"The page holds {words} of the run."


@needs_browser
@pytest.mark.parametrize("width", [800, 1000])
def test_nothing_is_cut_in_a_small_window(browse, reference, width):
    browsed = browse(reference, width=width, height=600)
    browsed.page.select_option("#colours", "image")
    cut = """[...document.querySelectorAll("header p, dl, dl div, .bar, .bar > *, #note")]
        .filter((each) => !each.hidden && (each.scrollWidth > each.clientWidth + 1
            && each.tagName !== "INPUT" && each.clientWidth > 0
            || each.getBoundingClientRect().right > innerWidth))
        .map((each) => each.outerHTML.slice(0, 80))"""
    assert browsed.ask(cut) == []
    assert browsed.ask("document.documentElement.scrollWidth <= innerWidth")
    assert browsed.ask("app.scroller.clientHeight") >= 150
