"""Refuses a network that a machine cannot hold; each message names the layer and the limit."""

from collections.abc import Sequence, Set

from accelsim.compiler.instruction import Instruction
from accelsim.compiler.placement import Placed
from accelsim.compiler.room import RoomError
from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.network import INPUT, Layer, Network
from accelsim.ops import Reads, Shape
from accelsim.topology import Place

MOST_STEPS = 500_000
"""Steps of a program: more take gigabytes, and minutes before the first one runs."""
MOST_TILES = 1500
"""Tiles of all layers: to choose how edges are had takes some hundredths of a second for each."""


class LimitError(InputError):
    """A limit of the machine that a network exceeds. key: of the machine; needed: what would do."""

    def __init__(self, message: str, key: str, needed: int) -> None:
        super().__init__(message)
        self.key, self.needed = key, needed


def check_layers(network: Network, machine: Machine) -> None:
    """Check every layer alone and in its order; raises InputError."""
    by_name = {layer.name: layer for layer in network.layers}
    readers: dict[str, list[Layer]] = {name: [] for name in (INPUT, *by_name)}
    for layer in network.layers:
        for name in layer.inputs:
            readers[name].append(layer)
    host = {layer.name for layer in network.on_host}
    is_open = {INPUT: False}
    for layer in network.layers:
        if layer.name in host:
            _check_on_host(network, layer, host)
            continue
        inputs = [is_open[name] for name in layer.inputs]
        _check_inputs(network, layer, inputs)
        is_open[layer.name] = layer.rule.is_open(inputs)
        if is_open[layer.name]:
            _check_ends(network, layer, readers[layer.name])
        _check_form(network, layer)
        _check_extent(network, layer, machine)


