"""The steps of layers, each for all maps of its layer at once.

Here steps get circuits, and sums the operands of their terms; lanes and planes come later. What
layers read may be a view: then the taps are moved to where its cells are, and cells of several
tiles are operands of their own, each with the taps that reach it.
"""

from collections.abc import Iterator, Set
from itertools import pairwise

from accelsim.compiler.draft import Draft, DraftOperand
from accelsim.compiler.instruction import Bias, Kernel, Tile
from accelsim.compiler.regions import OUTPUT
from accelsim.network import INPUT
from accelsim.ops import (
    CENTRE,
    CONV_STEP,
    COPY_STEP,
    DENSE,
    EXCHANGE_STEP,
    HANDOFF_STEP,
    LOAD_STEP,
    PLUS_STEP,
    STEP_OPS,
    SUM_STEP,
    Grid,
    Maps,
    Shape,
    StepOp,
    StepSpec,
    Sum,
    Template,
    Term,
    Value,
)
from accelsim.topology import Place

AS_IT_IS = Template((CENTRE,), (1.0,))


class Drafting:
    """Collects drafts; an `Issuer`. layer, tile: what the steps issued now belong to.

    digital: layers that the digital engine does.
    """

    def __init__(self, circuits: int, digital: Set[str] = frozenset()) -> None:
        self.digital = digital
        self.drafts: list[Draft] = []
        self.layer = INPUT
        self.tile: Tile | None = None
        self._circuits = circuits

    def load(self, shape: Shape) -> Value:
        """Let the host write input maps into planes of circuit A."""
        value = Value(Place.A, *shape, DENSE)
        rows, cols, maps = shape.rows, shape.cols, shape.maps
        self.drafts.append(Draft(LOAD_STEP, INPUT, (), value, rows, cols, maps, tile=self.tile))
        return value

    def handoff(self, values: Maps) -> None:
        """Let the host take the final maps."""
        (template,), first = STEP_OPS[HANDOFF_STEP].operands, 0
        for view in values:
            value = self.exchange(view, first)
            maps, rows, cols = value.maps, value.rows, value.cols
            sources = tuple(_own(value, template, DENSE, (rows, cols)))
            self.drafts.append(
                Draft(
                    HANDOFF_STEP, OUTPUT, sources, None, rows, cols, maps, first_map=first,
                    tile=self.tile,
                )
            )  # fmt: skip
            first += maps

    def exchange(self, view: Value, first_map: int) -> Value:
        """Copy a view into planes of its own; return it, or what it shows if that is one value.

        first_map: its first map, among those of the layer.
        """
        if len(view.stored) == 1:
            return view
        sources = tuple(_own(view, AS_IT_IS, DENSE, (view.rows, view.cols)))
        value = Value(self._opposite(view), view.maps, view.rows, view.cols, DENSE)
        return self._written(
            Draft(
                EXCHANGE_STEP, self.layer, sources, value, view.rows, view.cols, view.maps,
                first_map=first_map, tile=self.tile,
            )
        )  # fmt: skip

    def step(self, spec: StepSpec) -> Value:
        """Add a step of a layer that is done map by map; return what it writes."""
        op, first, grid = STEP_OPS[spec.op], spec.reads[0], spec.to_grid
        place = Place.SRAM if op.is_digital else self._opposite(first)
        # The extent of a strided result is that of the plane region it is spread over.
        rows = first.rows if grid.row_step > 1 else spec.rows
        cols = first.cols if grid.col_step > 1 else spec.cols
        value = Value(place, first.maps, rows, cols, grid)
        templates = [each.mirrored() for each in op.operands] if spec.mirrored else op.operands
        sources = tuple(
            source
            for template, read in zip(templates, spec.reads, strict=True)
            for source in _own(
                read, template.shifted(*spec.begins), spec.from_grid, (spec.rows, spec.cols)
            )
        )
        return self._written(
            Draft(
                op.name, self.layer, sources, value, spec.rows, spec.cols, first.maps, grid,
                _bias(op), spec.first_map, tile=self.tile,
            )
        )  # fmt: skip

    def sum(self, layer: str, found: Sum, shape: Shape) -> Maps:
        """Add the step that forms a sum; it belongs to the layer whose sum it is.

        Groups of a convolution, and values that are added as they are, each take a step.
        """
        parts = _parts(found, shape.maps)
        cuts = sorted({0, *(end for part in parts for end in part), *_groups(found, shape.maps)})
        op = STEP_OPS[_sum_op(found)]
        made = []
        for begin, end in parts:
            value = None
            for first, last in pairwise(cut for cut in cuts if begin <= cut <= end):
                sources = tuple(
                    source
                    for term in found.terms
                    for source in _sources(term, range(first, last), shape)
                )
                place = self._opposite(sources[0].value)
                if value is None:
                    value = Value(place, end - begin, shape.rows, shape.cols, DENSE)
                draft = Draft(
                    op.name, layer, sources, value, shape.rows, shape.cols, last - first,
                    bias=_bias(op, layer), first_map=first, at=first - begin, tile=self.tile,
                )  # fmt: skip
                self.drafts.append(draft)
            assert value is not None  # noqa: S101 - a part has maps
            window = (shape.rows, shape.cols)
            made.append(self._brought_back(value, layer, window, begin))
        return tuple(made)

    def _written(self, draft: Draft) -> Value:
        self.drafts.append(draft)
        assert draft.result is not None  # noqa: S101 - only a handoff writes nothing
        window = (draft.rows, draft.cols)
        return self._brought_back(draft.result, draft.layer, window, draft.first_map)

    def _brought_back(
        self, staged: Value, layer: str, window: tuple[int, int], first_map: int
    ) -> Value:
        """Return a value; a staged one, of a window of cells, is copied back to circuit A first."""
        if staged.place is not Place.STAGING:
            return staged
        (template,) = STEP_OPS[COPY_STEP].operands
        value = Value(Place.A, staged.maps, staged.rows, staged.cols, staged.grid)
        sources = tuple(_own(staged, template, staged.grid, window))
        self.drafts.append(
            Draft(
                COPY_STEP, layer, sources, value, *window, staged.maps, staged.grid,
                first_map=first_map, tile=self.tile,
            )
        )  # fmt: skip
        return value

    def _opposite(self, read: Value) -> Place:
        """Return where a step writes that reads a value."""
        if self._circuits == 1:
            return Place.STAGING
        return Place.A if read.stored[0].value.place is Place.B else Place.B


