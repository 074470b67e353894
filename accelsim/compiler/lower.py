"""Lowers a layer graph to instructions (docs/machine.md section 3).

Which steps a layer has is its op's to say (`accelsim.ops`). Here they get circuits: steps
alternate between them, a step reads banks of one circuit and charges planes of the other, and
a second operand comes over the local path. A machine with one circuit cannot read and charge
the same banks at once, so each step writes a staging plane and a copy step brings it back.
`planning` cuts maps that are larger than an array into tiles, `folding` shares steps out over
lanes, and `placement` gives these order and planes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from accelsim.collector import all_stay
from accelsim.compiler.allocate import allocate
from accelsim.compiler.classifier import check_classifier, layers_behind
from accelsim.compiler.draft import FoldedDraft
from accelsim.compiler.folding import Folding
from accelsim.compiler.instruction import Instruction, Program
from accelsim.compiler.limits import check_layers, check_planes, check_size, refuse, refuse_reads
from accelsim.compiler.memory import through_sram
from accelsim.compiler.partial import PartialSums
from accelsim.compiler.placement import Placement
from accelsim.compiler.planning import Plan, Planner
from accelsim.compiler.room import RoomError
from accelsim.compiler.tenancy import Tenancy, check_contexts, check_scope
from accelsim.compiler.tiles import in_groups
from accelsim.compiler.use import work_of
from accelsim.config import Machine
from accelsim.config.digital import CLASSIFICATION
from accelsim.network import Network, Tenant, Weights, load_weights
from accelsim.ops import HANDOFF_MORE_STEP, HANDOFF_STEP, LOAD_MORE_STEP, LOAD_STEP
from accelsim.topology import Place


class Planned(NamedTuple):
    """A plan, and its steps."""

    plan: Plan
    folded: list[FoldedDraft]


def compile_tenants(tenants: Sequence[Tenant], machine: Machine) -> Tenancy:
    """Return the programs of networks that share a machine.

    Raises InputError that names the layer or the tenants and the limit if the machine cannot hold
    them.
    """
    check_scope([each.name for each in tenants], machine)
    placement = Placement(machine, contexts=1, spares=True)
    tenancy = Tenancy(
        tuple(_compiled(each.network, placement, None) for each in tenants),
        tuple(each.name for each in tenants),
        tuple(each.contexts for each in tenants),
    )
    check_contexts(tenancy, machine)
    return tenancy


@all_stay()
def compile_network(
    network: Network,
    machine: Machine,
    weights: Weights | None = None,
    *,
    in_layer_order: bool = False,
) -> Program:
    """Return the micro-program of a network on a machine.

    A fully-connected layer is left to the host, with all that follows: the program ends with the
    handoff of its inputs.

    Parameters
    ----------
    network
        Of `accelsim.load_network`.
    machine
        Of `accelsim.load_machine`; all its contexts have to fit.
    weights
        That the gains of partial sums are for, if the network has sums of more planes than a step
        reads; None: those that the network names, if any.
    in_layer_order
        Whether to leave steps in the order of layers and folds, to compare with.

    Returns
    -------
    Program
        The instructions in the order of their issue.

    Raises
    ------
    InputError
        Names the layer and the limit if the machine cannot hold the network.

    Examples
    --------
    >>> import accelsim
    >>> program = accelsim.compile_network(
    ...     accelsim.load_network("mnist"), accelsim.load_machine("irmen"))
    >>> [instruction.op for instruction in program.instructions][:7]
    ['load', 'conv', 'relu', 'diff_h', 'add_h', 'diff_v', 'add_v']
    """
    placement = Placement(machine, machine.sequencer.contexts.value, in_layer_order=in_layer_order)
    return _compiled(network, placement, weights)


def _compiled(network: Network, placement: Placement, weights: Weights | None) -> Program:
    """Return a program of which so many images in flight as a placement says have to fit."""
    machine, contexts = placement.machine, placement.contexts
    placed = placement.place(planned(network, machine, contexts, weights).folded)
    placed = placed._replace(instructions=tuple(_first_and_last(placed.instructions)))
    check_planes(network, machine, placed, contexts)
    output = network.on_machine[-1].out_shape
    program = Program(network.name, network.input, output, placed.instructions, placed.planes)
    if machine.scope == CLASSIFICATION:
        program = replace(program, classifier=layers_behind(network))
        check_classifier(program, machine)
    return program


def planned(network: Network, machine: Machine, contexts: int, weights: Weights | None) -> Planned:
    """Return how a network is cut into tiles, and its steps in the order of layers.

    Raises InputError as compiling does, but for planes that do not suffice.
    """
    check_layers(network, machine)
    check_size(network, machine)
    if not network.on_machine:
        raise refuse(network, network.layers[0], "no layer before it runs on the machine")
    known = {each.name: each.partial for each in network.layers if each.partial is not None}
    sums = PartialSums(known, lambda: weights if weights is not None else _own_weights(network))
    room = machine.banks.planes.value // contexts
    try:
        return _cheapest(Planner(network, machine), Folding(machine, sums), machine, room)
    except RoomError as error:
        raise refuse_reads(network, machine, error) from None


def _cheapest(planner: Planner, folding: Folding, machine: Machine, room: int) -> Planned:
    """Return the cheapest whose planes fit in the order of layers, or that with the fewest."""
    least, fewest = None, 0
    for plan, tiles in _plans(planner):
        bundles = in_groups(plan.stages, tiles)
        if machine.keeps_maps_in_sram:
            bundles = through_sram(bundles)
        found = Planned(plan, folding.fold(bundles))
        if planner.fits:
            return found
        _, needed = allocate(work_of(found.folded), range(len(found.folded)))
        most = max(planes for place, planes in needed.items() if place is not Place.SRAM)
        if least is None or most < fewest:
            least, fewest = found, most
        if most <= room:
            break
    assert least is not None  # noqa: S101 - there is a plan
    return least


def _plans(planner: Planner) -> Iterator[tuple[Plan, int]]:
    """Give plans and how many tiles they compute at once, the cheapest first."""
    if planner.fits:
        yield planner.whole(), 1
        return
    for found in (planner.best, planner.one_part):
        plan = found()
        if plan is not None:
            for tiles in planner.groups(plan):
                yield plan, tiles


def _first_and_last(steps: Sequence[Instruction]) -> Iterator[Instruction]:
    """Name loads after the first and handoffs before the last as what they are."""
    others = {LOAD_STEP: LOAD_MORE_STEP, HANDOFF_STEP: HANDOFF_MORE_STEP}
    for number, step in enumerate(steps, start=1):
        if step.op in others and 1 < number < len(steps):
            yield replace(step, op=others[step.op])
        else:
            yield step


def _own_weights(network: Network) -> Weights | None:
    if network.weights_file is None or network.no_weights:
        return None
    return load_weights(network.weights_file, network)
