"""The page in a browser: it draws, answers, reaches for no network and reports no error."""

import importlib.util
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import accelsim
from accelsim.arrivals import Arrivals
from accelsim.runs import open_run, simulate
from accelsim.timeline import RunView, write_timeline
from accelsim.trace import Window

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PLAYWRIGHT = importlib.util.find_spec("playwright") is not None
# Where a browser has to be, as in .ci/run, tests without one fail instead of being skipped.
REQUIRED = bool(os.environ.get("ACCELSIM_TEST_BROWSER"))
needs_browser = pytest.mark.skipif(
    (CHROMIUM is None or not PLAYWRIGHT) and not REQUIRED,
    reason="needs chromium (apt-get install chromium) and playwright (pip install playwright)",
)
MODEL = "[...Bokeh.documents[0].all_models].find((model) => model.name === '{}')"
PATIENCE_MS = 60_000


class Browsed:
    """A page that is open, and what it complained of and asked for meanwhile."""

    def __init__(self, page, path):
        self.page, self.wrong, self.requests = page, [], []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(Path(path).as_uri())
        self.settle("window.accelsim?.drawn !== undefined")

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.wrong.append(message.text)

    def settle(self, condition):
        self.page.wait_for_function(condition, timeout=PATIENCE_MS)

    def drawn(self):
        """Return the number of bars, after the frames under way."""
        frames = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        self.page.evaluate(frames)
        return self.page.evaluate("window.accelsim.drawn")

    def zoom(self, start, end):
        view = MODEL.format("timeline")
        self.page.evaluate(f"{view}.x_range.setv({{start: {start}, end: {end}}})")
        return self.drawn()

    def point_at(self, record):
        """Move the mouse onto the bar of a record."""
        x, y = self.page.evaluate(
            f"""(record) => {{
                const view = Bokeh.index.find_one({MODEL.format("timeline")});
                const bars = {MODEL.format("bars")}.data;
                const i = bars.record.indexOf(record);
                const box = view.el.getBoundingClientRect();
                const x = view.frame.x_scale.compute((bars.left[i] + bars.right[i]) / 2);
                const y = view.frame.y_scale.compute((bars.top[i] + bars.bottom[i]) / 2);
                return [box.left + x, box.top + y];
            }}""",
            record,
        )
        self.page.mouse.move(x - 2, y)
        self.page.mouse.move(x, y)

    def ink(self):
        """Return how many different colours the canvas of the timeline has."""
        return self.page.evaluate(
            f"""() => {{
                const view = Bokeh.index.find_one({MODEL.format("timeline")});
                const canvas = view.canvas_view.primary.canvas;
                const data = canvas.getContext("2d").getImageData(
                    0, 0, canvas.width, canvas.height).data;
                return new Set(new Uint32Array(data.buffer)).size;
            }}"""
        )


def energy_in_view(page):
    return page.page.evaluate(f"{MODEL.format('stack')}.data.total.at(-1)")


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may not be installed

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium, tmp_path):
    """Open the page of a view; at the end nothing may have gone wrong on it."""
    opened = []

    def open_page(view):
        (path,) = write_timeline(view, tmp_path, ["html"])
        page = chromium.new_page(viewport={"width": 1400, "height": 1600})
        opened.append(Browsed(page, path))
        return opened[-1]

    yield open_page
    for browsed in opened:
        assert browsed.wrong == []
        assert [url for url in browsed.requests if not url.startswith(("file:", "data:"))] == []
        assert len(browsed.requests) == 1
        browsed.page.close()


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


