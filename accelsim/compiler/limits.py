"""Refuses a network that a machine cannot hold; each message names the layer and the limit."""

from collections.abc import Sequence

from accelsim.compiler.instruction import Instruction
from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.network import INPUT, Layer, Network
from accelsim.topology import Place

# Kernel, stride and padding of the layers that the machine has steps for.
SUPPORTED = {
    ("conv", 3, 1, "same"),
    ("maxpool", 2, 2, "valid"),
    ("maxpool", 3, 1, "same"),
    ("avgpool", 2, 2, "valid"),
}


def check_layers(network: Network, machine: Machine) -> None:
    """Check every layer alone and in its order; raises InputError."""
    _check_extent(network, machine)
    followers = {layer.inputs[0]: layer for layer in network.layers}
    by_name = {layer.name: layer for layer in network.layers}
    for layer in network.layers:
        _check_op(network, layer, followers.get(layer.name), by_name.get(layer.inputs[0]))
        if layer.op != "fc":
            _check_lanes(network, layer, machine)
            _check_operands(network, layer, machine)


def check_planes(
    network: Network,
    machine: Machine,
    needed: dict[Place, int],
    instructions: Sequence[Instruction],
) -> None:
    """Check that the planes of all images in flight fit into the banks; raises InputError."""
    contexts, planes = machine.sequencer.contexts.value, machine.banks.planes.value
    for place, count in needed.items():
        if count * contexts > planes:
            peak = _first_to_use(instructions, place, count - 1)
            in_flight = f" with {contexts} images in flight (sequencer.contexts)"
            raise refuse(
                network,
                peak.layer,
                f"step {peak.step} ({peak.op}) needs {count * contexts} planes in a bank of "
                f"{_name(place)}{in_flight if contexts > 1 else ''}, "
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


def _name(place: Place) -> str:
    return "the staging memory" if place is Place.STAGING else f"circuit {place.value.upper()}"


def _check_extent(network: Network, machine: Machine) -> None:
    shapes = [(INPUT, network.input)]
    shapes += [(layer.name, layer.out_shape) for layer in network.layers if layer.op != "fc"]
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
    if source is not None and source.op == "fc":
        raise refuse(network, layer, "follows a fully-connected layer, which must be the last")
    if layer.op == "conv" and (follower is None or follower.op != "relu"):
        raise refuse(network, layer, "a conv must be followed by a relu: the machine computes both")
    if layer.op == "relu" and (source is None or source.op != "conv"):
        raise refuse(network, layer, "a relu must follow a conv: values are above 0 elsewhere")
    form = (layer.op, layer.kernel, layer.stride, layer.padding)
    if layer.op not in ("relu", "fc") and form not in SUPPORTED:
        options = "; ".join(
            f"kernel {kernel}, stride {stride}, {padding}"
            for op, kernel, stride, padding in sorted(SUPPORTED)
            if op == layer.op
        )
        raise refuse(
            network,
            layer,
            f"{layer.op} with kernel {layer.kernel}, stride {layer.stride}, {layer.padding}: "
            f"the machine has steps for {options}",
        )


def _check_lanes(network: Network, layer: Layer, machine: Machine) -> None:
    maps, lanes = layer.out_shape.maps, machine.arrays.lanes.value
    if maps > lanes:
        raise refuse(network, layer, f"{maps} maps, the machine has arrays.lanes = {lanes}")


def _check_operands(network: Network, layer: Layer, machine: Machine) -> None:
    fan_in = machine.arrays.fan_in.value
    planes = {"conv": layer.in_shape.maps, "maxpool": 2}.get(layer.op, 1)
    if planes > fan_in:
        raise refuse(
            network,
            layer,
            f"a step reads {planes} planes, the machine has arrays.fan_in = {fan_in}",
        )
    ports = machine.banks.read_ports.value
    if layer.op == "maxpool" and machine.circuits.value == 1 and ports < 2:
        raise refuse(
            network,
            layer,
            f"with one circuit a step reads 2 planes of one bank, "
            f"the machine has banks.read_ports = {ports}",
        )
