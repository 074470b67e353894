"""Kills commands at random moments, and prints what does not hold."""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

import accelsim
from tests.kill import __doc__ as about
from tests.kill.harness import JOBS, duration, kill, moments


def main() -> None:
    """Kill so many commands, those of each job in turn; exit 1 if one leaves what it should not."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.kill",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=JOBS, action="append", help="a job; repeatable")
    args = parser.parse_args()
    chance, names = random.Random(args.seed), args.only or list(JOBS)
    done = found = 0
    with tempfile.TemporaryDirectory(prefix="kill-") as place:
        run = Path(place) / "run"
        accelsim.simulate(accelsim.load_machine(), accelsim.load_network(), 300, outdir=run)
        for name in names:
            longest = duration(JOBS[name], run, Path(place) / "whole")
            shutil.rmtree(Path(place) / "whole")
            for after in moments(chance, longest, -(-args.kills // len(names))):
                fault = kill(JOBS[name], run, Path(place) / "one", after)
                shutil.rmtree(Path(place) / "one")
                done += 1
                found += bool(fault)
                if fault:
                    print(f"{name} after {after:.3f} s: {fault}", flush=True)
            print(f"{name}: {longest:.1f} s, done", flush=True)
    print(f"{done} kills, {found} defects")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
