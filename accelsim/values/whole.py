"""A micro-program in whole layers, for ideal cells: fewer and larger steps, the same values.

Two rewritings, neither of which changes a value by more than rounding:

* A partial sum becomes part of the step that reads it back, where no image can clip it:
  its bounds follow from the weights and from the bounds of what it reads. Where one can (the gain
  is from calibration images), it stays a step and is clipped.
* Folds of a layer become one step, and so do the loads of input maps.

The result is for values alone: it fits no machine, its steps have no time, and its planes are
numbers of values, not places.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import NamedTuple

from accelsim.compiler import Instruction, Operand, PlaneRef, Program
from accelsim.network import Weights
from accelsim.ops import CENTRE, DENSE, LOAD_STEP, LOADS, PARTIAL_STEP
from accelsim.topology import Place
from accelsim.values.bounds import bounds
from accelsim.values.flow import Node, Source, kept_flow

_SLACK = 1e-6
"""How far beyond [-1, 1] a bound may be by rounding alone."""


def whole(program: Program, weights: Weights) -> Program:
    """Return a program that computes the same maps with a step for each part of a layer."""
    nodes = kept_flow(program)
    joined = _without_partial_sums(nodes, weights)
    return _numbered(program, _in_order(_folds(joined)) or _in_order(_singles(joined)))


_Nodes = Mapping[int, Node]
"""Steps by the number that sources name."""
_Term = tuple[Operand, tuple[Source, ...]]
"""An operand of a step, and what it reads."""


def _without_partial_sums(nodes: Sequence[Node], weights: Weights) -> dict[int, Node]:
    """Return the steps, with partial sums that cannot be clipped in those that read them."""
    within = [
        bool(low.min() >= -1 - _SLACK and high.max() <= 1 + _SLACK)
        for low, high in bounds(nodes, weights)
    ]
    joined: dict[int, Node] = {}
    for number, node in enumerate(nodes):
        terms: list[_Term] = []
        for operand, sources in zip(node.step.operands, node.sources, strict=True):
            partial = _read_back(node.step, operand, sources, joined)
            if partial is None or not within[partial]:
                terms.append((operand, sources))
                continue
            part = joined.pop(partial)
            scaled = [_scaled(each, operand.kernel.gain) for each in part.step.operands]
            terms.extend(zip(scaled, part.sources, strict=True))
        joined[number] = _with(node.step, _neighbours_joined(terms))
    return joined


def _read_back(
    step: Instruction, operand: Operand, sources: Sequence[Source], nodes: _Nodes
) -> int | None:
    """Return which partial sum an operand reads as it is, map by map, or None."""
    number = sources[0].step
    part = nodes[number].step
    is_one = (
        part.op == PARTIAL_STEP
        and not operand.shared
        and not operand.kernel.layer
        and (operand.taps, operand.kernel.fixed) == ((CENTRE,), (1.0,))
        and operand.grid == part.grid == DENSE
        and (part.rows, part.cols, part.maps) == (step.rows, step.cols, step.maps)
        and list(sources) == [Source(number, map_) for map_ in range(part.maps)]
    )
    return number if is_one else None


def _scaled(operand: Operand, gain: float) -> Operand:
    product = operand.kernel.gain * gain
    whole_gain = 1.0 if abs(product - 1) < _SLACK**2 else product
    return replace(operand, kernel=replace(operand.kernel, gain=whole_gain))


def _neighbours_joined(terms: Sequence[_Term]) -> list[_Term]:
    """Join operands that read neighbouring input maps of a layer through one template."""
    joined: dict[Hashable, list[_Term]] = defaultdict(list)
    ordered = sorted(terms, key=lambda term: term[0].kernel.first_in)
    for number, (operand, sources) in enumerate(ordered):
        key: Hashable = number
        if operand.shared:
            key = replace(operand, planes=(), kernel=replace(operand.kernel, first_in=0))
        before = joined[key]
        if before and _follows(before[-1][0], operand):
            last, its = before.pop()
            planes = (*last.planes, *operand.planes)
            before.append((replace(last, planes=planes), (*its, *sources)))
        else:
            before.append((operand, sources))
    return [term for same in joined.values() for term in same]


def _follows(before: Operand, operand: Operand) -> bool:
    return operand.kernel.first_in == before.kernel.first_in + len(before.planes)


def _with(step: Instruction, terms: Sequence[_Term]) -> Node:
    operands = tuple(operand for operand, _ in terms)
    return Node(replace(step, operands=operands), tuple(sources for _, sources in terms))


@dataclass(frozen=True)
class _Group:
    """Steps that become one, in order of their maps, by their numbers."""

    nodes: Mapping[int, Node]

    @property
    def read(self) -> set[int]:
        """Steps that it reads."""
        return {
            source.step
            for node in self.nodes.values()
            for sources in node.sources
            for source in sources
        }


def _singles(nodes: _Nodes) -> list[_Group]:
    return [_Group({number: node}) for number, node in nodes.items()]


def _folds(nodes: _Nodes) -> list[_Group]:
    """Return the steps with folds of a layer, alike but for their maps, in one group."""
    times: dict[Hashable, int] = defaultdict(int)
    alike: dict[Hashable, dict[int, Node]] = defaultdict(dict)
    for number, node in nodes.items():
        step = node.step
        kind = _kind(node) if step.destination else number
        turn = times[kind, step.first_map] = times[kind, step.first_map] + 1
        alike[kind, turn][number] = node
    groups = []
    for members in alike.values():
        ordered = dict(sorted(members.items(), key=lambda item: item[1].step.first_map))
        groups.extend([_Group(ordered)] if _adjoin(ordered) else _singles(members))
    return groups


def _kind(node: Node) -> Hashable:
    """Return what folds of a layer have in common."""
    step, operands = node.step, []
    for operand, sources in zip(node.step.operands, node.sources, strict=True):
        kernel = operand.kernel
        if kernel.layer:
            kernel = replace(kernel, first_out=kernel.first_out - step.first_map)
        common = replace(operand, planes=(), kernel=kernel)
        operands.append((common, sources if operand.shared else None))
    op = LOAD_STEP if step.op in LOADS else step.op
    rest = replace(step, step=0, op=op, operands=(), destination=(), maps=0, first_map=0)
    return rest, tuple(operands)


def _adjoin(members: _Nodes) -> bool:
    """Tell whether the maps of some steps follow one another."""
    steps = [node.step for node in members.values()]
    return all(
        second.first_map == first.first_map + first.maps for first, second in pairwise(steps)
    )


def _in_order(groups: Sequence[_Group]) -> list[_Group]:
    """Return groups such that each follows those that it reads; none if there is no such order."""
    of = {number: place for place, group in enumerate(groups) for number in group.nodes}
    graph = {place: {of[number] for number in group.read} for place, group in enumerate(groups)}
    try:
        return [groups[place] for place in TopologicalSorter(graph).static_order()]
    except CycleError:
        return []


class _Value(NamedTuple):
    """Where the result of a step is: which plane number, and from which map on."""

    plane: int
    first: int


def _numbered(program: Program, groups: Sequence[_Group]) -> Program:
    """Return a program of these groups; a value takes the lowest number that is free."""
    last = {number: place for place, group in enumerate(groups) for number in group.read}
    at: dict[int, _Value] = {}
    busy: dict[int, int] = {}  # plane number -> place of the last group that reads it
    steps = []
    for place, group in enumerate(groups):
        step = _merged(group, at)
        free = next(n for n in range(len(busy) + 1) if busy.get(n, -1) <= place)
        if step.destination:
            first = 0
            for number, node in group.nodes.items():
                at[number] = _Value(free, first)
                first += node.step.maps
            busy[free] = max(last[number] for number in group.nodes)
            to = tuple(PlaneRef(Place.A, map_, free) for map_ in range(step.maps))
            step = replace(step, destination=to)
        steps.append(replace(step, step=place + 1))
    planes = {Place.A: len(busy)}
    return replace(program, instructions=tuple(steps), planes=planes)


def _merged(group: _Group, at: Mapping[int, _Value]) -> Instruction:
    """Return one step for those of a group, reading values where they are."""
    nodes = list(group.nodes.values())
    step, operands = nodes[0].step, []
    for place, operand in enumerate(step.operands):
        of = nodes[:1] if operand.shared else nodes
        sources = [source for node in of for source in node.sources[place]]
        found = [at[source.step] for source in sources]
        planes = tuple(
            PlaneRef(Place.A, value.first + source.number, value.plane)
            for value, source in zip(found, sources, strict=True)
        )
        operands.append(replace(operand, planes=planes))
    maps = sum(node.step.maps for node in nodes)
    return replace(step, operands=tuple(operands), maps=maps)
