"""The graph of the machines that ship, their network, and what was published of them."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from accelsim.config import Machine
from accelsim.documents.constants import PUBLISHED
from accelsim.network import Network, load_network
from accelsim.reports import cells, rivals, runs
from accelsim.reports.provenance import (
    Node,
    Provenance,
    figure_nodes,
    machine_nodes,
    network_nodes,
)
from accelsim.reports.published import PublishedFigure, load_published, load_ties

BY_HAND = "expected"
OF_NETWORK: Mapping[tuple[str, str], str] = {
    ("irmen", "latency"): "latency",
    ("irmen", "energy_per_image"): "energy_per_image",
    ("charge", "latency"): "charge_latency",
    ("charge", "energy_per_image"): "charge_energy_per_image",
}
"""(machine, figure) of a network's `published` -> the name of the figure here."""


_RUN = "machine"


def provenance(machines: Mapping[str, Machine], network: Network) -> Provenance:
    """Return the graph of the machines that ship on a network."""
    nodes = chain(
        _published(load_published(), network),
        *(machine_nodes(name, machine) for name, machine in machines.items()),
        network_nodes(network),
        figure_nodes({**runs.INPUTS, **cells.INPUTS, **rivals.INPUTS}),
    )
    return Provenance(nodes, load_ties())


def provenance_of_run(machine: Machine) -> Provenance:
    """Return the graph of the figures of a run, whose constants are 'machine:KEY'."""
    nodes = chain(
        _published(load_published(), load_network()),
        machine_nodes(_RUN, machine),
        network_nodes(None),
        figure_nodes(runs.inputs_of_runs(_RUN, by_value=machine.energy.follows_values)),
    )
    return Provenance(nodes, load_ties())


class Held(NamedTuple):
    """A published figure that one of ours is held against. text: 'about 42 ns (S1, S2)'."""

    figure: str
    id: str
    text: str
    by_hand: bool


def held(network: Network) -> Iterator[Held]:
    """Give what each figure of ours is held against, where that is a number."""
    for entry in network.published:
        figure = OF_NETWORK.get((entry.machine, entry.figure), "")
        yield Held(figure, entry.id, f"{entry.relation} {entry.text} ({entry.source})", False)
    for line in load_published():
        if line.value is not None:
            number = f"{line.relation} {line.value:g} {line.unit}".strip()
            by_hand = line.group == BY_HAND
            yield Held(line.figure or "", line.id, f"{number} ({line.source})", by_hand)


def _published(lines: tuple[PublishedFigure, ...], network: Network) -> Iterator[Node]:
    """Give what was published; what follows by hand is no evidence, and no node."""
    for entry in network.published:
        if entry.id:
            text = f"{entry.relation} {entry.text}"
            yield Node(PUBLISHED + entry.id, "published", text, entry.source)
    for line in lines:
        if line.group != BY_HAND:
            number = "" if line.value is None else f"{line.relation} {line.value:g} {line.unit}"
            text = (line.text or number).strip()
            yield Node(PUBLISHED + line.id, "published", text, f"{line.what}: {line.source}")