def _own(
    value: Value, template: Template, grid: Grid, window: tuple[int, int]
) -> Iterator[DraftOperand]:
    """Give the operands of which each map reads the same map of a value."""
    for stored, seen in _seen(value, template, grid, window):
        kernel = Kernel(fixed=seen.weights or ())
        yield DraftOperand(stored, seen.taps, kernel, grid, is_part=len(value.stored) > 1)


def _seen(
    value: Value, template: Template, grid: Grid, window: tuple[int, int]
) -> Iterator[tuple[Value, Template]]:
    """Give the values that hold cells of a value, and the template that each is read through."""
    parts = [(part.value, template.shifted(part.row, part.col)) for part in value.stored]
    if len(parts) == 1:
        yield from parts
        return
    reaching = [
        (stored, part)
        for stored, moved in parts
        if (part := moved.reaching(grid, window, (stored.rows, stored.cols))) is not None
    ]
    yield from reaching or parts[:1]


def _bias(op: StepOp, layer: str = "") -> Bias | None:
    return None if op.bias is None else Bias(op.bias, layer)


def _sum_op(found: Sum) -> str:
    convolutions = sum(bool(term.layer) for term in found.terms)
    if not convolutions:
        return PLUS_STEP
    return CONV_STEP if len(found.terms) == 1 else SUM_STEP


def _parts(found: Sum, maps: int) -> list[tuple[int, int]]:
    """Return the maps of each value of a sum, as those that it adds as they are have them."""
    sizes = next(
        ([value.maps for value in term.maps] for term in found.terms if not term.layer), [maps]
    )
    ends = [sum(sizes[: number + 1]) for number in range(len(sizes))]
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _groups(found: Sum, maps: int) -> Iterator[int]:
    """Give where groups of convolutions and values that are added begin and end."""
    for term in found.terms:
        if term.layer and not _is_depthwise(term, maps):
            yield from range(0, maps + 1, maps // term.groups)
        else:
            first = 0
            for value in term.maps:
                first += value.maps
                yield first


def _is_depthwise(term: Term, maps: int) -> bool:
    """Tell whether each map is computed from the map of the same number."""
    return 1 < term.groups == maps == sum(value.maps for value in term.maps)


def _sources(term: Term, computed: range, shape: Shape) -> Iterator[DraftOperand]:
    """Give the operands of a term for some of the maps that are computed, in a window."""
    maps = shape.maps
    own = not term.layer or _is_depthwise(term, maps)
    read = computed
    if not own:
        inputs = sum(value.maps for value in term.maps) // term.groups
        group = computed.start // (maps // term.groups)
        read = range(group * inputs, (group + 1) * inputs)
    for template in term.templates:
        before = 0
        for value in term.maps:
            first, last = max(read.start, before), min(read.stop, before + value.maps)
            if first < last:
                first_in = 0 if own else first - read.start
                for stored, seen in _seen(value, template, term.grid, (shape.rows, shape.cols)):
                    kernel = Kernel(fixed=seen.weights or ())
                    if term.layer:
                        kernel = Kernel(
                            layer=term.layer, first_out=computed.start, first_in=first_in,
                            block=seen.block,
                        )  # fmt: skip
                    yield DraftOperand(
                        stored, seen.taps, kernel, term.grid, first - before,
                        None if own else last - first, len(value.stored) > 1,
                    )  # fmt: skip
            before += value.maps
