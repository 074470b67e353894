"""Run accelsim on a folder that `peers.py` has filled.

    python run_accelsim.py FOLDER schedule|values

schedule: compiles, and runs an image event by event with ledger. values: classifies the images with
all effects; the second pass is timed. Prints a line of JSON.
"""

import json
import sys
from pathlib import Path

import numpy as np
from inputs import IMAGES, NETWORK
from measure import spent

import accelsim
from accelsim.compiler import compile_network
from accelsim.config import Machine
from accelsim.model import Stream
from accelsim.network import Network, load_weights
from accelsim.records import StepTimes
from accelsim.simulation import run_events
from accelsim.values import Cells, Effects, compute_values


def schedule(machine: Machine, network: Network, _: Path) -> dict:
    """Compile and run one image."""
    found = {}

    def work() -> None:
        program = compile_network(network, machine)
        run = run_events(machine, program, Stream.at_once(range(1)), fast_forward=False)
        found.update(run=run, steps=len(program.instructions))

    used, run = spent(work), found["run"]
    cycles = max(row.t_end_ps for row in run.schedule) // run.period_ps
    return used | {
        "cycles": cycles,
        "energy_pJ": run.ledger.total_aJ / 1e6,
        "clock_ns": run.period_ps / 1000,
        "steps": found["steps"],
    }


def values(machine: Machine, network: Network, folder: Path) -> dict:
    """Classify the images on cells with all effects."""
    program, weights = (
        compile_network(network, machine),
        load_weights(network.weights_file, network),
    )
    given = np.load(folder / IMAGES)
    pixels, labels = given["images"], given["labels"]
    numbers = np.arange(len(pixels))
    # As if each step began when the one before was written: ages of values, nothing else.
    issued = np.tile(3000 * np.arange(len(program.instructions)), (len(pixels), 1))
    times = StepTimes(issued, issued + 1000, issued + 3000, numbers - 1)
    cells = Cells(Effects.of(machine, seed=0), times, machine.arrays.fan_in.value)
    found = {}

    def work() -> None:
        found["right"] = compute_values(
            program, network, weights, pixels, numbers, labels, cells
        ).accuracy

    work()
    return spent(work) | found


def main(folder: Path, task: str) -> None:
    """Run a task, and print."""
    given = json.loads((folder / NETWORK).read_text())
    changes = given["machine"] | ({"effects.active": "all"} if task == "values" else {})
    machine = accelsim.load_machine("irmen", changes)
    network = accelsim.load_network(given["network"])
    found = {"schedule": schedule, "values": values}[task](machine, network, folder)
    print(json.dumps(found | {"version": accelsim.__version__}))


main(Path(sys.argv[1]), sys.argv[2])
