"""Runs cases by chance; prints each that shows a defect, and how many there were."""

import argparse
import contextlib
import random
import shutil
import sys
import tempfile
import time
from collections import Counter

from tests.fuzz import __doc__ as about
from tests.fuzz.oracle import fault_of
from tests.fuzz.targets import TARGETS


def main() -> None:
    """Run cases until there are enough or the time is over; exit 1 if one shows a defect."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cases", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0, help="of the first case; counts up")
    parser.add_argument("--only", choices=TARGETS, action="append", help="a kind; repeatable")
    args = parser.parse_args()
    kinds = args.only or list(TARGETS)
    until = time.monotonic() + (float("inf") if args.cases else args.seconds)
    done, found = Counter[str](), 0
    # Of its own: what others leave among the temporary files is not looked at.
    tempfile.tempdir = tempfile.mkdtemp(prefix="fuzz-")
    while time.monotonic() < until and (not args.cases or done.total() < args.cases):
        kind = kinds[done.total() % len(kinds)]
        seed = args.seed + done.total()
        fault = try_case(kind, seed)
        done[kind] += 1
        if fault:
            found += 1
            print(f"{kind} {seed}: {fault}", flush=True)
    shutil.rmtree(tempfile.tempdir)
    print(f"{done.total()} cases ({dict(done)}), {found} defects")
    sys.exit(bool(found))


def try_case(kind: str, seed: int) -> str:
    """Make a case of a kind in a folder of its own; return what is wrong, or ""."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, contextlib.chdir(folder):
        arguments, made = TARGETS[kind](random.Random(f"{kind} {seed}"))
        fault = fault_of(arguments, made)
    return f"{' '.join(map(ascii, arguments))[:300]}: {fault}" if fault else ""


if __name__ == "__main__":
    main()
