"""Which step wrote what a step of a program reads, map by map."""

from collections.abc import Sequence
from typing import NamedTuple

from accelsim.compiler import Instruction, PlaneRef, Program


class Source(NamedTuple):
    """A map that was written: by which step of the program, from 0, and which of its maps."""

    step: int
    number: int


class Node(NamedTuple):
    """A step, and what each of its operands reads, in order of the operand's planes."""

    step: Instruction
    sources: tuple[tuple[Source, ...], ...]


def flow(program: Program) -> list[Node]:
    """Return the steps of a program with what they read."""
    written: dict[PlaneRef, Source] = {}
    nodes = []
    for number, step in enumerate(program.instructions):
        sources = tuple(_read(operand.planes, written) for operand in step.operands)
        nodes.append(Node(step, sources))
        written |= {ref: Source(number, map_) for map_, ref in enumerate(step.destination)}
    return nodes


def _read(planes: Sequence[PlaneRef], written: dict[PlaneRef, Source]) -> tuple[Source, ...]:
    return tuple(written[ref] for ref in planes)
