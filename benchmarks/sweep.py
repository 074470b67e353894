"""How fast a sweep is: points a second by workers, and what a point costs beside itself.

    python benchmarks/sweep.py [--points 400] [--repeats 3]

Every point is another machine, so that each is loaded, compiled and simulated. Beside points a
second stands the processor time of this process for a point. In a loop that is the point itself,
without chunks, data set or workers. Without workers it is that and the overhead; with workers it is
the overhead alone. Workers are started, and have evaluated a point, before the clock runs. In
turns, so that other work of the computer falls on all alike; medians. Nothing here is a pass or a
fail.
"""

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from measure import machine as describe

from accelsim.sweeps.crew import Crew, crew_of
from accelsim.sweeps.points import points_of
from accelsim.sweeps.space import Space, load_space
from accelsim.sweeps.sweeping import Plan, Sweeping
from accelsim.sweeps.work import bench_of, release

Times = tuple[float, float]
"""Seconds, and those of the processor for this process."""
SPACE = """
axes:
  energy.issue: {{from: {first} fJ, to: {last} fJ, points: {points}}}
values: false
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=400)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    print(describe())
    found: dict[str, list[Times]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        space, other = _space(folder, args.points, 1), _space(folder, 4, 10**6)
        crews = {number: stack.enter_context(crew_of(number)) for number in (0, 1, 2)}
        for number, crew in crews.items():
            _swept(other, folder / f"other-{number}", crew)
        for repeat in range(args.repeats):
            found["in a loop"].append(_looped(space))
            for number, crew in crews.items():
                kind = f"{number} workers" if number != 1 else "1 worker"
                found[kind].append(_swept(space, folder / f"{repeat}-{number}", crew))
    for kind, times in found.items():
        seconds, busy = (statistics.median(each) for each in zip(*times, strict=True))
        print(
            f"{kind:<12} {args.points / seconds:8.1f} points/s  "
            f"{1e3 * busy / args.points:6.2f} ms of this process a point"
        )


def _space(folder: Path, points: int, first: int) -> Space:
    path = folder / f"space-{first}.yaml"
    path.write_text(SPACE.format(first=first, last=first + points - 1, points=points))
    return load_space(path)


def _looped(space: Space) -> Times:
    """Return the times of the points alone, in a loop."""
    setting = Sweeping(space, Path("nowhere"), Plan()).setting
    points, bench = points_of(space), bench_of(setting)
    begin = _now()
    for point in points:
        bench.row(point)
    times = _since(begin)
    release()
    return times


def _swept(space: Space, folder: Path, crew: Crew) -> Times:
    """Return the times of a sweep, from its points to its data set."""
    sweeping = Sweeping(space, folder, Plan())
    begin = _now()
    sweeping.run(crew, lambda _what, _done, _total: None)
    return _since(begin)


def _now() -> Times:
    return time.perf_counter(), time.process_time()


def _since(begin: Times) -> Times:
    return time.perf_counter() - begin[0], time.process_time() - begin[1]


if __name__ == "__main__":
    main()
