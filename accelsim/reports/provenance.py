"""Where every result comes from: published figures -> constants -> figures, as a directed graph.

Nodes, each with a kind, a value as text and a source:

    published:ID    a figure of configs/published or of the network's `published`
    MACHINE:KEY     a constant of a machine file; network:PART of the network
    FIGURE          what accelsim computes; its inputs stand in a table beside its computation

An edge goes from what something follows from to what follows. A constant that was chosen in view
of a published figure (`to`) has an edge of its own sort, which is no evidence but the opposite:
it makes all that follows from the constant "calibrated" where it is held against that figure or
one tied to it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import networkx as nx

from accelsim.config import Machine
from accelsim.config.origins import constants_of
from accelsim.documents.constants import FROM, PUBLISHED, TO
from accelsim.errors import InputError, nearest
from accelsim.network import Network
from accelsim.network.graph import ORIGINS, Origin

FIGURE, UNKNOWN = "figure", "unknown"
NETWORK = "network"
_PLAIN = ("irmen", "machine")  # machines that a label does not name
_HOW = {
    "derived": "names no input; add `from: [...]` with the keys that it follows from, such as "
    "cell.length, or published:ID",
    "calibrated": "names no figure; add `to: [published:ID]` with the published figure that it "
    "was chosen for",
}


@dataclass(frozen=True)
class Node:
    """A node of the graph. text: its value; "" for a figure. inputs, aims: names of nodes.

    aims: published figures that a constant was chosen in view of.
    """

    name: str
    kind: str
    text: str = ""
    source: str = ""
    inputs: tuple[str, ...] = ()
    aims: tuple[str, ...] = ()

    @property
    def is_constant(self) -> bool:
        """Whether it is a constant of a machine or a part of the network."""
        return ":" in self.name and not self.name.startswith(PUBLISHED)

    @property
    def label(self) -> str:
        """Its name for readers: 'write cycles', 'charge clock', 'layers of the network'."""
        if not self.is_constant:
            published = "published " if self.name.startswith(PUBLISHED) else ""
            return published + self.name.removeprefix(PUBLISHED).replace("_", " ")
        place, _, key = self.name.partition(":")
        last = key.rsplit(".", 1)[-1].replace("_", " ")
        if place == NETWORK:
            return f"{last} of the network"
        return last if place in _PLAIN else f"{place} {last}"


class Verdict(NamedTuple):
    """What may be said of a result that is as published, and why."""

    word: str
    because: str


AGREES, CONSISTENT = "agrees", "consistent, on assumptions"
CALIBRATED, TAKEN = "calibrated", "taken over"
ARITHMETIC = "arithmetic of the source"


class Provenance:
    """The graph. ties: groups of published figures of which one follows from another."""

    def __init__(self, nodes: Iterable[Node], ties: Iterable[Iterable[str]] = ()) -> None:
        self.nodes = {node.name: node for node in nodes}
        self.ties = [frozenset(f"{PUBLISHED}{name}" for name in group) for group in ties]
        self.graph = nx.DiGraph()
        self.graph.add_nodes_from(self.nodes)
        for node in self.nodes.values():
            self.graph.add_edges_from(((name, node.name) for name in node.aims), sort=TO)
            self.graph.add_edges_from(((name, node.name) for name in node.inputs), sort=FROM)

    def node(self, name: str) -> Node:
        """Return a node; one of kind 'unknown' for a name that nothing has."""
        return self.nodes.get(name) or Node(name, UNKNOWN)

    def find(self, text: str) -> str:
        """Return the name of a node that a user asks for; InputError with the nearest one.

        A key may stand without its machine, a published figure without 'published:' and as it is
        printed: 'Fig. 3' is fig3.
        """
        prefixes = ("", "irmen:", f"{NETWORK}:", "charge:", PUBLISHED)
        asked = (text, re.sub(r"\W", "", text.lower()))
        found = next((p + t for t in asked for p in prefixes if p + t in self.nodes), None)
        if found is None:
            known = [name for name, node in self.nodes.items() if node.kind == FIGURE]
            near = nearest(text, [*known, *(name.partition(":")[2] for name in self.nodes)])
            raise InputError(
                f"--why {text}: no such figure or constant{near}; figures: "
                f"{', '.join(sorted(known))}"
            )
        return found

    def chain(self, name: str) -> tuple[Node, ...]:
        """Return a node and all that it follows from, each once, inputs after what they are of."""
        found: dict[str, Node] = {}
        waiting = [name]
        while waiting:
            node = self.node(waiting.pop())
            if node.name not in found:
                found[node.name] = node
                waiting += reversed(node.inputs)
        return tuple(found.values())

    def constants(self, name: str) -> tuple[Node, ...]:
        """Return the constants that a figure rests on directly, or by figures between them."""
        found: dict[str, Node] = {}
        waiting = [self.node(each) for each in reversed(self.node(name).inputs)]
        while waiting:
            node = waiting.pop()
            if node.kind == FIGURE:
                waiting += (self.node(each) for each in reversed(node.inputs))
            else:
                found.setdefault(node.name, node)
        return tuple(found.values())

    def kinds(self, name: str) -> frozenset[str]:
        """Return the kinds of all that a node follows from."""
        return frozenset(node.kind for node in self.chain(name)[1:] if node.kind != FIGURE)

    def tied(self, published: str) -> frozenset[str]:
        """Return a published figure and those tied to it."""
        return frozenset({published}).union(*(group for group in self.ties if published in group))

    def verdict(self, figure: str, published: str, *, by_hand: bool = False) -> Verdict:
        """Return what may be said of a figure that is as published, from its ancestors alone.

        published: the node of what it is held against. by_hand: whether that was computed by hand
        from the same constants, and published nowhere.
        """
        tied, chain = self.tied(published), self.chain(figure)
        chosen = [node for node in chain if tied.intersection(node.aims)]
        if chosen:
            names = ", ".join(f"{node.label} ({node.kind})" for node in chosen)
            aims = dict.fromkeys(aim for node in chosen for aim in node.aims if aim in tied)
            which = ", ".join(aim.removeprefix(PUBLISHED).replace("_", " ") for aim in aims)
            was = "was" if len(chosen) == 1 else "were"
            return Verdict(CALIBRATED, f"{names} {was} chosen in view of the published {which}")
        if any(node.name == published for node in chain):
            return Verdict(TAKEN, "the published figure is an input")
        if by_hand:
            return Verdict(ARITHMETIC, "the same constants by hand: a check of the program alone")
        weak = [node for node in chain if node.kind not in ("published", "derived", FIGURE)]
        if weak:
            number = len(weak)
            more = f" and {number - 1} more" if number > 1 else ""
            return Verdict(CONSISTENT, f"on {weak[0].label} ({weak[0].kind}){more}")
        return Verdict(AGREES, "all that it follows from is published")

    def lacking(self) -> Iterator[str]:
        """Give what the graph lacks, a sentence each: inputs, known names, roots; and cycles."""
        for node in self.nodes.values():
            yield from self._lacking(node)
        if not nx.is_directed_acyclic_graph(self.graph):
            cycle = [edge[0] for edge in nx.find_cycle(self.graph)]
            yield f"a cycle: {' -> '.join([*cycle, cycle[0]])}"

    def _lacking(self, node: Node) -> Iterator[str]:
        if node.kind == FIGURE and not node.inputs:
            yield f"figure '{node.name}' names no inputs in the table beside its computation"
        if (node.kind == "derived" and not node.inputs) or (
            node.kind == "calibrated" and not node.aims
        ):
            yield f"{node.name}: kind '{node.kind}', and {_HOW[node.kind]}"
        for key, names in ((FROM, node.inputs), (TO, node.aims)):
            for name in names:
                if name not in self.nodes:
                    yield (
                        f"{node.name}: '{key}' names '{name}', which neither a machine file nor "
                        f"configs/published nor a figure has{nearest(name, self.nodes)}"
                    )


def machine_nodes(place: str, machine: Machine) -> Iterator[Node]:
    """Give the constants of a machine, as nodes 'PLACE:KEY'."""
    for key, constant in constants_of(machine).items():
        inputs = tuple(
            name if name.startswith(PUBLISHED) else f"{place}:{name}" for name in constant.inputs
        )
        text = f"{constant.text} {_unit(constant)}".strip()
        yield Node(
            f"{place}:{key}", constant.kind, text, constant.source, inputs, tuple(constant.aims)
        )


def _unit(constant: object) -> str:
    """Return the unit of a count, which its text is without."""
    base = str(getattr(constant, "base", ""))
    return base if base not in ("ps", "aJ") and not str(constant.text).endswith(base) else ""  # type: ignore[attr-defined]


def network_nodes(network: Network | None) -> Iterator[Node]:
    """Give the parts of a network, as nodes 'network:PART'; assumed where nothing is known."""
    for part in ORIGINS:
        origin = network.origins.get(part, Origin()) if network else Origin()
        name = network.name if network else ""
        yield Node(f"{NETWORK}:{part}", origin.kind, name, origin.source)


def figure_nodes(table: Mapping[str, tuple[str, ...]]) -> Iterator[Node]:
    """Give the figures of a table of inputs."""
    for name, inputs in table.items():
        yield Node(name, FIGURE, inputs=inputs)
