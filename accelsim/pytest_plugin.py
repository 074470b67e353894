"""A pytest plugin: tests that hold a machine to its golden traces, cycle by cycle.

    def test_my_machine(accelsim_golden):
        result = accelsim.simulate(accelsim.load_machine("my.yaml"), accelsim.load_network())
        accelsim_golden.check(result, "golden/my.csv")

`pytest --accelsim-update-golden` writes the golden traces that are missing or differ. pytest
loads this module at every start, so that it imports the rest of accelsim only when used.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from accelsim.runs.sources import Subject

OPTION = "--accelsim-update-golden"
_WRITTEN = pytest.StashKey[list[str]]()


class GoldenTraces:
    """Compares traces with golden ones; relative paths start at `folder`.

    update: write a golden trace that is missing or differs, instead of failing. written:
    what was written.
    """

    def __init__(self, folder: Path, *, update: bool = False) -> None:
        self.folder = folder
        self.update = update
        self.written: list[str] = []

    def check(self, subject: "Subject", golden: str | Path) -> None:
        """Fail unless a trace is the golden one, record for record.

        subject: a Result, a RecordedRun, a table of accelsim.trace.SCHEMA, or the path of a
        run directory or trace file. golden: a CSV file; its folder need not exist before an
        update. Ids of records may differ; times, components, causes, counts and energy not.
        """
        __tracebackhide__ = True
        from accelsim.errors import InputError  # noqa: PLC0415 - see the module

        path = self.folder / golden
        try:
            difference = self._difference(subject, path)
            if difference and self.update:
                self._write(subject, path)
                return
        except InputError as error:
            difference = str(error)
        if difference:
            pytest.fail(f"{difference}\n(if this is meant: pytest {OPTION})")

    def _difference(self, subject: "Subject", path: Path) -> str:
        """Return what differs, in a few lines, or ""."""
        from accelsim.errors import InputError  # noqa: PLC0415
        from accelsim.resources import display  # noqa: PLC0415
        from accelsim.runs import open_source  # noqa: PLC0415
        from accelsim.trace import TraceFile  # noqa: PLC0415
        from accelsim.trace.diff import diff_traces, summary  # noqa: PLC0415

        if path.suffix != ".csv":
            raise InputError(f"{display(path)}: a golden trace is a .csv file")
        source = open_source(subject)
        if not path.is_file():
            return f"{display(path)}: no such golden trace"
        try:
            diff = diff_traces(TraceFile(path), source.trace)
        except InputError:
            if not self.update:
                raise
            return "it cannot be aligned"
        if diff.same:
            return ""
        return f"{source.name} differs from {display(path)}\n{summary(diff, 'golden', 'actual')}"

    def _write(self, subject: "Subject", path: Path) -> None:
        from accelsim.resources import display  # noqa: PLC0415
        from accelsim.runs import open_source, write_golden  # noqa: PLC0415

        write_golden(path, open_source(subject))
        self.written.append(display(path))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes golden traces."""
    parser.getgroup("accelsim").addoption(
        OPTION,
        action="store_true",
        help="write the golden traces of accelsim that are missing or differ",
    )


@pytest.fixture
def accelsim_golden(request: pytest.FixtureRequest) -> GoldenTraces:
    """Compare runs with golden traces; relative paths start at the folder of the test."""
    golden = GoldenTraces(request.path.parent, update=request.config.getoption(OPTION))
    golden.written = request.config.stash.setdefault(_WRITTEN, [])
    return golden


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which golden traces were written."""
    for path in terminalreporter.config.stash.get(_WRITTEN, []):
        terminalreporter.write_line(f"accelsim: golden trace written: {path}")
