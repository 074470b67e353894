"""Mutates the package and looks whether a test notices: a test that no mutant fails is no test.

    python -m tests.mutation model energy                  # every mutant of accelsim/model, ...
    python -m tests.mutation model --sample 60 --seed 1    # some of them
    python -m tests.mutation kernel/resource.py --jobs 2 --log mutants.jsonl

Works on copies of the checkout, never in place. The tests that belong to a package run once,
to learn which lines each of them runs (that takes `pip install coverage`). Then one mutant at
a time is put into a copy, and the tests that run its lines go on until the first one fails.
Printed are the mutants that no test noticed, with line and change, and the score by package.
A mutant whose tests take too long is noticed. With --log, what is known is not tried again.

A script of its own: mutmut (3.8.1) leaves out decorated functions other than static and class
methods, so properties, too; cosmic-ray (8.7.0) runs one fixed test command for every mutant,
and does not choose tests by the lines that they run.
"""

import argparse
import json
import random
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.runner import ROOT, TESTS, Runner


def main() -> None:
    """Run mutants, print survivors and scores."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("parts", nargs="+", help=f"packages ({', '.join(TESTS)}) or files of them")
    parser.add_argument("--sample", type=int, help="take so many of the mutants of each part")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--log", type=Path, help="file of results, one a line, to go on from")
    parser.add_argument("--list", action="store_true", help="print the mutants, run none")
    args = parser.parse_args()
    chosen: list[Mutant] = []
    for part in args.parts:
        path = ROOT / "accelsim" / part
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        found = [mutant for file in files for mutant in mutants(file)]
        sample = min(args.sample or len(found), len(found))
        chosen += random.Random(args.seed).sample(found, sample)
    if args.list:
        for mutant in chosen:
            print(_name(mutant))
        return
    known = _known(args.log)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(args.jobs) as pool:
        runner = Runner(Path(folder), args.jobs, {_package(mutant) for mutant in chosen})

        def survives(mutant: Mutant) -> bool:
            name = _name(mutant)
            if name not in known:
                known[name] = runner.survives(mutant)
                if args.log:
                    with args.log.open("a", encoding="utf-8") as log:
                        log.write(json.dumps([name, known[name]]) + "\n")
            if known[name]:
                print(f"alive: {name}\n{mutant.diff()}", flush=True)
            return known[name]

        alive = Counter(
            _package(mutant)
            for mutant, is_alive in zip(chosen, pool.map(survives, chosen), strict=True)
            if is_alive
        )
    for package, number in Counter(map(_package, chosen)).items():
        print(f"{package}: {number - alive[package]} of {number} mutants noticed")


def _package(mutant: Mutant) -> str:
    return mutant.file.relative_to(ROOT / "accelsim").parts[0]


def _name(mutant: Mutant) -> str:
    where = mutant.file.relative_to(ROOT)
    return f"{where}:{mutant.line}: {mutant.what} (#{mutant.place}.{mutant.change})"


def _known(log: Path | None) -> dict[str, bool]:
    if log is None or not log.exists():
        return {}
    return dict(json.loads(line) for line in log.read_text(encoding="utf-8").splitlines())


if __name__ == "__main__":
    main()
