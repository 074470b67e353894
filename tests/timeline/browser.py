"""A page of the timeline that is open in Chromium: gestures on it, and what it shows."""

import importlib.util
import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PLAYWRIGHT = importlib.util.find_spec("playwright") is not None
# Where a browser has to be, as in .ci/run, tests without one fail instead of being skipped.
REQUIRED = bool(os.environ.get("ACCELSIM_TEST_BROWSER"))
needs_browser = pytest.mark.skipif(
    (CHROMIUM is None or not PLAYWRIGHT) and not REQUIRED,
    reason="needs chromium (apt-get install chromium) and playwright (pip install playwright)",
)
PATIENCE_MS = 60_000
NEXT_FRAME = "const frame = () => new Promise((done) => requestAnimationFrame(done));"


@contextmanager
def launched():
    """Run a browser without a window."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may not be installed

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Browsed:
    """A page that is open, and what it complained of and asked for meanwhile."""

    def __init__(self, page, path):
        self.page, self.wrong, self.requests = page, [], []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(Path(path).as_uri())
        page.set_default_timeout(PATIENCE_MS)
        page.evaluate(
            f"async () => {{ {NEXT_FRAME} while (!window.accelsim?.frames) await frame(); }}"
        )

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.wrong.append(message.text)

    def ask(self, expression):
        """Return the value of an expression about the page, `app`, after the frames under way."""
        return self.page.evaluate(
            f"""async () => {{
                const app = window.accelsim;
                {NEXT_FRAME}
                for (await frame(); app.frame != null;) await frame();
                return {expression};
            }}"""
        )

    @property
    def view(self):
        """The span in view, ns."""
        return tuple(time / 1000 for time in self.ask("[app.view.from, app.view.to]"))

    @property
    def pinned(self):
        """The title of the panel: what is pinned; None if nothing is."""
        self.ask("0")
        title = self.page.locator("#pinned h2")
        return title.inner_text() if title.count() else None

    @property
    def measured(self):
        """The lines that the panel has of what is measured."""
        self.ask("0")
        return self.page.locator("#measured p").all_inner_texts()

    @property
    def energies(self):
        """The energy in view, aJ."""
        return self.ask("app.data.energy.between(app.view.from, app.view.to)")

    def drawn(self):
        """Return the number of bars that are drawn."""
        return self.ask("app.found.drawn.length + app.found.steps.length")

    def show(self, start, end):
        """Set the span in view, ps, without a gesture."""
        self.page.evaluate(f"accelsim.view.show({start}, {end})")

    def bar(self, kind, step, image=0):
        """Return the number of the first bar of a kind of a step."""
        return self.ask(
            f"""(({{kind, step, image}}, kinds) => [...kind.keys()].find((i) =>
                kinds[kind[i]] === "{kind}" && step[i] === {step} && image[i] === {image}
            ))(app.data.bars, app.data.names.kind)"""
        )

    def place(self, bar):
        """Return where the middle of a bar is in the window."""
        return self.ask(
            f"""(() => {{
                const {{left, right, top, height}} = app.bars.place({bar});
                const box = app.rows.getBoundingClientRect();
                const y = top - app.scroller.scrollTop + height / 2;
                return [box.left + (left + right) / 2, box.top + y];
            }})()"""
        )

    def at(self, canvas, ns):
        """Return where a time is on the canvas 'rows', 'ruler' or 'strip', in its middle."""
        scale = "run" if canvas == "strip" else "view"
        return self.ask(
            f"""(() => {{
                const box = app.{canvas}.getBoundingClientRect();
                return [box.left + app.{scale}.x({ns} * 1000), box.top + box.height / 2];
            }})()"""
        )

    def drag(self, canvas, start, end):
        """Drag the mouse on a canvas from one time to another, ns."""
        first, last = self.at(canvas, start), self.at(canvas, end)
        self.page.mouse.move(*first)
        self.page.mouse.down()
        self.page.mouse.move(*last, steps=3)
        self.page.mouse.up()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def tip(self):
        """Return the lines of the tip at the mouse."""
        self.ask("0")
        return re.split(r"\n+", self.page.locator("#tip").inner_text())

    def colours(self, x=0, y=0, width=1280, height=720):
        """Return how many different colours a part of the rows has."""
        return self.ask(
            f"""new Set(new Uint32Array(app.rows.getContext("2d").getImageData(
                {x}, {y}, {width}, {height}).data.buffer)).size"""
        )

    def close(self):
        """Close the page, on which nothing may have gone wrong; it reached for nothing else."""
        self.page.close()
        assert self.wrong == []
        assert [url for url in self.requests if not url.startswith(("file:", "data:"))] == []
        assert len(self.requests) == 1
