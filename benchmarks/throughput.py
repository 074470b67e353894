"""How fast the simulator is: images a second of the event-driven part and of the values.

    python benchmarks/throughput.py [--images 10000] [--repeats 5]

Prints each figure as median (lowest to highest) over the repeats, the machine it ran on,
and the peak memory of the process. Nothing here is a pass or a fail.
"""

import argparse
import resource
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    print(describe())
    machine, network = accelsim.load_machine("irmen"), accelsim.load_network("mnist")
    program = compile_network(network, machine)
    prices = machine.energy.prices_aJ()

    def events(sinks: list) -> None:
        arrivals = [Arrival(number, 0) for number in range(args.images)]
        Accelerator(Design.of(machine), program, arrivals, sinks).run()

    def traced() -> None:
        with tempfile.TemporaryDirectory() as folder:
            trace = ParquetTrace(Path(folder) / "trace.parquet")
            tallies = [Tally(prices), TimesTally(), ScheduleTally(0, 1)]
            events([Pricing(prices, [*tallies, trace])])

    weights, dataset = load_weights(network.weights_file, network), open_dataset(network)
    pixels = dataset.images[: args.images]
    numbers = np.arange(len(pixels))
    _measure("events alone, no sinks", lambda: events([]), args)
    _measure("events, ledger and trace to disk", traced, args)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory so far':<36} {peak:.0f} MiB")
    issued = np.tile(3000 * np.arange(len(program.instructions)), (len(pixels), 1))
    times = StepTimes(issued, issued + 1000, issued + 3000, np.arange(len(pixels)) - 1)
    effects = Effects.of(accelsim.load_machine("irmen", {"effects.active": "all"}), seed=0)

    def values(cells: Cells | None) -> None:
        compute_values(program, network, weights, pixels, numbers, cells=cells)

    _measure("values, effects off", lambda: values(None), args)
    _measure("values, all effects", lambda: values(Cells(effects, times, 4)), args)


def _measure(name: str, work: Callable[[], object], args: argparse.Namespace) -> None:
    show(name, rates(work, args.images, args.repeats))


if __name__ == "__main__":
    main()
