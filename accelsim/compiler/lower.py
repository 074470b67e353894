"""Lowers a layer graph to instructions (docs/machine.md section 3).

Which steps a layer has is its op's to say (`accelsim.ops`). Here they get circuits: steps
alternate between them, a step reads banks of one circuit and charges planes of the other, and
a second operand comes over the local path. A machine with one circuit cannot read and charge
the same banks at once, so each step writes a staging plane and a copy step brings it back.
`planning` cuts maps that are larger than an array into tiles, `folding` shares steps out over
lanes, and `allocate` gives them planes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from accelsim.compiler.allocate import allocate
from accelsim.compiler.draft import FoldedDraft
from accelsim.compiler.folding import Folding
from accelsim.compiler.instruction import Instruction, Program
from accelsim.compiler.limits import check_layers, check_planes, refuse, refuse_reads
from accelsim.compiler.partial import PartialSums
from accelsim.compiler.planning import Plan, Planner
from accelsim.compiler.room import RoomError
from accelsim.compiler.tenancy import Tenancy, check_contexts
from accelsim.compiler.tiles import in_groups
from accelsim.config import Machine
from accelsim.network import Network, Tenant, Weights, load_weights
from accelsim.ops import HANDOFF_MORE_STEP, HANDOFF_STEP, LOAD_MORE_STEP, LOAD_STEP
from accelsim.topology import Place


def compile_tenants(tenants: Sequence[Tenant], machine: Machine) -> Tenancy:
    """Return the programs of networks that share a machine.

    Raises InputError that names the layer or the tenants and the limit if the machine cannot hold
    them.
    """
    tenancy = Tenancy(
        tuple(compiled(each.network, machine, 1, None)[0] for each in tenants),
        tuple(each.name for each in tenants),
        tuple(each.contexts for each in tenants),
    )
    check_contexts(tenancy, machine)
    return tenancy


def compile_network(network: Network, machine: Machine, weights: Weights | None = None) -> Program:
    """Return the micro-program of a network on a machine.

    A fully-connected layer is left to the host, with all that follows: the program ends with the
    handoff of its inputs. weights: that the gains of partial sums are for, if the network has sums
    of more planes than a step reads; None: those that the network names, if any. Raises
    InputError that names the layer and the limit if the machine cannot hold the network.
    """
    return compiled(network, machine, machine.sequencer.contexts.value, weights)[0]


def compiled(
    network: Network, machine: Machine, contexts: int, weights: Weights | None
) -> tuple[Program, Plan]:
    """Return a program, of which so many images in flight have to fit, and the plan of its tiles.

    The other arguments, and what is raised, are as of `compile_network`.
    """
    check_layers(network, machine)
    if not network.on_machine:
        raise refuse(network, network.layers[0], "no layer before it runs on the machine")
    known = {each.name: each.partial for each in network.layers if each.partial is not None}
    sums = PartialSums(known, lambda: weights if weights is not None else _own_weights(network))
    output = network.on_machine[-1].out_shape
    try:
        found = _cheapest(Planner(network, machine), machine, Folding(machine, sums), contexts)
    except RoomError as error:
        raise refuse_reads(network, machine, error) from None
    check_planes(network, machine, found.planes, found.instructions, contexts)
    program = Program(network.name, network.input, output, found.instructions, found.planes)
    return program, found.plan


class _Found(NamedTuple):
    """Instructions, the planes an image needs in each place, and the plan that they follow."""

    instructions: tuple[Instruction, ...]
    planes: dict[Place, int]
    plan: Plan

    @property
    def most(self) -> int:
        """Planes of the place that needs most."""
        return max(self.planes.values())


def _cheapest(planner: Planner, machine: Machine, folding: Folding, contexts: int) -> _Found:
    """Return the cheapest instructions whose planes fit, or those with the fewest planes."""
    least, limit = None, machine.banks.planes.value
    for plan, tiles in _plans(planner):
        folded = folding.fold(in_groups(plan.stages, tiles))
        found = _Found(*allocate(_first_and_last(folded)), plan)
        if least is None or found.most < least.most:
            least = found
        if found.most * contexts <= limit:
            break
    assert least is not None  # noqa: S101 - there is a plan
    return least


def _plans(planner: Planner) -> Iterator[tuple[Plan, int]]:
    """Give plans and how many tiles they compute at once, the cheapest first."""
    if planner.fits:
        yield planner.whole(), 1
        return
    best, alone = planner.best(), planner.one_part()
    for plan in dict.fromkeys((best, alone or best)):
        for tiles in planner.groups(plan):
            yield plan, tiles


def _first_and_last(folded: list[FoldedDraft]) -> list[FoldedDraft]:
    """Name loads after the first and handoffs before the last as what they are."""
    others = {LOAD_STEP: LOAD_MORE_STEP, HANDOFF_STEP: HANDOFF_MORE_STEP}
    return [
        replace(step, op=others[step.op])
        if step.op in others and 0 < number < len(folded) - 1
        else step
        for number, step in enumerate(folded)
    ]


def _own_weights(network: Network) -> Weights | None:
    if network.weights_file is None or network.no_weights:
        return None
    return load_weights(network.weights_file, network)
