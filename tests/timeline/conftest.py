"""Runs to draw: the reference image, several contexts, and 100,000 records."""

import pytest

import accelsim
from accelsim.runs import open_run, simulate
from accelsim.timeline import RunView, write_timeline
from accelsim.trace import Window
from tests.timeline.browser import Browsed, launched


@pytest.fixture(scope="session")
def recorded(tmp_path_factory, mnist):
    """Run a machine with changes once; return the run."""
    runs = {}

    def run(images=1, machine="irmen", **changes):
        key = (images, machine, *sorted(changes.items()))
        if key not in runs:
            folder = tmp_path_factory.mktemp("run")
            chosen = {name.replace("__", "."): value for name, value in changes.items()}
            simulate(accelsim.load_machine(machine, chosen), mnist, range(images), outdir=folder)
            runs[key] = open_run(folder)
        return runs[key]

    return run


@pytest.fixture
def reference(recorded):
    return RunView(recorded(), Window())


@pytest.fixture
def three_contexts(recorded):
    return RunView(recorded(6, sequencer__contexts=3, banks__planes=12), Window())


@pytest.fixture(scope="module")
def chromium():
    with launched() as browser:
        yield browser


@pytest.fixture
def browse(chromium, tmp_path):
    """Open the page of a view; at the end nothing may have gone wrong on it."""
    opened = []

    def open_page(view, width=1280, height=720):
        (path,) = write_timeline(view, tmp_path, ["html"])
        page = chromium.new_page(viewport={"width": width, "height": height})
        opened.append(Browsed(page, path))
        return opened[-1]

    yield open_page
    for browsed in opened:
        browsed.close()
