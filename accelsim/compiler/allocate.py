"""Gives planes to values by liveness: a plane is free again after its last reader."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accelsim.compiler.instruction import Bias, Instruction, Kernel, Operand, PlaneRef
from accelsim.ops import DENSE, Grid, Tap, Value
from accelsim.topology import Place


@dataclass(frozen=True)
class DraftOperand:
    """A value as an operand, before it has planes."""

    value: Value
    taps: tuple[Tap, ...]
    kernel: Kernel
    grid: Grid
    shared: bool = False


@dataclass(frozen=True)
class Draft:
    """An instruction before allocation."""

    op: str
    layer: str
    sources: tuple[DraftOperand, ...]
    result: Value | None
    rows: int
    cols: int
    maps: int
    grid: Grid = DENSE
    bias: Bias | None = None


def allocate(drafts: Sequence[Draft]) -> tuple[tuple[Instruction, ...], dict[Place, int]]:
    """Return instructions with planes, and the planes an image needs in each place.

    A result takes the lowest plane that is free in all its lanes; its operands are
    still held while it is charged, so it never shares a plane with them.
    """
    last_use = {
        source.value: index for index, draft in enumerate(drafts) for source in draft.sources
    }
    live: dict[Value, int] = {}
    needed: dict[Place, int] = {}
    instructions = []
    for index, draft in enumerate(drafts):
        if draft.result is not None:
            plane = _lowest_free(draft.result, live)
            live[draft.result] = plane
            place = draft.result.place
            needed[place] = max(needed.get(place, 0), plane + 1)
        instructions.append(_instruction(index + 1, draft, live))
        for value in [value for value in live if last_use.get(value, -1) <= index]:
            if value is not draft.result:
                del live[value]
    return tuple(instructions), needed


def _lowest_free(value: Value, live: dict[Value, int]) -> int:
    taken = {plane for other, plane in live.items() if other.place is value.place}
    return next(plane for plane in range(len(taken) + 1) if plane not in taken)


def _instruction(step: int, draft: Draft, live: dict[Value, int]) -> Instruction:
    return Instruction(
        step=step,
        op=draft.op,
        layer=draft.layer,
        operands=tuple(_operand(source, live) for source in draft.sources),
        destination=_planes([draft.result] if draft.result else [], live),
        grid=draft.grid,
        rows=draft.rows,
        cols=draft.cols,
        maps=draft.maps,
        bias=draft.bias,
    )


def _operand(source: DraftOperand, live: dict[Value, int]) -> Operand:
    value = source.value
    return Operand(
        planes=_planes([value], live),
        taps=source.taps,
        kernel=source.kernel,
        grid=source.grid,
        extent=(value.rows, value.cols),
        shared=source.shared,
    )


def _planes(values: Iterable[Value], live: dict[Value, int]) -> tuple[PlaneRef, ...]:
    return tuple(
        PlaneRef(value.place, lane, live[value]) for value in values for lane in range(value.maps)
    )
