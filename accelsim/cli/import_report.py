"""What `accelsim import` prints: nodes and their costs, scales, agreement with the model."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from rich.console import Console
from rich.table import Table

from accelsim.cli.tables import new_table
from accelsim.importer import ImportedNetwork, Range, Row
from accelsim.importer.ranges import stored_as_one
from accelsim.network import Network
from accelsim.ops import Pixels
from accelsim.resources import visible
from accelsim.simulation import Result
from accelsim.units import render

_NODE = 24
"""Characters of a node's name: the table fits 80 columns, nodes.csv has whole names."""


@dataclass(frozen=True)
class Agreement:
    """Images whose class on ideal cells is the one that the model itself gives."""

    images: int
    same: int
    by: str
    accuracy_of_model: float | None
    accuracy: float | None


@dataclass(frozen=True)
class Import:
    """A model that was imported. result: None if the machine refused it, and why."""

    imported: ImportedNetwork
    network: Network
    machine: str
    synapse_range: float | None
    ranges: tuple[Range, ...]
    result: Result | None
    refusal: str
    agreement: Agreement | None


def print_import(console: Console, found: Import) -> None:
    """Print the tables of an import, and what has to be said of it."""
    console.print(_nodes(found))
    if found.ranges:
        console.print(_ranges(found))
        for line in _pixels(found.imported.pixels):
            console.print(line)
        for line in _beyond(found):
            console.print(line)
    else:
        console.print(
            "No weights: their scales follow from images; --dataset names some (--dataset mnist: "
            "the digits that ship)."
        )
    if found.result is None:
        console.print(f"No costs: {found.refusal}")
    else:
        stats = found.result.stats
        steps = len(found.result.program.instructions)
        console.print(
            f"On '{found.machine}': {steps} steps, "
            f"latency {render(int(stats.latency.value), 'ps')}, "
            f"energy per image {render(int(stats.energy_per_image.value), 'aJ')}"
        )
    if found.agreement is not None:
        _print_agreement(console, found.agreement)


def _nodes(found: Import) -> Table:
    table = new_table(
        f"Nodes of '{found.imported.name}': {len(found.imported.rows)}, "
        f"{len(found.imported.layers)} layers",
        left=("node", "operator", "became"),
        right=("steps", "energy, pJ"),
    )
    steps, energy = _by_layer(found.result)
    ends = _paid_by(found.network, steps)
    for row in found.imported.rows:
        cost = _cost(row, steps, energy, ends, found)
        table.add_row(visible(row.node, _NODE), row.op, row.became, *cost)
    return table


def _cost(
    row: Row,
    steps: Mapping[str, int],
    energy: Mapping[str, int],
    ends: Mapping[str, str],
    found: Import,
) -> tuple[str, str]:
    """Return the steps and energy of a row, or why it has none of its own."""
    if not row.layer or found.result is None:
        return "", ""
    if any(layer.name == row.layer for layer in found.network.on_host):
        return "", "not modelled"
    if row.layer in steps:
        return f"{steps[row.layer]:,}", f"{energy[row.layer] / 1e6:,.3f}"
    return "", f"in {visible(ends[row.layer], _NODE)}" if row.layer in ends else "no step"


def _by_layer(result: Result | None) -> tuple[Counter[str], Counter[str]]:
    """Return steps and energy (aJ) of each layer, of the first image."""
    steps, energy = Counter[str](), Counter[str]()
    rows = result.schedule if result is not None else ()
    for layer, some in groupby(sorted(rows, key=lambda row: row.layer), key=lambda row: row.layer):
        of_layer = list(some)
        steps[layer] = len(of_layer)
        energy[layer] = sum(row.energy_aJ for row in of_layer)
    return steps, energy


def _paid_by(network: Network, steps: Mapping[str, int]) -> dict[str, str]:
    """Return which layer has the steps of one that is a term of its sum."""
    found: dict[str, str] = {}
    for layer in reversed(network.on_machine):
        payer = layer.name if layer.name in steps else found.get(layer.name)
        if layer.op == "add" and payer is not None:
            found.update({name: payer for name in layer.inputs if name not in steps})
    return found


def _ranges(found: Import) -> Table:
    reach = found.synapse_range
    of = "" if reach is None else f", {reach:.3g} at most"
    table = new_table(
        "Scales: what a layer stores as 1",
        left=("layer",),
        right=("largest value", "scale", "above it, %", f"weight{of}", "partial sum"),
    )
    for each in found.ranges:
        table.add_row(
            visible(each.layer, _NODE), f"{each.highest:.4g}", f"{each.scale:.4g}",
            f"{100 * each.clipped:.3g}", f"{each.largest_weight:.3g}",
            f"{each.partial:.3g}" if each.partial else "",
        )  # fmt: skip
    table.caption = (
        "weight: the largest that leads to the layer, of what a synapse can be set to "
        "(arrays.synapse_range); partial sum: the largest size, where a sum may take several "
        "steps. Both in what is stored as 1."
    )
    return table


def _pixels(pixels: Pixels) -> Iterator[str]:
    """Give a line that says how normalized images are stored."""
    if not pixels.is_plain:
        stored = stored_as_one(pixels)
        scale, shift = pixels.scale / stored, pixels.shift / stored
        each = ", ".join(f"p/255 x {a:.4g} {b:+.4g}" for a, b in zip(scale, shift, strict=True))
        yield (
            f"Pixel p is stored as {visible(each, 200)}: normalized as it is loaded, so that zeros "
            "around an image are those of the model (input.scale, input.shift of the weights)."
        )


def _beyond(found: Import) -> Iterator[str]:
    """Give a line for each layer with a weight that no synapse can be set to."""
    for each in found.ranges:
        if found.synapse_range is not None and each.largest_weight > found.synapse_range:
            yield (
                f"Layer '{each.layer}': a weight of {each.largest_weight:.3g} is beyond what a "
                f"synapse of '{found.machine}' can be set to (arrays.synapse_range "
                f"{found.synapse_range:.3g}); values are computed as if it could."
            )


def _print_agreement(console: Console, found: Agreement) -> None:
    share = f"{found.same} of {found.images}"
    console.print(f"Ideal cells give the class of the model for {share} images ({found.by})")
    if found.accuracy is not None and found.accuracy_of_model is not None:
        console.print(
            f"Accuracy: {100 * found.accuracy:.2f} % on ideal cells, "
            f"{100 * found.accuracy_of_model:.2f} % of the model"
        )
