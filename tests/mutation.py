"""Mutates the package and looks whether a test notices: a test that no mutant fails is no test.

    python tests/mutation.py model energy                  # every mutant of accelsim/model, ...
    python tests/mutation.py model --sample 60 --seed 1    # some of them
    python tests/mutation.py kernel/resource.py --jobs 2

Works on a copy of the checkout, never in place. One mutant at a time is put into the copy, and
the tests that belong to its package run until the first one fails. Printed are the mutants that
no test noticed, with their line, and the score. A mutant whose tests take too long is noticed.

A script of its own: mutmut and cosmic-ray run one command for the whole project, here minutes
long for each of thousands of mutants, and know no map from packages to tests.
"""

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parent.parent
TESTS = {
    "kernel": ("tests/kernel", "tests/model"),
    "model": ("tests/model", "tests/kernel", "tests/analysis/test_derived_figures.py"),
    "records": ("tests/model/test_trace_stream.py", "tests/model", "tests/records"),
    "energy": ("tests/energy", "tests/model/test_reference.py", "tests/model"),
    "compiler": ("tests/compiler", "tests/ops", "tests/model"),
    "values": ("tests/values",),
    "analysis": ("tests/analysis",),
    "trace": ("tests/trace",),
    "topology.py": ("tests/test_topology.py", "tests/model", "tests/timeline/test_parts.py"),
}
"""Tests of each package, those that notice most first."""
TIMEOUT_S = 300

_COMPARE = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_BINARY = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Mod: ast.Mult, ast.Div: ast.Mult,
}  # fmt: skip
_CALLS = {"min": "max", "max": "min", "all": "any", "any": "all"}
# What only speaks to people, or is there for the type checker.
_UNSPOKEN = {"unrest", "__repr__", "__str__", "step_of"}


@dataclass(frozen=True)
class Mutant:
    """One change of one file."""

    file: Path
    line: int
    what: str
    source: str


def mutants(file: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = list(_nodes(tree))
    for place, node in enumerate(nodes):
        for change in range(_changes(node)):
            mutated = copy.deepcopy(tree)
            target = list(_nodes(mutated))[place]
            what = _mutate(target, change)
            if what:
                source = ast.unparse(ast.fix_missing_locations(mutated))
                yield Mutant(file, node.lineno, what, source)


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that may be mutated: code, not annotations, messages or declarations."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Raise | ast.Assert | ast.JoinedStr | ast.Import | ast.ImportFrom):
            continue
        if isinstance(child, ast.FunctionDef) and child.name in _UNSPOKEN:
            continue
        if isinstance(child, ast.arg | ast.arguments | ast.alias):
            continue
        if isinstance(child, ast.AnnAssign):
            if child.value is not None:
                yield from _nodes(ast.Module([ast.Expr(child.value)], []))
            continue
        if isinstance(child, ast.Assign) and _is_slots(child):
            continue
        if hasattr(child, "lineno"):
            yield child
        yield from _nodes(child)


def _is_slots(node: ast.Assign) -> bool:
    return any(isinstance(name, ast.Name) and name.id == "__slots__" for name in node.targets)


def _changes(node: ast.AST) -> int:
    return 2 if isinstance(node, ast.Compare) else 1


def _mutate(node: ast.AST, change: int) -> str:  # noqa: C901, PLR0911 - a table in code
    """Change a node; return what was changed, "" if nothing can be."""
    match node:
        case ast.Compare(ops=[operator]) if change == 0 and type(operator) in _COMPARE:
            node.ops = [_COMPARE[type(operator)]()]
            return f"{type(operator).__name__} -> {type(node.ops[0]).__name__}"
        case ast.BinOp(op=operator) if type(operator) in _BINARY:
            node.op = _BINARY[type(operator)]()
            return f"{type(operator).__name__} -> {type(node.op).__name__}"
        case ast.AugAssign(op=operator) if type(operator) in _BINARY:
            node.op = _BINARY[type(operator)]()
            return f"{type(operator).__name__} -> {type(node.op).__name__}"
        case ast.BoolOp(op=operator):
            node.op = ast.Or() if isinstance(operator, ast.And) else ast.And()
            return f"{type(operator).__name__} -> {type(node.op).__name__}"
        case ast.IfExp() | ast.If() | ast.While() if not isinstance(node.test, ast.Compare):
            node.test = ast.UnaryOp(ast.Not(), node.test)
            return "condition negated"
        case ast.Constant(value=bool() as value):
            node.value = not value
            return f"{value} -> {not value}"
        case ast.Constant(value=int() as value):
            node.value = value + 1
            return f"{value} -> {value + 1}"
        case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
            node.func = ast.Name(_CALLS[name], ast.Load())
            return f"{name} -> {_CALLS[name]}"
        case ast.Call(func=ast.Name(id="sorted" | "min" | "max"), keywords=[_, *_]):
            node.keywords = [each for each in node.keywords if each.arg != "key"]
            return "key dropped"
        case ast.Expr(value=ast.Call()):
            call = ast.unparse(node.value)
            node.value = ast.Constant(None)
            return f"dropped: {call:.60}"
        case ast.Assign(targets=[ast.Attribute()]):
            text = ast.unparse(node)
            node.targets = [ast.Name("_dropped", ast.Store())]
            return f"dropped: {text:.60}"
    return ""


def survives(mutant: Mutant, checkout: Path) -> bool:
    """Tell whether the tests of a mutant's package pass with it."""
    relative = mutant.file.relative_to(ROOT)
    tests = next(tests for name, tests in TESTS.items() if relative.parts[1] == name)
    target = checkout / relative
    original = target.read_text(encoding="utf-8")
    target.write_text(mutant.source, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider"]
    try:
        done = subprocess.run(
            [*command, *(test for test in tests if (checkout / test).exists())],
            cwd=checkout,
            env=os.environ | {"PYTHONPATH": str(checkout), "HYPOTHESIS_PROFILE": "default"},
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    finally:
        target.write_text(original, encoding="utf-8")
    return done.returncode == 0


def main() -> None:
    """Run mutants, print survivors and the score."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="+", help=f"packages ({', '.join(TESTS)}) or files of them")
    parser.add_argument("--sample", type=int, help="take so many of the mutants")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    args = parser.parse_args()
    files = []
    for part in args.parts:
        path = ROOT / "accelsim" / part
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    found = [mutant for file in files for mutant in mutants(file)]
    if args.sample and args.sample < len(found):
        found = random.Random(args.seed).sample(found, args.sample)
    with tempfile.TemporaryDirectory() as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(args.jobs):
            ignored = shutil.ignore_patterns(".git", ".venv", "runs", "__pycache__", "*.egg-info")
            copies.put(shutil.copytree(ROOT, Path(folder) / str(number), ignore=ignored))

        def one(mutant: Mutant) -> bool:
            checkout = copies.get()
            try:
                alive = survives(mutant, checkout)
            finally:
                copies.put(checkout)
            if alive:
                where = mutant.file.relative_to(ROOT)
                print(f"alive: {where}:{mutant.line}: {mutant.what}", flush=True)
            return alive

        with ThreadPoolExecutor(args.jobs) as pool:
            alive = sum(pool.map(one, found))
    print(f"{len(found) - alive} of {len(found)} mutants noticed")


if __name__ == "__main__":
    main()
