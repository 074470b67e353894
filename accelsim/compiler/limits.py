"""Refuses a network that a machine cannot hold; each message names the layer and the limit."""

from collections import Counter
from collections.abc import Sequence

from accelsim.compiler.allocate import Draft
from accelsim.compiler.instruction import Instruction
from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.network import INPUT, Layer, Network
from accelsim.topology import Place


def check_layers(network: Network, machine: Machine) -> None:
    """Check every layer alone and in its order; raises InputError."""
    _check_extent(network, machine)
    followers = {layer.inputs[0]: layer for layer in network.layers}
    by_name = {layer.name: layer for layer in network.layers}
    for layer in network.layers:
        _check_op(network, layer, followers.get(layer.name), by_name.get(layer.inputs[0]))
        if not layer.rule.on_host:
            _check_lanes(network, layer, machine)


def check_reads(network: Network, machine: Machine, drafts: Sequence[Draft]) -> None:
    """Check how many planes a cell of each step reads, and of one bank; raises InputError."""
    fan_in, ports = machine.arrays.fan_in.value, machine.banks.read_ports.value
    for draft in drafts:
        if draft.result is None:
            continue  # a handoff only passes its planes on
        planes = sum(source.value.maps if source.shared else 1 for source in draft.sources)
        if planes > fan_in:
            raise refuse(
                network,
                draft.layer,
                f"a step reads {planes} planes, the machine has arrays.fan_in = {fan_in}",
            )
        # An operand has its maps in lanes of their own: one plane of a bank each.
        places = Counter(source.value.place for source in draft.sources)
        reads = max(places.values(), default=0)
        if reads > ports:
            one = "with one circuit " if machine.circuits.value == 1 else ""
            raise refuse(
                network,
                draft.layer,
                f"{one}a step reads {reads} planes of one bank, "
                f"the machine has banks.read_ports = {ports}",
            )


def check_planes(
    network: Network,
    machine: Machine,
    needed: dict[Place, int],
    instructions: Sequence[Instruction],
    contexts: int,
) -> None:
    """Check that the planes of all images in flight fit into the banks; raises InputError."""
    planes = machine.banks.planes.value
    for place, count in needed.items():
        if count * contexts > planes:
            peak = _first_to_use(instructions, place, count - 1)
            in_flight = f" with {contexts} images in flight (sequencer.contexts)"
            raise refuse(
                network,
                peak.layer,
                f"step {peak.step} ({peak.op}) needs {count * contexts} planes in a bank of "
                f"{place.described}{in_flight if contexts > 1 else ''}, "
                f"the machine has banks.planes = {planes}",
            )


def _first_to_use(instructions: Sequence[Instruction], place: Place, plane: int) -> Instruction:
    return next(
        instruction
        for instruction in instructions
        if any(ref.place is place and ref.plane == plane for ref in instruction.destination)
    )


def refuse(network: Network, layer: Layer | str, message: str) -> InputError:
    """Return the refusal of a layer."""
    name = layer if isinstance(layer, str) else layer.name
    return InputError(f"{network.source}: layer '{name}': {message}")


def _check_extent(network: Network, machine: Machine) -> None:
    shapes = [(INPUT, network.input)]
    shapes += [(layer.name, layer.out_shape) for layer in network.layers if not layer.rule.on_host]
    for name, shape in shapes:
        for key, size in (("rows", shape.rows), ("cols", shape.cols)):
            limit = getattr(machine.arrays, key).value
            if size > limit:
                raise refuse(
                    network, name, f"maps of {size} {key}, the machine has arrays.{key} = {limit}"
                )
    lanes = machine.arrays.lanes.value
    if network.input.maps > lanes:
        raise refuse(
            network, INPUT, f"{network.input.maps} maps, the machine has arrays.lanes = {lanes}"
        )


def _check_op(network: Network, layer: Layer, follower: Layer | None, source: Layer | None) -> None:
    rule = layer.rule
    if source is not None and source.rule.on_host:
        raise refuse(network, layer, "follows a fully-connected layer, which must be the last")
    if rule.before and (follower is None or follower.op != rule.before.op):
        raise refuse(
            network,
            layer,
            f"a {layer.op} must be followed by a {rule.before.op}: {rule.before.why}",
        )
    if rule.after and (source is None or source.op != rule.after.op):
        raise refuse(
            network, layer, f"a {layer.op} must follow a {rule.after.op}: {rule.after.why}"
        )
    if rule.forms and layer.form not in rule.forms:
        options = "; ".join(str(form) for form in rule.forms)
        raise refuse(
            network,
            layer,
            f"{layer.op} with {layer.form}: the machine has steps for {options}",
        )


def _check_lanes(network: Network, layer: Layer, machine: Machine) -> None:
    maps, lanes = layer.out_shape.maps, machine.arrays.lanes.value
    if maps > lanes:
        raise refuse(network, layer, f"{maps} maps, the machine has arrays.lanes = {lanes}")
