"""The chain of a figure as lines of text of a given width."""

import textwrap
from collections.abc import Iterator

from accelsim.documents.constants import PUBLISHED
from accelsim.network import load_network
from accelsim.reports import chains
from accelsim.reports.provenance import FIGURE, Provenance
from accelsim.reports.sources import held


def chain_lines(graph: Provenance, name: str, width: int) -> Iterator[str]:
    """Give the chain of a node, with the source of each constant."""
    for line in chains.tree(graph, name):
        pad = "  " * line.depth
        text = line.text + (" (above)" if line.again else "")
        yield from textwrap.wrap(text, width, initial_indent=pad, subsequent_indent=pad + "    ")
        if not line.again and line.node.kind != FIGURE:
            source = " ".join(line.node.source.split())
            pad += "  | "
            yield from textwrap.wrap(source, width, initial_indent=pad, subsequent_indent=pad)


def verdict_lines(graph: Provenance, name: str, width: int) -> Iterator[str]:
    """Give what may be said of a figure of the shipped machines beside what was published."""
    for each in held(load_network()):
        if each.figure == name:
            verdict = graph.verdict(name, PUBLISHED + each.id, by_hand=each.by_hand)
            how = "By hand" if each.by_hand else "Published"
            text = f"{how}: {each.text}. If ours fits: {verdict.word}; {verdict.because}."
            yield from textwrap.wrap(text, width, subsequent_indent="  ")