def check_size(network: Network, machine: Machine) -> None:
    """Refuse a network whose program would be too long to be worked out; raises InputError.

    The number is an estimate: no edges of tiles, and sums that are read plane by plane.
    """
    lanes, fan_in = machine.arrays.lanes.value, machine.arrays.fan_in.value
    steps = cut = 0
    for layer in network.on_machine:
        out, source = layer.out_shape, layer.in_shape
        sums = 1
        if layer.op == "conv":
            reads = source.maps // layer.groups * (-(-layer.kernel // 3)) ** 2
            sums = -(-reads // fan_in)
        tiles = max(_tiles(shape, machine) for shape in (out, source))
        cut += tiles if tiles > 1 else 0
        if cut > MOST_TILES:
            raise refuse(
                network,
                layer,
                f"{cut:,} tiles of maps up to here, and a program has at most {MOST_TILES:,}: "
                "expected larger arrays (arrays.rows, arrays.cols)",
            )
        steps += tiles * -(-out.maps // lanes) * sums
        if steps > MOST_STEPS:
            raise refuse(
                network,
                layer,
                f"about {steps:,} steps up to here, and a program has at most {MOST_STEPS:,}: "
                "expected fewer or smaller maps, or larger arrays (arrays.rows, arrays.cols, "
                "arrays.lanes)",
            )


def _tiles(shape: Shape, machine: Machine) -> int:
    rows, cols = machine.arrays.rows.value, machine.arrays.cols.value
    return -(-shape.rows // rows) * -(-shape.cols // cols)


def refuse_reads(network: Network, machine: Machine, error: RoomError) -> InputError:
    """Return the refusal of a step that reads too much and cannot be split."""
    key, limit, where = "arrays.fan_in", machine.arrays.fan_in, ""
    if error.of_bank:
        key, limit, where = "banks.read_ports", machine.banks.read_ports, " of one bank"
    one = "with one circuit " if error.of_bank and machine.circuits.value == 1 else ""
    message = f"{one}a step reads {error.reads} planes{where}, the machine has {key}"
    refusal = refuse(network, error.layer, f"{message} = {limit.value}")
    return LimitError(str(refusal), key, error.reads)


def check_planes(network: Network, machine: Machine, placed: Placed, contexts: int) -> None:
    """Check that the planes of all images in flight fit into the banks; raises InputError."""
    planes = machine.banks.planes.value
    for place, count in placed.planes.items():
        if place is Place.SRAM:
            _check_sram(network, machine, placed, contexts)
        elif count * contexts > planes:
            peak = _first_to_use(placed.instructions, place, count - 1)
            in_flight = f" with {contexts} images in flight (sequencer.contexts)"
            enough = placed.enough * contexts
            refusal = refuse(
                network,
                peak.layer,
                f"step {peak.step} ({peak.op}) needs {count * contexts} planes in a bank of "
                f"{place.described}{in_flight if contexts > 1 else ''}, "
                f"the machine has banks.planes = {planes}: {enough} would do; accelsim compile "
                "--fit says what else would",
            )
            raise LimitError(str(refusal), "banks.planes", enough)


def _check_sram(network: Network, machine: Machine, placed: Placed, contexts: int) -> None:
    """Check that the SRAM holds the maps of all images in flight."""
    count, codes = placed.planes[Place.SRAM], machine.codes
    if codes is None or count * contexts <= codes.planes:
        return
    needed = count * contexts * codes.plane_bytes
    peak = _first_to_use(placed.instructions, Place.SRAM, count - 1)
    in_flight = f" with {contexts} images in flight (sequencer.contexts)" if contexts > 1 else ""
    refusal = refuse(
        network,
        peak.layer,
        f"step {peak.step} ({peak.op}) needs {count * contexts} maps a lane in the SRAM"
        f"{in_flight}, {needed:,} bytes; the machine has digital.sram.size = {codes.size:,}: "
        f"{needed:,} would do, or codes of fewer bits (converters.adc.bits)",
    )
    raise LimitError(str(refusal), "digital.sram.size", needed)


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


def _check_extent(network: Network, layer: Layer, machine: Machine) -> None:
    """Check that a window fits into an array, where cells of the window stay where they are."""
    shape = layer.in_shape
    for key, size in (("rows", shape.rows), ("cols", shape.cols)):
        limit, least = getattr(machine.arrays, key).value, min(size, layer.kernel)
        if layer.rule.spreads and least > limit:
            message = f"a window of {least} {key}, which no tile has"
            refusal = refuse(network, layer, f"{message}: the machine has arrays.{key} = {limit}")
            raise LimitError(str(refusal), f"arrays.{key}", least)


def _check_on_host(network: Network, layer: Layer, host: Set[str]) -> None:
    """Check a layer that the host computes: fully connected ones, and ReLUs between them."""
    if not layer.rule.on_host and layer.op != "relu":
        raise refuse(
            network,
            layer,
            f"a {layer.op} after a fully-connected layer: the host computes fc and relu there",
        )
    if not host >= set(layer.inputs) and layer.name != network.on_host[0].name:
        raise refuse(network, layer, "the host reads the machine's maps in one layer alone")


def _check_inputs(network: Network, layer: Layer, inputs: Sequence[bool]) -> None:
    """Check whether a layer reads maps or a sum, as its op does. inputs: which are sums."""
    reads = layer.rule.reads
    if reads is Reads.SUM and not all(inputs):
        raise refuse(
            network, layer, f"a {layer.op} must follow a conv: values are above 0 elsewhere"
        )


def _check_ends(network: Network, layer: Layer, readers: Sequence[Layer]) -> None:
    """Check that what follows forms the sum of a layer, and nothing else reads it."""
    wrong = [each for each in readers if each.rule.reads is Reads.MAPS]
    if wrong or not readers:
        raise refuse(
            network,
            layer,
            f"a {layer.op} must be followed by a relu, or an add and a relu: the machine "
            "computes them together",
        )
    if len(readers) > 1:
        names = " and ".join(f"'{each.name}'" for each in readers)
        raise refuse(
            network, layer, f"{names} read it; its sum is formed together with one of them"
        )


def _check_form(network: Network, layer: Layer) -> None:
    if not layer.rule.has_steps(layer):
        raise refuse(
            network,
            layer,
            f"{layer.op} with {layer.form}: the machine has steps for {layer.rule.supported}",
        )
