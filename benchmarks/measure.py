"""What the benchmarks share: a rate with its spread, and the machine it was measured on.

Needs the standard library alone: `peer/` loads it in environments of other simulators.
"""

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


def spent(work: Callable[[], object]) -> dict[str, float]:
    """Return CPU and wall seconds that work takes, and its process's peak memory so far, MiB."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return {
        "cpu_s": time.process_time() - processor,
        "wall_s": time.perf_counter() - wall,
        "peak_MiB": _peak_kib() / 1024,
    }


def machine() -> str:
    """Return what the benchmark runs on, in a line."""
    return f"{os.cpu_count()} cores, {_processor()}, Python {platform.python_version()}"


def _peak_kib() -> int:
    # Not ru_maxrss, which is at least what the process held that started this one.
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
