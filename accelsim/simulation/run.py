"""Runs a machine on a network: compile, simulate, compute values, check."""

from collections.abc import Callable

from accelsim.arrivals import Arrivals
from accelsim.compiler import Program, compile_network
from accelsim.config import Machine
from accelsim.config.checks import effects_of, no_values_of
from accelsim.model import Stream
from accelsim.network import Network
from accelsim.records import StepTimes
from accelsim.simulation.execution import Output, ValueSource, execute
from accelsim.simulation.images import Images, select_images, select_stream
from accelsim.simulation.position import Progress
from accelsim.simulation.result import Result
from accelsim.values import Cells, Effects, Values, compute_values
from accelsim.values.effects import check_seed


def run_network(  # noqa: PLR0913 - given by name
    machine: Machine,
    network: Network,
    images: int | range | Arrivals,
    seed: int,
    *,
    output: Callable[[Images], Output] | None = None,
    progress: Progress | None = None,
    fast_forward: bool = True,
    keep_maps: bool = True,
) -> Result:
    """Simulate images of a network's data set on a machine.

    images: the first so many, or a range of image numbers, which all arrive at time 0; or a
    stream of arrivals.
    seed: of the die and of all noise, if effects are active. output: makes what keeps the
    run, once it is known which images it has; None keeps the trace in memory.
    fast_forward: whether to skip what repeats itself, which changes nothing but the time it takes.
    keep_maps: whether values have the maps and logits of all images, or their classes alone.

    Raises InputError before anything is written if the network does not fit the
    machine or an input cannot be used; DeadlockError or ReconciliationError for a
    defect of the program or the model.
    """
    check_seed(seed)
    program = compile_network(network, machine)
    stream = None
    if isinstance(images, Arrivals):
        stream, chosen = images, select_stream(network, images)
    else:
        chosen = select_images(network, images)
    source, no_values = value_source(machine, network, program, chosen, seed, keep_maps=keep_maps)
    execution = execute(
        machine,
        program,
        arrivals_of(chosen, stream),
        values=source,
        output=None if output is None else output(chosen),
        deadline_ps=None if stream is None else stream.deadline_ps,
        progress=progress,
        fast_forward=fast_forward,
    )
    return Result(
        machine=machine,
        network=network,
        program=program,
        stats=execution.stats,
        ledger=execution.ledger,
        times=execution.times,
        schedule=execution.schedule,
        values=execution.values,
        no_values=no_values,
        outdir=None,
        read_trace=execution.read_trace,
        skipped=execution.skipped,
    )


def arrivals_of(images: Images, stream: Arrivals | None) -> Stream:
    """Return when images arrive: as a stream says, or all at time 0."""
    first, number = int(images.numbers[0]), len(images.numbers)
    if stream is None:
        return Stream.at_once(range(first, first + number))
    return Stream(range(number), stream.time_ps)


def value_source(
    machine: Machine,
    network: Network,
    program: Program,
    images: Images,
    seed: int,
    *,
    keep_maps: bool = True,
) -> tuple[ValueSource | None, str]:
    """Return what computes the values of images; or None, and why there are none to compute.

    keep_maps: see `compute_values`.

    Cells that get less time than they need are not ideal, whatever effects are active.
    """
    weights, pixels = images.weights, images.pixels
    if weights is None or pixels is None:
        return None, images.no_values
    if why := no_values_of(machine):
        return None, why
    effects = Effects.of(machine, seed, effects_of(machine))

    def compute(times: StepTimes | None, computed: Callable[[int], None]) -> Values:
        cells = None
        if effects is not None and times is not None:
            cells = Cells(effects, times, machine.arrays.fan_in.value)
        return compute_values(
            program,
            network,
            weights,
            pixels,
            images.numbers,
            images.labels,
            cells,
            computed,
            keep_maps=keep_maps,
        )

    return ValueSource(compute, need_times=effects is not None), ""
