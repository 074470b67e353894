"""Lowers a layer graph to instructions (docs/machine.md section 3).

Which steps a layer has is its op's to say (`accelsim.ops`). Here they get circuits: steps
alternate between them, a step reads banks of one circuit and charges planes of the other, and
a second operand comes over the local path. A machine with one circuit cannot read and charge
the same banks at once, so each step writes a staging plane and a copy step brings it back.
`folding` then shares them out over lanes and steps, and `placement` gives these order and planes.
"""

from collections.abc import Sequence

from accelsim.collector import all_stay
from accelsim.compiler.drafting import drafts_of
from accelsim.compiler.folding import Folding
from accelsim.compiler.instruction import Program
from accelsim.compiler.limits import check_layers, check_planes, refuse, refuse_reads
from accelsim.compiler.partial import PartialSums
from accelsim.compiler.placement import Placement
from accelsim.compiler.room import RoomError
from accelsim.compiler.tenancy import Tenancy, check_contexts
from accelsim.config import Machine
from accelsim.network import Network, Tenant, Weights, load_weights


def compile_tenants(tenants: Sequence[Tenant], machine: Machine) -> Tenancy:
    """Return the programs of networks that share a machine.

    Raises InputError that names the layer or the tenants and the limit if the machine cannot hold
    them.
    """
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
    handoff of its inputs. weights: that the gains of partial sums are for, if the network has sums
    of more planes than a step reads; None: those that the network names, if any. in_layer_order:
    leave steps in the order of layers and folds, to compare with. Raises
    InputError that names the layer and the limit if the machine cannot hold the network.
    """
    placement = Placement(machine, machine.sequencer.contexts.value, in_layer_order=in_layer_order)
    return _compiled(network, placement, weights)


def _compiled(network: Network, placement: Placement, weights: Weights | None) -> Program:
    """Return a program of which so many images in flight as a placement says have to fit."""
    machine = placement.machine
    check_layers(network, machine)
    if not network.on_machine:
        raise refuse(network, network.layers[0], "no layer before it runs on the machine")
    known = {each.name: each.partial for each in network.layers if each.partial is not None}
    sums = PartialSums(known, lambda: weights if weights is not None else _own_weights(network))
    drafts = drafts_of(network, machine.circuits.value)
    try:
        folded = Folding(machine, sums).fold(drafts)
    except RoomError as error:
        raise refuse_reads(network, machine, error) from None
    placed = placement.place(folded)
    check_planes(network, machine, placed, placement.contexts)
    output = network.on_machine[-1].out_shape
    return Program(network.name, network.input, output, placed.instructions, placed.planes)


def _own_weights(network: Network) -> Weights | None:
    if network.weights_file is None or network.no_weights:
        return None
    return load_weights(network.weights_file, network)
