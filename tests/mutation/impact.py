"""Which tests run which lines of the package: a pytest plugin that asks coverage.

A line that a shared fixture runs belongs to every test that uses the fixture. Lines that run
at import, or where coverage cannot see (compiled loops), belong to no test.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest


class Impact:
    """Notes, while tests run, the lines of each test and of each fixture, and how long it takes."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._coverage = coverage.Coverage(
            data_file=None, include=["*/accelsim/*"], concurrency=["thread"], config_file=False
        )
        self._contexts = [""]
        self._users: dict[str, set[str]] = defaultdict(set)
        self._seconds: dict[str, float] = defaultdict(float)
        self._coverage.start()
        self._coverage.switch_context("import")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._users[item.nodeid].add(item.nodeid)
        for fixtures in item._fixtureinfo.name2fixturedefs.values():  # type: ignore[attr-defined]
            for fixture in fixtures:
                self._users[_name(fixture)].add(item.nodeid)
        self._enter(item.nodeid)
        yield
        self._leave()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        self._enter(_name(fixturedef))
        yield
        self._leave()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        found: dict[str, dict[int, list[str]]] = {}
        data = self._coverage.get_data()
        for file in data.measured_files():
            lines = found.setdefault(str(Path(file).relative_to(Path.cwd())), {})
            for line, contexts in data.contexts_by_lineno(file).items():
                tests = set().union(*(self._users.get(context, ()) for context in contexts))
                lines[line] = sorted(tests, key=lambda test: self._seconds[test])
        text = json.dumps({"lines": found, "seconds": self._seconds})
        self._out.write_text(text, encoding="utf-8")

    def _enter(self, context: str) -> None:
        self._contexts.append(context)
        self._coverage.switch_context(context)

    def _leave(self) -> None:
        self._contexts.pop()
        self._coverage.switch_context(self._contexts[-1])


def _name(fixture: Any) -> str:
    return f"fixture {fixture.baseid} {fixture.argname}"


def pytest_configure(config: pytest.Config) -> None:
    """Take part in a run, as `-p tests.mutation.impact`; IMPACT says where the result goes."""
    config.pluginmanager.register(Impact(Path(os.environ["IMPACT"])))
