"""What the benchmarks share: a rate with its spread, and the machine it was measured on."""

import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path


def rates(work: Callable[[], object], images: int, repeats: int) -> list[float]:
    """Return the images a second of each repeat, in order."""
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        found.append(images / (time.perf_counter() - start))
    return found


def show(name: str, found: list[float]) -> float:
    """Print the median of some rates, lowest to highest; return it."""
    middle = statistics.median(found)
    print(f"{name:<36} {middle:,.0f} images/s ({min(found):,.0f} to {max(found):,.0f})")
    return middle


def machine() -> str:
    """Return what the benchmark runs on, in a line."""
    return f"{os.cpu_count()} cores, {_processor()}, Python {platform.python_version()}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
