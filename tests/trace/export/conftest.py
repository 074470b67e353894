"""Runs that the exporters are tested on, made once."""

from collections.abc import Callable

import pytest

import accelsim
from accelsim.runs import RecordedRun, open_run
from accelsim.trace import Window
from accelsim.trace.export import TraceSource

CHANGES: dict[str, tuple[str, dict[str, int | str], int]] = {
    "irmen": ("irmen", {}, 3),
    "contexts": ("irmen", {"sequencer.contexts": 3, "banks.planes": 6}, 12),
    "charge": ("charge", {}, 2),
    "one_circuit": ("irmen", {"circuits": 1}, 2),
}


@pytest.fixture(scope="session")
def run_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], RecordedRun]:
    made: dict[str, RecordedRun] = {}

    def run(name: str) -> RecordedRun:
        if name not in made:
            machine, changes, images = CHANGES[name]
            outdir = tmp_path_factory.mktemp(name) / "run"
            loaded = accelsim.load_machine(machine, changes)
            accelsim.simulate(loaded, accelsim.load_network("mnist"), images, outdir=outdir)
            made[name] = open_run(outdir)
        return made[name]

    return run


@pytest.fixture
def source_of(run_of: Callable[[str], RecordedRun]) -> Callable[..., TraceSource]:
    def source(name: str, window: Window | None = None) -> TraceSource:
        run = run_of(name)
        return TraceSource(run.trace, run.name, window or Window(), ("a line",))

    return source


def leaves(figures: dict[str, dict[str, int]]) -> dict[str, int]:
    """Return name -> value of a branch of stats.json, zeros left out."""
    return {name: figure["value"] for name, figure in figures.items() if figure["value"]}
