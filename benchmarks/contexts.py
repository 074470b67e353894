"""How time and memory grow with images in flight (`sequencer.contexts`), event by event.

    python benchmarks/contexts.py [--contexts 1,16,256,2048] [--images 1000]

For each number of contexts, in a process of its own: records of the run, seconds of the processor
without the time to start, and peak memory; for events alone (no sinks), with ledger and figures,
and with the trace to disk. All images are there from the begin, so that every context has one and
waits: a context that waits has a record for each thing it waits for, which is what grows.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time

from measure import machine as describe

import accelsim
from accelsim.compiler import compile_network
from accelsim.model import Accelerator, Design, Stream
from accelsim.simulation import run_events
from accelsim.trace import ParquetTrace

EVENTS, FIGURES, TRACED = "events", "figures", "trace"


def main() -> None:
    """Measure each number of contexts, and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--contexts", default="1,16,256,2048")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--only", choices=(EVENTS, FIGURES, TRACED), help=argparse.SUPPRESS)
    args = parser.parse_args()
    numbers = [int(each) for each in args.contexts.split(",")]
    if args.only:
        print(_measured(args.only, numbers[0], args.images))
        return
    print(describe())
    print(f"{'contexts':>8} {'records':>11} {'events':>16} {'figures':>16} {'trace':>16}")
    for number in numbers:
        found = [_in_a_process(only, number, args.images) for only in (EVENTS, FIGURES, TRACED)]
        each = " ".join(f"{seconds:>6} s {memory:>4} MiB" for _, seconds, memory in found)
        print(f"{number:>8} {int(found[-1][0]):>11,} {each}", flush=True)


def _in_a_process(only: str, contexts: int, images: int) -> list[str]:
    command = [sys.executable, __file__, "--only", only]
    command += ["--contexts", str(contexts), "--images", str(images)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout.split()


def _measured(only: str, contexts: int, images: int) -> str:
    changes = {"sequencer.contexts": contexts, "banks.planes": max(4, 2 * contexts)}
    machine = accelsim.load_machine("irmen", changes)
    program = compile_network(accelsim.load_network("mnist"), machine)
    stream, records = Stream.at_once(range(images)), 0
    start = time.process_time()
    if only == EVENTS:
        Accelerator(Design.of(machine), program, stream, fast_forward=False).run()
    else:
        with tempfile.TemporaryFile() as file:
            trace = ParquetTrace(file) if only == TRACED else None
            found = run_events(machine, program, stream, trace=trace, fast_forward=False)
        records = found.ledger.records
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return f"{records} {seconds:.1f} {memory}"


if __name__ == "__main__":
    main()
