"""Runs the tests of a mutant in a copy of the checkout."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from queue import SimpleQueue

from tests.mutation.mutants import Mutant

ROOT = Path(__file__).resolve().parent.parent.parent
_FIGURES = (
    "tests/model/test_reference.py",
    "tests/model/test_charge_in_flight.py",
    "tests/model/test_arrivals.py",
    "tests/analysis/test_derived_figures.py",
)
TESTS = {
    "kernel": ("tests/kernel", "tests/model"),
    "model": ("tests/model", "tests/kernel", *_FIGURES),
    "records": ("tests/records", "tests/model", "tests/forward"),
    "energy": ("tests/energy", "tests/forward", *_FIGURES),
    "compiler": ("tests/compiler", "tests/ops", "tests/model/test_hand_cases.py", *_FIGURES),
    "values": ("tests/values",),
    "analysis": (
        "tests/analysis",
        "tests/model/test_hand_programs.py",
        "tests/values/test_effects.py",
        *_FIGURES,
    ),
    "trace": ("tests/trace",),
    "topology.py": ("tests/test_topology.py", "tests/model", "tests/timeline/test_parts.py"),
}
"""Tests that belong to each package."""
SLOWEST_FACTOR = 10
LONGEST = 60  # seconds that a test takes at most

_MOST_TESTS = 400
_IGNORED = (".git", ".venv", "__pycache__", "*.egg-info", ".*_cache")


class Runner:
    """Copies of the checkout, and what the tests of some packages run."""

    def __init__(self, folder: Path, copies: int, packages: Iterable[str]) -> None:
        self._copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(copies):
            copy = folder / str(number)
            shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_IGNORED))
            self._copies.put(copy)
        self._impact = {name: self._learn(folder / f"{name}.json", name) for name in packages}

    def survives(self, mutant: Mutant) -> bool:
        """Tell whether all tests that run the lines of a mutant pass with it."""
        relative = mutant.file.relative_to(ROOT)
        package = relative.parts[1]
        tests, seconds = self._tests(package, str(relative), mutant)
        copy = self._copies.get()
        target = copy / relative
        original = target.read_text(encoding="utf-8")
        target.write_text(mutant.source(), encoding="utf-8")
        try:
            done = _pytest(copy, tests, timeout=60 + SLOWEST_FACTOR * seconds)
        except subprocess.TimeoutExpired:
            return False
        finally:
            target.write_text(original, encoding="utf-8")
            self._copies.put(copy)
        return done == 0

    def _tests(self, package: str, file: str, mutant: Mutant) -> tuple[list[str], float]:
        """Return tests, quickest first, and how long they took; all if none is known to."""
        impact = self._impact[package]
        lines = impact["lines"].get(file, {})
        found: dict[str, None] = {}
        for line in range(mutant.line, mutant.end + 1):
            found |= dict.fromkeys(lines.get(str(line), ()))
        seconds = impact["seconds"]
        tests = sorted(found, key=lambda test: seconds[test])
        if tests and len(tests) <= _MOST_TESTS:
            return tests, sum(seconds[test] for test in tests)
        return _present(TESTS[package]), sum(seconds.values())

    def _learn(self, out: Path, package: str) -> dict[str, dict[str, dict[str, list[str]]]]:
        copy = self._copies.get()
        options = ["-p", "tests.mutation.impact", *_present(TESTS[package])]
        code = _pytest(copy, options, timeout=3600, impact=str(out))
        self._copies.put(copy)
        if code:
            raise SystemExit(f"the tests of {package} fail without any mutant")
        found: dict[str, dict[str, dict[str, list[str]]]] = json.loads(out.read_text())
        return found


def _present(tests: Iterable[str]) -> list[str]:
    return [test for test in dict.fromkeys(tests) if (ROOT / test).exists()]


def _pytest(copy: Path, arguments: list[str], timeout: float, impact: str = "") -> int:
    command = [
        sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider",
        "-o", f"faulthandler_timeout={LONGEST}", "-o", "faulthandler_exit_on_timeout=true",
    ]  # fmt: skip
    environment = os.environ | {
        "PYTHONPATH": str(copy), "IMPACT": impact, "PYTHONDONTWRITEBYTECODE": "1"
    }  # fmt: skip
    with subprocess.Popen(
        [*command, *arguments],
        cwd=copy,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            raise
