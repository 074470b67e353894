"""The chain of a figure in words: what it rests on in a line, and as an indented tree."""

from collections.abc import Iterator
from typing import NamedTuple

from accelsim.documents.constants import PUBLISHED
from accelsim.reports.provenance import FIGURE, Node, Provenance

_NAMED, _SHOWN = 2, 4


class Line(NamedTuple):
    """A line of a tree. again: the node stands further up, with its inputs."""

    depth: int
    node: Node
    text: str
    again: bool


def weakest(provenance: Provenance, name: str) -> str:
    """Return the weakest that a derived constant follows from: 'assumed length, width'.

    "" if that is published. Assumed is weaker than calibrated.
    """
    chain = provenance.chain(name)[1:]
    for kind in ("unknown", "assumed", "calibrated"):
        labels = list(dict.fromkeys(node.label for node in chain if node.kind == kind))
        if labels:
            more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
            return f"{kind} {', '.join(labels[:_NAMED])}{more}"
    return ""


def kind_of(provenance: Provenance, node: Node) -> str:
    """Return 'derived, from assumed length, width and 7 more', or the kind alone."""
    if node.kind == "derived":
        weak = weakest(provenance, node.name)
        return f"derived, from {weak}" if weak else "derived"
    if node.kind == "assumed" and node.aims:
        return f"assumed, in view of {_names(node.aims)}"
    return f"calibrated to {_names(node.aims)}" if node.aims else node.kind


def _names(aims: tuple[str, ...]) -> str:
    names = [aim.removeprefix(PUBLISHED).replace("_", " ") for aim in aims]
    return f"the published {', '.join(names)}"


def rests(provenance: Provenance, figure: str) -> str:
    """Return the constants that a figure rests on, with kinds: 'clock (assumed), ...'."""
    constants = provenance.constants(figure)
    shown = [f"{node.label} ({kind_of(provenance, node)})" for node in constants[:_SHOWN]]
    rest = constants[_SHOWN:]
    if rest:
        kinds = ", ".join(sorted({node.kind for node in rest}))
        shown.append(f"{len(rest)} more ({kinds})")
    return ", ".join(shown)


def tree(provenance: Provenance, name: str) -> Iterator[Line]:
    """Give the chain of a node as an indented tree; what was shown before is not opened again."""
    seen: set[str] = set()
    waiting = [(0, name)]
    while waiting:
        depth, each = waiting.pop()
        node, again = provenance.node(each), each in seen
        yield Line(depth, node, _text(node), again)
        if not again:
            seen.add(each)
            waiting += ((depth + 1, below) for below in reversed(node.inputs))


def _text(node: Node) -> str:
    if node.kind == FIGURE:
        return node.label
    if node.name.startswith(PUBLISHED):
        return f"{node.label}: {node.text}"
    aims = f", in view of {_names(node.aims)}" if node.aims else ""
    value = f" {node.text}" if node.text else ""
    return f"{node.label}{value}, {node.kind}{aims}"


def as_plain(provenance: Provenance, name: str) -> list[dict[str, object]]:
    """Return the chain of a node as plain data, the node first, each ancestor once."""
    return [
        {
            "name": node.name,
            "kind": node.kind,
            "value": node.text,
            "source": node.source,
            "from": list(node.inputs),
            "to": list(node.aims),
        }
        for node in provenance.chain(name)
    ]
