"""Which step wrote what a step of a program reads, map by map."""

from collections.abc import Sequence
from typing import NamedTuple

from accelsim.compiler import Instruction, PlaneRef, Program
from accelsim.ops import FILL_STEP, SPILL_STEP


class Source(NamedTuple):
    """A map that was written: by which of the steps, from 0, and which of its maps."""

    step: int
    number: int


class Node(NamedTuple):
    """A step, and what each of its operands reads, in order of the operand's planes."""

    step: Instruction
    sources: tuple[tuple[Source, ...], ...]


def flow(program: Program) -> list[Node]:
    """Return the steps of a program with what they read.

    What the host keeps for a while is read where it was: spills and fills are not among them.
    """
    written: dict[PlaneRef, Source] = {}
    spilled: dict[int, tuple[Source, ...]] = {}
    nodes: list[Node] = []
    for step in program.instructions:
        sources = tuple(_read(operand.planes, written) for operand in step.operands)
        if step.op == SPILL_STEP:
            (spilled[step.first_map],) = sources
            continue
        found = tuple(Source(len(nodes), map_) for map_ in range(len(step.destination)))
        if step.op == FILL_STEP:
            found = spilled[step.first_map]
        else:
            nodes.append(Node(step, sources))
        written |= dict(zip(step.destination, found, strict=True))
    return nodes


def _read(planes: Sequence[PlaneRef], written: dict[PlaneRef, Source]) -> tuple[Source, ...]:
    return tuple(written[ref] for ref in planes)