@needs_browser
def test_pointing_at_a_bar_tells_what_it_is(browse, reference):
    page = browse(reference)
    # All of 394 records have a bar but the standby of 16 banks; and 14 steps.
    assert page.drawn() == 378 + 14
    assert page.ink() > 20
    page.point_at("record 10")
    for text in (
        "conv, conv1, step 2, image 0",
        "circuit_b.lane0.array, record 10",
        "3 ns to 4 ns: 1 ns, 1 cycle",
        "energy 3.92 pJ; 7,840 ota_tap_cycle, 784 cell_static_cycle",
        "after: issue (record 7)",
    ):
        page.page.get_by_text(text).first.wait_for(timeout=PATIENCE_MS)
    page.point_at("record 5")
    page.page.get_by_text("waits: unsettled circuit_a.lane0.bank.plane0 (record 4)").wait_for()
    assert energy_in_view(page) == pytest.approx(99_722_000, rel=1e-12)
    page.zoom(21_000, 22_000)  # the read phase of step 8: all of its energy but two clock cycles
    assert energy_in_view(page) == pytest.approx(30_688_080 - 2 * 20_000, rel=1e-9)


@needs_browser
def test_groups_are_hidden_and_shown(browse, reference):
    page = browse(reference)
    before = page.drawn()
    button = page.page.get_by_role("button", name="A banks", exact=True)
    button.click()
    hidden = page.drawn()
    planes = [
        component.startswith("circuit_a") and ".plane" in component
        for component in reference.run.trace.table()["component"].to_pylist()
    ]
    assert hidden == before - sum(planes)
    rows = page.page.evaluate(f"{MODEL.format('timeline')}.left[0].major_label_overrides.size")
    button.click()
    assert page.drawn() == before
    again = page.page.evaluate(f"{MODEL.format('timeline')}.left[0].major_label_overrides.size")
    assert again == rows + 2


@needs_browser
def test_100_000_records_stay_usable(browse, recorded):
    run = recorded(263)
    assert 99_000 < run.trace.records <= 100_000
    page = browse(RunView(run, Window()))
    assert 300 < page.drawn() < 500
    everything = page.zoom(0, 263 * 42_000)
    assert everything <= 4000
    assert (
        page.page.evaluate("window.accelsim.records") == run.trace.records - 262 - 16
    )  # queue, standby
    page.page.get_by_text("rows show the share of time").first.wait_for()
    assert page.ink() > 10
    assert 300 < page.zoom(5_000_000, 5_042_000) < 900
    page.page.get_by_role("button", name="whole run").click()
    assert page.drawn() == everything


@needs_browser
def test_a_window_of_a_long_run_says_what_is_not_here(browse, recorded):
    page = browse(RunView(recorded(263), Window(images=(100, 102))))
    page.page.get_by_text("records of the run: images 100 to 101").first.wait_for()
    assert page.drawn() > 700
    page.zoom(0, 8 * 42_000)
    page.page.get_by_text("Outside the records that this page holds").first.wait_for()
    # Energy is there for all the run, in bins of 8 ns.
    assert energy_in_view(page) == pytest.approx(8 * 99_722_000, rel=1e-9)


@needs_browser
def test_names_from_a_run_are_shown_as_they_are(browse, reference, monkeypatch):
    monkeypatch.setitem(reference.run.manifest, "workload", "</script><b>net")
    page = browse(reference)
    assert page.page.get_by_role("heading").inner_text().endswith("irmen, </script><b>net")


@needs_browser
def test_arrivals_are_marked(browse, mnist, tmp_path):
    simulate(
        accelsim.load_machine("irmen"), mnist, Arrivals(np.array([0, 0, 30_000])),
        outdir=tmp_path / "run",
    )  # fmt: skip
    page = browse(RunView(open_run(tmp_path / "run"), Window()))
    page.zoom(0, 20_000)
    bars = f"{MODEL.format('bars')}.data"
    what = page.page.evaluate(
        f"{bars}.what.filter((_, i) => {bars}.kind[i] === 'arrives at the host')"
    )
    assert what == ["image 0", "image 1"]
    assert page.page.evaluate("window.accelsim.steps.length") == 7
    page.zoom(20_000, 40_000)
    assert "image 2" in page.page.evaluate(f"{bars}.what")
