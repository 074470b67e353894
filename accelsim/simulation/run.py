"""Runs a machine on a network, or several: compile, simulate, compute values, check."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from accelsim.arrivals import Arrivals
from accelsim.arrivals.columns import NO_PRIORITY
from accelsim.compiler import ClassifierDesign, Program, compile_network, compile_tenants
from accelsim.config import Machine
from accelsim.config.checks import cells_of, effects_of, no_values_of, shows_settling
from accelsim.config.sections import PRIORITY
from accelsim.errors import InputError
from accelsim.model import Stream
from accelsim.network import Network, Tenant
from accelsim.network.arrays import ImageArrays
from accelsim.records import StepTimes
from accelsim.simulation.execution import Execution, Output, ValueSource, execute
from accelsim.simulation.images import Images, select_images, select_stream
from accelsim.simulation.position import Progress
from accelsim.simulation.result import Result, TenantResult
from accelsim.values import ALL, Cells, Effects, Share, Values, compute_values
from accelsim.values.digital import DigitalLayers
from accelsim.values.effects import check_seed
from accelsim.values.spending import Spending
from accelsim.wording import of_tenant


def run_network(  # noqa: PLR0913 - given by name
    machine: Machine,
    network: Network | Sequence[Tenant],
    images: int | range | Arrivals,
    seed: int,
    *,
    arrays: ImageArrays | None = None,
    compiled: Callable[[Sequence[Program]], None] | None = None,
    output: Callable[[Sequence[Images]], Output] | None = None,
    progress: Progress | None = None,
    fast_forward: bool = True,
    keep_maps: bool = True,
) -> Result:
    """Simulate images of a network's data set on a machine, or of networks that share it.

    images: the first so many, or a range of image numbers, which all arrive at time 0; or a
    stream of arrivals. Tenants need a stream that says whose each is.
    seed: of the die and of all noise, if effects are active. arrays: in place of the data
    set of a network that is alone. compiled: called with the programs, before anything runs.
    output: makes what keeps the
    run, once it is known which images it has, by tenant; None keeps the trace in memory.
    fast_forward: whether to skip what repeats itself, which changes nothing but the time it takes.
    keep_maps: whether values have the maps and logits of all images, or their classes alone.

    Raises InputError before anything is written if the network does not fit the
    machine or an input cannot be used; DeadlockError or ReconciliationError for a
    defect of the program or the model.
    """
    check_seed(seed)
    if not isinstance(network, Network):
        if arrays is not None:
            raise InputError("images: got arrays; expected a data set of each tenant")
        return _run_tenants(
            machine,
            network,
            images,
            seed,
            compiled=compiled,
            output=output,
            progress=progress,
            fast_forward=fast_forward,
            keep_maps=keep_maps,
        )
    program = compile_network(network, machine)
    if compiled is not None:
        compiled([program])
    stream = None
    if isinstance(images, Arrivals):
        stream, chosen = images, select_stream(network, images, arrays=arrays)
        arrivals = arrivals_of(images)
    else:
        chosen = select_images(network, images, arrays)
        first = int(chosen.numbers[0])
        arrivals = Stream.at_once(range(first, first + len(chosen.numbers)))
    source, no_values = value_source(machine, network, program, chosen, seed, keep_maps=keep_maps)
    check_energies(machine, [(source, no_values)])
    execution = execute(
        machine,
        program,
        arrivals,
        values=[source],
        output=None if output is None else output([chosen]),
        deadline_ps=None if stream is None else stream.deadline_ps,
        progress=progress,
        fast_forward=fast_forward,
    )
    return _result(machine, network, program, execution, no_values)


def _run_tenants(  # noqa: PLR0913 - those of `run_network`
    machine: Machine,
    tenants: Sequence[Tenant],
    images: int | range | Arrivals,
    seed: int,
    *,
    compiled: Callable[[Sequence[Program]], None] | None,
    output: Callable[[Sequence[Images]], Output] | None,
    progress: Progress | None,
    fast_forward: bool,
    keep_maps: bool,
) -> Result:
    if not isinstance(images, Arrivals):
        raise InputError("tenants: expected arrivals that say whose each is, not images alone")
    tenancy = compile_tenants(tenants, machine)
    if compiled is not None:
        compiled(tenancy.programs)
    check_priorities(machine, [(each.name, each.priority) for each in tenants], images)
    chosen = [select_stream(each.network, images, row) for row, each in enumerate(tenants)]
    sources = [
        value_source(machine, tenant.network, program, some, seed, keep_maps=keep_maps)
        for tenant, program, some in zip(tenants, tenancy.programs, chosen, strict=True)
    ]
    values = [source for source, _ in sources]
    check_energies(
        machine, [each for each, some in zip(sources, chosen, strict=True) if len(some.numbers)]
    )
    check_values(machine, tenancy.contexts, values)
    execution = execute(
        machine,
        tenancy,
        arrivals_of(images, [each.priority or 0 for each in tenants]),
        values=values,
        output=None if output is None else output(chosen),
        deadline_ps=images.deadline_ps,
        progress=progress,
        fast_forward=fast_forward,
    )
    shares = tuple(
        TenantResult(
            tenant=tenant,
            program=events.program,
            stats=(execution.stats.tenants or {}).get(tenant.name),
            ledger=events.ledger,
            times=events.times,
            schedule=events.schedule,
            values=found,
            no_values=no_values,
        )
        for tenant, events, found, (_, no_values) in zip(
            tenants, execution.tenants, execution.values, sources, strict=True
        )
    )
    first = tenants[0].network
    whole = _result(machine, first, tenancy.programs[0], execution, sources[0][1])
    return replace(whole, tenants=shares)


def _result(
    machine: Machine, network: Network, program: Program, execution: Execution, no_values: str
) -> Result:
    return Result(
        machine=machine,
        network=network,
        program=program,
        stats=execution.stats,
        ledger=execution.ledger,
        times=execution.times,
        schedule=execution.schedule,
        values=execution.values[0],
        no_values=no_values,
        outdir=None,
        read_trace=execution.read_trace,
        skipped=execution.skipped,
        not_skipped=execution.not_skipped,
        classification=execution.classification,
    )


def arrivals_of(stream: Arrivals, priorities: Sequence[int] = ()) -> Stream:
    """Return the arrivals of a stream. priorities: of each tenant, for images without their own."""
    size = len(stream)
    if stream.tenant is None and stream.priority is None:
        return Stream(range(size), stream.time_ps)
    whose = np.zeros(size, np.int64) if stream.tenant is None else stream.tenant
    usual = np.array(priorities or [0])[whose]
    given = stream.priority
    priority = usual if given is None else np.where(given == NO_PRIORITY, usual, given)
    return Stream(range(size), stream.time_ps, np.stack([whose, priority], axis=1))


def check_priorities(
    machine: Machine, tenants: Sequence[tuple[str, int | None]], stream: Arrivals
) -> None:
    """Refuse arbitration by priority among tenants one of which has images without any.

    tenants: name and priority of each.
    """
    if machine.sequencer.policy != PRIORITY:
        return
    without = np.ones(len(stream), np.bool_)
    if stream.priority is not None:
        without = stream.priority == NO_PRIORITY
    for number, (name, priority) in enumerate(tenants):
        missing = stream.of_tenant(number) & without
        if priority is None and missing.any():
            raise InputError(
                f"sequencer.arbitration priority: tenant '{name}' has none, nor has its arrival "
                f"{int(missing.argmax())}; expected {of_tenant('priority', name)} or a "
                "column 'priority'"
            )


def check_values(
    machine: Machine, contexts: Sequence[int], values: Sequence[ValueSource | None]
) -> None:
    """Refuse effect `settling`, and energy by value, for values in planes that tenants share.

    contexts: of each tenant's own. What an image leaves where one of another program comes next
    is not modelled.
    """
    shared = sum(not own for own in contexts) > 1
    if shared and any(source is not None and source.need_before for source in values):
        active = shows_settling(machine)
        what = "effects.active: settling" if active else f"values {cells_of(machine)}"
        if machine.energy.follows_values:
            raise InputError(
                "energy.model: got 'by_value'; expected 'by_count', or contexts of each tenant's "
                f"own ({of_tenant('contexts')}): what an image finds in planes that another "
                "tenant's image used before is not modelled"
            )
        raise InputError(
            f"{what}: what an image leaves in planes that another tenant's image "
            "uses next is not modelled; expected contexts of each tenant's own "
            f"({of_tenant('contexts')}), or {'effects' if active else 'values'} "
            "without settling"
        )


def check_energies(machine: Machine, sources: Sequence[tuple[ValueSource | None, str]]) -> None:
    """Refuse energies that follow values where there are none.

    sources: of each network that has images, what computes its values, or why nothing does.
    """
    why = "; ".join(dict.fromkeys(why for source, why in sources if source is None))
    if machine.energy.follows_values and any(source is None for source, _ in sources):
        raise InputError(
            "energy.model: got 'by_value'; expected 'by_count': energies follow values, and there "
            f"are none: {why or 'none are computed'}"
        )


def value_source(  # noqa: PLR0913 - given by name but for the first
    machine: Machine,
    network: Network,
    program: Program,
    images: Images,
    seed: int,
    *,
    keep_maps: bool = True,
    share: Share = ALL,
) -> tuple[ValueSource | None, str]:
    """Return what computes the values of images; or None, and why there are none to compute.

    keep_maps, share: see `compute_values`.

    Cells that get less time than they need are not ideal, whatever effects are active.
    """
    weights, pixels = images.weights, images.pixels
    if weights is None or pixels is None or not len(images.numbers):
        return None, images.no_values
    if why := no_values_of(machine):
        return None, why
    effects = Effects.of(machine, seed, effects_of(machine))
    design = ClassifierDesign.of(machine)
    digital = None if design is None else DigitalLayers(program, network, weights, design)
    by_value = machine.energy.follows_values

    def compute(times: StepTimes | None, computed: Callable[[int], None]) -> Values:
        cells = None
        if effects is not None and times is not None:
            cells = Cells(effects, times, machine.arrays.fan_in.value)
        spending = None
        if by_value and times is not None:
            bits = 0 if effects is None else effects.weight_bits
            spending = Spending(machine, program, weights, images.numbers, times, bits)
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
            digital=digital,
            share=share,
            spending=spending,
        )

    source = ValueSource(
        compute,
        need_times=effects is not None or by_value,
        need_before=by_value or (effects is not None and bool(effects.cell.left)),
    )
    return source, ""
