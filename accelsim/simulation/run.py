"""Runs a machine on a network: compile, simulate, compute values, check, write."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa

from accelsim.analysis import ScheduleTally, StepTimesTally, TimesTally, compute_stats
from accelsim.compiler import Program, compile_network, count, program_json
from accelsim.config import Machine, resolved_yaml
from accelsim.energy import Ledger, Priced, PricedSink, Pricing, Tally
from accelsim.errors import ReconciliationError
from accelsim.model import Accelerator, Arrival, Design
from accelsim.network import Network
from accelsim.records import KINDS
from accelsim.simulation.images import Images, select_images
from accelsim.simulation.result import Result
from accelsim.simulation.rundir import (
    CONFIG,
    LEDGER,
    PROGRAM,
    STATS,
    TRACE,
    RunDirectory,
    sha256,
)
from accelsim.trace import ParquetTrace, TableTrace, read_parquet
from accelsim.values import Cells, Effects, Values, compute_values
from accelsim.version import __version__

Progress = Callable[[int], None]
"""Called with the number of images that have left the machine so far."""


def simulate(
    machine: Machine,
    network: Network,
    images: int | range = 1,
    *,
    outdir: Path | str | None = None,
    force: bool = False,
    seed: int = 0,
    command: Sequence[str] = (),
    progress: Progress | None = None,
) -> Result:
    """Simulate images of a network's data set on a machine.

    images: the first so many, or a range of image numbers. All arrive at time 0.
    outdir: where the run's files go (see README); None keeps the trace in memory.
    seed: of the die and of all noise, if effects are active. command: for the manifest.

    Raises InputError before anything is written if the network does not fit the
    machine or an input cannot be used; DeadlockError or ReconciliationError for a
    defect of the program or the model.
    """
    program = compile_network(network, machine)
    chosen = select_images(network, images)
    effects = Effects.of(machine, seed) if chosen.weights is not None else None
    if outdir is None:
        table = TableTrace()
        run = _Run(machine, program, chosen, table, progress, effects)
        return run.result(network, None, table.table)
    with RunDirectory(Path(outdir), force=force) as directory:
        trace = ParquetTrace(directory.path(TRACE))
        try:
            run = _Run(machine, program, chosen, trace, progress, effects)
        finally:
            trace.abort()
        final = Path(outdir) / TRACE
        result = run.result(network, Path(outdir), lambda: read_parquet(final))
        directory.write(LEDGER, result.ledger.csv())
        directory.write(STATS, json.dumps(result.stats.to_dict(), indent=2) + "\n")
        directory.write(CONFIG, resolved_yaml(machine))
        directory.write(PROGRAM, program_json(program) + "\n")
        directory.finish(_manifest(network, chosen, seed, command))
    return result


class _Run:
    """The discrete-event part of a run, with what its sinks kept."""

    def __init__(
        self,
        machine: Machine,
        program: Program,
        images: Images,
        trace: PricedSink,
        progress: Progress | None,
        effects: Effects | None,
    ) -> None:
        self.machine, self.program, self.images = machine, program, images
        self.effects = effects
        prices = machine.energy.prices_aJ()
        numbers = images.numbers.tolist()
        self.tally = Tally(prices)
        self.times = TimesTally()
        self.schedule = ScheduleTally(numbers[0], machine.timing.read_cycles.value)
        sinks: list[PricedSink] = [self.tally, self.times, self.schedule, trace]
        self.step_times = StepTimesTally(numbers[0], len(numbers), len(program.instructions))
        if effects is not None:
            sinks.append(self.step_times)
        if progress is not None:
            sinks.append(_ProgressSink(progress, len(program.instructions)))
        arrivals = [Arrival(number, 0) for number in numbers]
        Accelerator(Design.of(machine), program, arrivals, [Pricing(prices, sinks)]).run()

    def result(
        self, network: Network, outdir: Path | None, read_trace: Callable[[], pa.Table]
    ) -> Result:
        """Check the ledger, compute the values, and put everything together."""
        ledger = self.tally.ledger()
        ledger.reconcile()
        _check_counts(ledger, self.program, self.machine, len(self.images.numbers))
        values = self._values(network)
        accuracy = None if values is None else values.accuracy
        times = self.times.times()
        return Result(
            machine=self.machine,
            network=network,
            program=self.program,
            stats=compute_stats(times, ledger, self.machine.period_ps, accuracy),
            ledger=ledger,
            times=times,
            schedule=self.schedule.rows(),
            values=values,
            no_values=self.images.no_values,
            outdir=outdir,
            read_trace=read_trace,
        )

    def _values(self, network: Network) -> Values | None:
        images, cells = self.images, None
        if images.weights is None or images.pixels is None:
            return None
        if self.effects is not None:
            fan_in = self.machine.arrays.fan_in.value
            cells = Cells(self.effects, self.step_times.times(), fan_in)
        return compute_values(
            self.program,
            network,
            images.weights,
            images.pixels,
            images.numbers,
            images.labels,
            cells,
        )


class _ProgressSink:
    """Counts the images whose last step was issued, which is a write phase before they leave."""

    def __init__(self, progress: Progress, steps: int) -> None:
        self._progress = progress
        self._steps = steps
        self._done = 0

    def write(self, priced: Priced) -> None:
        """Count the images of one block."""
        records = priced.records
        last = (records.step == self._steps) & (records.kind == KINDS.index("issue"))
        self._done += int(last.sum())
        self._progress(self._done)

    def close(self) -> None:
        """Nothing is left to do."""


def _check_counts(ledger: Ledger, program: Program, machine: Machine, images: int) -> None:
    """Hold the counts of the run against those that the program's geometry gives."""
    read_cycles = machine.timing.read_cycles.value
    counts = [count(instruction, read_cycles) for instruction in program.instructions]
    expected = {
        "ota_tap_cycle": sum(step.tap_cycles for step in counts),
        "cell_read_cycle": sum(step.read for step in counts) * read_cycles,
        "cell_write": sum(step.written for step in counts),
        "cell_static_cycle": sum(step.static_cycles for step in counts),
        "issue": len(counts),
    }
    for action, number in expected.items():
        found = ledger.counts.get(action, 0)
        if found != number * images:
            raise ReconciliationError(
                f"the trace counts {found} {action}, the program's geometry gives "
                f"{number} x {images} images = {number * images}"
            )


def _manifest(
    network: Network, images: Images, seed: int, command: Sequence[str]
) -> dict[str, object]:
    inputs = {
        name: {"sha256": sha256(path)}
        for name, path in (
            ("network", network.file),
            ("weights", network.weights_file),
            ("images", network.images_file),
            ("labels", network.labels_file),
        )
        if path is not None
    }
    return {
        "accelsim": __version__,
        "command": list(command),
        "seed": seed,
        "workload": network.name,
        "first_image": int(images.numbers[0]),
        "images": len(images.numbers),
        "inputs": inputs,
    }
