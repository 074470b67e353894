"""Write the golden traces anew: python traces/regenerate.py.

Only after a change of the machine's meaning (design), never to make a test pass.
"""

from pathlib import Path

import accelsim
from accelsim.runs import open_source, write_golden

GOLDEN = Path(__file__).parent / "golden"
RUNS = (("irmen", "mnist"), ("charge", "mnist"))


def main() -> None:
    """Simulate one image on each machine and write its trace with provenance."""
    for machine, workload in RUNS:
        result = accelsim.simulate(
            accelsim.load_machine(machine), accelsim.load_network(workload), images=1
        )
        path = GOLDEN / f"{machine}-{workload}.csv"
        notes = [
            "Image 0. Made by traces/regenerate.py.",
            "The steps, cycles and counts were checked by hand against the design's table of steps",
            "(tests/model/test_reference.py holds that table as literals).",
        ]
        write_golden(path, open_source(result), notes)
        print(f"{path}: {result.trace.num_rows} records")


if __name__ == "__main__":
    main()
