"""Which step wrote what a step of a program reads, map by map."""

from collections.abc import Sequence
from typing import NamedTuple

from accelsim.compiler import Instruction, PlaneRef, Program
from accelsim.ops import FETCH_STEP, FILL_STEP, SPILL_STEP, STORE_STEP

_MOVES = (STORE_STEP, FETCH_STEP)


class Source(NamedTuple):
    """A map that was written: by which of the steps, from 0, and which of its maps."""

    step: int
    number: int


class Node(NamedTuple):
    """A step, and what each of its operands reads, in order of the operand's planes."""

    step: Instruction
    sources: tuple[tuple[Source, ...], ...]


def flow(program: Program) -> list[Node]:
    """Return the steps of a program with what they read, the first of them number 0."""
    written: dict[PlaneRef, Source] = {}
    nodes: list[Node] = []
    for number, step in enumerate(program.instructions):
        nodes.append(Node(step, tuple(_read(each.planes, written) for each in step.operands)))
        written |= {ref: Source(number, map_) for map_, ref in enumerate(step.destination)}
    return nodes


def kept_flow(program: Program) -> list[Node]:
    """Return the steps, but for those that only move maps; what these moved is read where it was.

    A spill, a fill, a store and a fetch only move maps, unless these are packed on the way.
    """
    written: dict[PlaneRef, Source] = {}
    spilled: dict[int, tuple[Source, ...]] = {}
    nodes: list[Node] = []
    for step in program.instructions:
        sources = tuple(_read(operand.planes, written) for operand in step.operands)
        if step.op == SPILL_STEP:
            (spilled[step.first_map],) = sources
            continue
        if step.op == FILL_STEP:
            found = spilled[step.first_map]
        elif step.op in _MOVES and step.operands[0].grid == step.grid:
            (found,) = sources
        else:
            found = tuple(Source(len(nodes), map_) for map_ in range(len(step.destination)))
            nodes.append(Node(step, sources))
        written |= dict(zip(step.destination, found, strict=True))
    return nodes


def _read(planes: Sequence[PlaneRef], written: dict[PlaneRef, Source]) -> tuple[Source, ...]:
    return tuple(written[ref] for ref in planes)
