"""Runs cases by chance; prints each that differs, and how many there were."""

import argparse
import sys
import time

from tests.forward import __doc__ as about
from tests.forward.cases import make, run, without_steps


def main() -> None:
    """Run cases; exit 1 if one differs."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.forward",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="of the first case; counts up")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no case later")
    args = parser.parse_args()
    done = wrong = jumped = skipped = images = 0
    until = time.monotonic() + args.seconds
    for seed in range(args.seed, args.seed + args.cases):
        if time.monotonic() > until:
            break
        done += 1
        case = make(seed)
        one, other = run(case, fast_forward=True), run(case, fast_forward=False)
        jumped += one.skipped > 0
        skipped, images = skipped + one.skipped, images + len(case.stream)
        summed = run(case, fast_forward=seed % 2 == 0, traced=False)
        if summed.plain != without_steps(one.plain):
            wrong += 1
            print(f"seed {seed} differs in sums of batches: {case.shown}")
        if (one.trace, one.plain) != (other.trace, other.plain):
            wrong += 1
            parts = [name for name, value in one.plain.items() if value != other.plain.get(name)]
            print(f"seed {seed} differs in {', '.join(parts) or 'its trace'}: {case.shown}")
    print(
        f"{done} cases, {wrong} differ; {jumped} skipped something, "
        f"{skipped} of {images} images in all"
    )
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
