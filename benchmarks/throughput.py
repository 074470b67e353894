"""How fast the simulator is: images a second of the event-driven part and of the values.

    python benchmarks/throughput.py [--images 10000] [--repeats 5]
    python benchmarks/throughput.py --beside CHECKOUT     # another version, in the same run

Prints each figure as median (lowest to highest) over the repeats, the machine it ran on,
and the peak memory of the process. Beside another version, the two take turns, each time in
a process of its own, and the ratio of the medians is printed. Nothing here is a pass or a fail.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from measure import machine as describe
from measure import rates, show

import accelsim
from accelsim.analysis import ScheduleTally, TimesTally
from accelsim.compiler import compile_network
from accelsim.energy import Pricing, Tally
from accelsim.model import Accelerator, Arrival, Design
from accelsim.network import load_weights, open_dataset
from accelsim.records import StepTimes
from accelsim.trace import ParquetTrace
from accelsim.values import Cells, Effects, compute_values

POISSON = "Poisson arrivals, ledger and figures"
EVENTS, TRACED = "events alone, no sinks", "events, ledger and trace to disk"
SKIPPED, SKIPPED_TRACED = "fast-forward, ledger", "fast-forward, ledger and trace to disk"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT", help="another version")
    parser.add_argument("--only", choices=(EVENTS, TRACED), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.only:
        print(rates(_work(args.images)[args.only], args.images, 1)[0])
        return
    print(describe())
    if args.beside:
        _beside(args)
        return
    for name, work in (_work(args.images) | _skipped(args.images)).items():
        _measure(name, work, args)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory so far':<36} {peak:.0f} MiB")
    _values(args)


def _work(images: int) -> dict[str, Callable[[], object]]:
    """Return what is measured of the event-driven part."""
    machine, network = accelsim.load_machine("irmen"), accelsim.load_network("mnist")
    program = compile_network(network, machine)
    # 0.1.0 had prices that did not depend on the clock.
    known = hasattr(machine, "prices_aJ")
    prices = machine.prices_aJ if known else machine.energy.prices_aJ()

    def events(sinks: list) -> None:
        arrivals = [Arrival(number, 0) for number in range(images)]
        _event_by_event(Design.of(machine), program, arrivals, sinks).run()

    def traced() -> None:
        with tempfile.TemporaryDirectory() as folder:
            trace = ParquetTrace((Path(folder) / "trace.parquet").open("wb"))
            tallies = [Tally(prices), TimesTally(), ScheduleTally(0, 1)]
            events([Pricing(prices, [*tallies, trace])])

    return {EVENTS: lambda: events([]), TRACED: traced}


def _event_by_event(*given: object) -> Accelerator:
    """Return a machine that skips nothing; earlier versions cannot skip."""
    try:
        return Accelerator(*given, fast_forward=False)
    except TypeError:
        return Accelerator(*given)


def _skipped(images: int) -> dict[str, Callable[[], object]]:
    """Return what is measured of a machine that repeats itself."""
    from accelsim.model import Stream
    from accelsim.simulation import run_events

    machine, network = accelsim.load_machine("irmen"), accelsim.load_network("mnist")
    program = compile_network(network, machine)

    def skipped() -> None:
        run_events(machine, program, Stream.at_once(range(images)))

    def traced() -> None:
        with tempfile.TemporaryDirectory() as folder:
            trace = ParquetTrace((Path(folder) / "trace.parquet").open("wb"))
            run_events(machine, program, Stream.at_once(range(images)), trace=trace)

    def poisson() -> None:
        mean_ps = 56_000  # three quarters of what the machine can take
        gaps = np.random.default_rng(0).exponential(mean_ps, images)
        run_events(machine, program, Stream(range(images), np.cumsum(gaps).astype(np.int64)))

    return {SKIPPED: skipped, SKIPPED_TRACED: traced, POISSON: poisson}


def _beside(args: argparse.Namespace) -> None:
    """Measure this version and another in turns."""
    sides = {"this version": Path(__file__).parent.parent, "the other": args.beside.resolve()}
    for name in (EVENTS, TRACED):
        found: dict[str, list[float]] = {side: [] for side in sides}
        for _ in range(args.repeats):
            for side, checkout in sides.items():
                found[side].append(_in_a_process(checkout, name, args.images))
        for side, each in found.items():
            show(f"{name}: {side}", each)
        ours, theirs = (statistics.median(each) for each in found.values())
        print(f"{'':<36} {ours / theirs:.2f} times as fast")


def _in_a_process(checkout: Path, name: str, images: int) -> float:
    command = [sys.executable, __file__, "--only", name, "--images", str(images)]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    done = subprocess.run(  # noqa: S603 - this very script
        command, env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def _values(args: argparse.Namespace) -> None:
    machine, network = accelsim.load_machine("irmen"), accelsim.load_network("mnist")
    program = compile_network(network, machine)
    weights, dataset = load_weights(network.weights_file, network), open_dataset(network)
    pixels = dataset.images[: args.images]
    numbers = np.arange(len(pixels))
    times = _one_after_another(len(program.instructions), len(pixels))
    effects = Effects.of(accelsim.load_machine("irmen", {"effects.active": "all"}), seed=0)

    def values(cells: Cells | None) -> None:
        compute_values(program, network, weights, pixels, numbers, cells=cells)

    _measure("values, effects off", lambda: values(None), args)
    _measure("values, all effects", lambda: values(Cells(effects, times, 4)), args)
    _wide_values(args)
    _cifar_values(args)


def _one_after_another(steps: int, images: int) -> StepTimes:
    """Return times of images that each wait for the one before: steps of three cycles."""
    issued = np.tile(3000 * np.arange(steps), (images, 1))
    return StepTimes(issued, issued + 1000, issued + 3000, np.arange(images) - 1)


def _cifar_values(args: argparse.Namespace) -> None:
    """Measure all effects on a network of 3x32x32 images, of random pixels as none ship."""
    changes = {"arrays.rows": 32, "arrays.cols": 32, "banks.planes": 16}
    machine = accelsim.load_machine("irmen", {**changes, "effects.active": "all"})
    network = accelsim.load_network("cifar")
    program = compile_network(network, machine)
    weights = load_weights(network.weights_file, network)
    images = max(1, args.images // 10)
    pixels = np.random.default_rng(0).integers(0, 256, (images, *network.input), np.uint8)
    times = _one_after_another(len(program.instructions), images)
    cells = Cells(Effects.of(machine, seed=0), times, machine.arrays.fan_in.value)

    def values() -> None:
        compute_values(program, network, weights, pixels, np.arange(images), cells=cells)

    show("values of network 'cifar', all effects", rates(values, images, args.repeats))


def _wide_values(args: argparse.Namespace) -> None:
    """Measure ideal cells on a network of folds and partial sums."""
    machine = accelsim.load_machine("irmen", {"banks.planes": 8})
    network = accelsim.load_network("wide")
    program = compile_network(network, machine)
    weights, dataset = load_weights(network.weights_file, network), open_dataset(network)
    pixels = dataset.images[: args.images]

    def values() -> None:
        compute_values(program, network, weights, pixels, np.arange(len(pixels)))

    _measure("values of network 'wide', effects off", values, args)


def _measure(name: str, work: Callable[[], object], args: argparse.Namespace) -> None:
    show(name, rates(work, args.images, args.repeats))


if __name__ == "__main__":
    main()
