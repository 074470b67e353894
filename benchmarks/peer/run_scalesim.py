"""SCALE-Sim on a folder that `peers.py` has filled: cycles of each layer. Runs in its environment.

    python run_scalesim.py FOLDER

Prints a line of JSON.
"""

import contextlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

from inputs import CONFIG, LAYOUT, TOPOLOGY, scalesim_cycles
from measure import spent
from scalesim.scale_sim import scalesim


def main(folder: Path) -> None:
    """Run the network once, without traces on disk."""

    def work() -> None:
        simulator = scalesim(
            save_disk_space=True,
            verbose=False,
            config=str(folder / CONFIG),
            topology=str(folder / TOPOLOGY),
            layout=str(folder / LAYOUT),
        )
        simulator.run_scale(top_path=str(folder))

    # It prints bars of progress.
    with contextlib.redirect_stdout(sys.stderr):
        used = spent(work)
    cycles = scalesim_cycles((folder / "run" / "COMPUTE_REPORT.csv").read_text())
    found = {"version": version("scalesim"), "cycles": sum(cycles), "layers": len(cycles)}
    print(json.dumps(used | found))


main(Path(sys.argv[1]))
