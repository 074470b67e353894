"""ZigZag on a folder that `peers.py` has filled: latency and energy. Runs in its environment.

    python run_zigzag.py FOLDER

The machine is the analog in-memory one that comes with ZigZag (128 x 128, converters of 8 bits),
with its mapping, searched for the lowest latency. Prints a line of JSON.
"""

import contextlib
import json
import logging
import sys
from importlib.metadata import version
from pathlib import Path

import zigzag
from inputs import WORKLOAD
from measure import spent
from zigzag.api import get_hardware_performance_zigzag


def main(folder: Path) -> None:
    """Search mappings of the network once."""
    logging.disable(logging.WARNING)
    inputs, found = Path(zigzag.__file__).parent / "inputs", {}

    def work() -> None:
        energy_pj, cycles, clock_ns, *_ = get_hardware_performance_zigzag(
            str(folder / WORKLOAD),
            str(inputs / "hardware" / "aimc.yaml"),
            str(inputs / "mapping" / "default_imc.yaml"),
            opt="latency",
            in_memory_compute=True,
            dump_folder=str(folder / "zigzag"),
            pickle_filename=str(folder / "zigzag" / "models.pickle"),
            loma_show_progress_bar=False,
        )
        found.update(energy_pJ=float(energy_pj), cycles=int(cycles), clock_ns=float(clock_ns))

    with contextlib.redirect_stdout(sys.stderr):
        used = spent(work)
    print(json.dumps(used | found | {"version": version("zigzag-dse")}))


main(Path(sys.argv[1]))
