"""How fast the macrospin is: magnet-steps a second, compiled and in plain NumPy, in one run.

    python benchmarks/device.py [--magnets 16384] [--steps 4000] [--repeats 5]

A magnet-step is one Heun step of one magnet, with all fields. Prints the median (lowest to
highest) over the repeats, the ratio to NumPy, and the machine. Compilation is not counted.
Nothing here is a pass or a fail.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from accelsim.config import load_machine
from accelsim.device import Drive, Ensemble, IrmenDevice, Magnet
from accelsim.device.reference import heun_step

DT = 1e-12
# NumPy is slow: it gets fewer magnets (which fit its cache better) and steps.
NUMPY_MAGNETS, NUMPY_STEPS = 2048, 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--magnets", type=int, default=16384)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    cores = os.cpu_count() or 1
    print(f"{cores} cores, {_processor()}, Python {platform.python_version()}")
    print(f"numpy {np.__version__}; state in float64, thermal draws in float32 (numba)")
    magnet = IrmenDevice.of(load_machine("irmen").cell).magnet
    for hot in (False, True):
        print("with thermal field" if hot else "without thermal field")
        plain = _measure(args.repeats, lambda hot=hot: _numpy(magnet, hot))
        _show("plain NumPy, 1 thread", plain, plain)
        for threads in sorted({1, cores}):
            compiled = _measure(
                args.repeats,
                lambda hot=hot, threads=threads: _numba(
                    magnet, hot, threads, args.magnets, args.steps
                ),
            )
            _show(f"compiled, {threads} thread{'s' if threads > 1 else ''}", compiled, plain)


def _numba(magnet: Magnet, hot: bool, threads: int, magnets: int, steps: int) -> float:
    ensemble = Ensemble(magnet, magnets, DT, seed=1 if hot else None, threads=threads)
    ensemble.run(Drive.constant(0.02, 2))
    start = time.perf_counter()
    ensemble.run(Drive.constant(0.02, steps))
    return magnets * steps / (time.perf_counter() - start)


def _numpy(magnet: Magnet, hot: bool) -> float:
    random, sigma = np.random.default_rng(1), magnet.thermal_field(DT)
    m = np.repeat([[0.8], [0.6], [0.0]], NUMPY_MAGNETS, axis=1)
    still = np.zeros_like(m)
    start = time.perf_counter()
    for _ in range(NUMPY_STEPS):
        thermal = sigma * random.standard_normal(m.shape) if hot else still
        m = heun_step(magnet, DT, m, (0.02, 0.02), thermal)
    return NUMPY_MAGNETS * NUMPY_STEPS / (time.perf_counter() - start)


def _measure(repeats: int, run: Callable[[], float]) -> list[float]:
    return [run() for _ in range(repeats)]


def _show(name: str, rates: list[float], plain: list[float]) -> None:
    median, low, high = (f(rates) / 1e6 for f in (statistics.median, min, max))
    ratio = statistics.median(rates) / statistics.median(plain)
    print(f"  {name:24s} {median:8.2f} M magnet-steps/s ({low:.2f} to {high:.2f}), {ratio:.0f} x")


def _processor() -> str:
    """Return the processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
