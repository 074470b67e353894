"""The YAML parser, within bounds: how deep a file nests, how much its aliases stand for, digits.

A few hundred bytes of aliases of aliases stand for more than any memory holds. How much it
would be is counted before any of it is made.
"""

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MOST_NODES, MOST_DEPTH = 100_000, 50
# YAML 1.1 had underscores in them, 1.2 has not: a typing error as likely as a wish.
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


class _Bounded(Composer):
    """Composes the nodes of a file and refuses those that are too many."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False

    def get_single_node(self) -> Any:
        """Return the node of the only document; MarkedYAMLError if it is beyond the bounds."""
        node = super().get_single_node()
        if node is not None:
            _Measure().measure(node)
        return node


class _Measure:
    """Counts nodes as if each alias were written out."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int]] = {}

    def measure(self, node: Node) -> tuple[int, int]:
        """Return how many nodes and levels a node stands for."""
        known = self._known.get(id(node), (0, 0))
        if known is _OPEN:
            raise _beyond(node, "an alias of what it is in")
        if known[0]:
            return known
        self._known[id(node)] = _OPEN
        if isinstance(node, ScalarNode) and node.tag in _NUMBERS and "_" in node.value:
            raise _beyond(node, f"got {node.value:.40}; expected a number without '_', or a text")
        found = [self.measure(inner) for inner in _below(node)]
        nodes = 1 + sum(each[0] for each in found)
        depth = 1 + max((each[1] for each in found), default=0)
        if nodes > MOST_NODES:
            raise _beyond(node, f"more than {MOST_NODES:,} values, with its aliases written out")
        if depth > MOST_DEPTH:
            raise _beyond(node, f"nested more than {MOST_DEPTH} levels deep")
        self._known[id(node)] = (nodes, depth)
        return nodes, depth


_OPEN = (-1, -1)


def parser(kind: str) -> YAML:
    """Return a parser: "rt" keeps the places of keys, "safe" gives plain data."""
    made = YAML(typ=kind, pure=True)
    made.Composer = _Bounded
    return made


def _below(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _beyond(node: Node, what: str) -> MarkedYAMLError:
    return MarkedYAMLError(problem=what, problem_mark=node.start_mark)
