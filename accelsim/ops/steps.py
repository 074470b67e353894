"""Ops of steps, one row each: template, bias, what is counted, what is computed, colour.

A step of any op computes, for each destination cell,

    y = clip( sum over operands and taps of  w * x  + z , -1, 1 )

so its templates and its z are all that its values, its tap-cycles and the cells that it reads
follow from. What differs from layer to layer (window, grids, which planes) is in the layer op
that issues the step.
"""

from dataclasses import dataclass

from accelsim.ops.template import CENTRE, Tap, Template, square

LOAD_STEP, HANDOFF_STEP, COPY_STEP = "load", "handoff", "copy"
"""Ops that the compiler issues itself, for no layer: the first and the last step of a program,
and the one that brings a staged result back where there is one circuit."""
LOAD_MORE_STEP, HANDOFF_MORE_STEP, PARTIAL_STEP = "load_more", "handoff_more", "partial"
"""Ops that it issues for further maps (loads after the first, handoffs before the last), and for
sums of more planes than a step reads (all steps of a sum before its last)."""
EXCHANGE_STEP = "exchange"
"""Op that it issues for maps larger than an array: copies a tile and what is beside it."""
LOADS, HANDOFFS = (LOAD_STEP, LOAD_MORE_STEP), (HANDOFF_STEP, HANDOFF_MORE_STEP)
SPILL_STEP, FILL_STEP = "spill", "fill"
"""Ops that it issues where planes do not suffice: maps that the host keeps, and gives back."""
STORE_STEP, FETCH_STEP = "store", "fetch"
"""Ops between analog planes and the SRAM, through ADCs and DACs (a machine whose maps.memory is
sram)."""
DIGITAL_RELU, DIGITAL_POOL = "relu", "pool"
"""Layers that the digital engine may do."""
FROM_HOST, TO_HOST = (*LOADS, FILL_STEP), (*HANDOFFS, SPILL_STEP)
"""Ops that the host drives, and those that it takes what is read of."""
SUM_STEP, CONV_STEP, PLUS_STEP = "sum", "conv", "plus"
"""Ops of the last step of a sum: of convolutions and maps, of one convolution, of maps alone."""

# After Okabe and Ito, "Color Universal Design" (2008): apart for colour-blind eyes.
BLUE, ORANGE, GREEN, SKY = "#0072B2", "#E69F00", "#009E73", "#56B4E9"
YELLOW, VERMILION, PURPLE, GREY = "#F0E442", "#D55E00", "#CC79A7", "#999999"


@dataclass(frozen=True)
class StepOp:
    """An op of an instruction.

    name: as programs, traces and tables have it. family: the name that ops which are shown
    alike share. colour: of the family in pictures. formula: what a cell computes, for readers.
    operands: the template that each source is read through; of a sum, which has an operand for
    each of its terms, and of an exchange, which has one for each tile, none. bias: z of a step, to
    which a step with trained weights adds its layer's bias; None if it has no bias synapse.
    driven: taps of a cell that come from outside the arrays, which the host's drivers are.
    is_digital: done by the digital engine on codes in the SRAM. is_max: a cell is the largest of
    those that its taps reach, not their sum.
    """

    name: str
    family: str
    colour: str
    formula: str
    operands: tuple[Template, ...]
    bias: float | None = None
    driven: int = 0
    is_digital: bool = False
    is_max: bool = False

    @property
    def is_sum(self) -> bool:
        """Tell whether it has an operand for each term of a sum, weights of a layer among them."""
        return not self.operands and not self.driven

    @property
    def operations(self) -> int:
        """What the digital engine does for a cell: of a maximum a comparison less than taps."""
        taps = sum(len(template.taps) for template in self.operands)
        return taps - 1 if self.is_max else taps


def _of(*taps: tuple[Tap, float]) -> Template:
    return Template(tuple(tap for tap, _ in taps), tuple(weight for _, weight in taps))


_SAME = _of((CENTRE, 1.0))
_EAST = _of((Tap(0, 1), 1.0), (CENTRE, -1.0))
_SOUTH = _of((Tap(1, 0), 1.0), (CENTRE, -1.0))
_MEAN = _of(*((tap, 1 / 4) for tap in square(2)))
_MEAN_OF_9 = _of(*((tap, 1 / 9) for tap in square(3)))
_ANY, _ANY_OF_9 = (_of(*((tap, 1.0) for tap in square(size))) for size in (2, 3))

_TABLE = (
    StepOp(LOAD_STEP, "load", GREY, "pixel / 255", (), driven=1),
    StepOp(LOAD_MORE_STEP, "load", GREY, "pixel / 255", (), driven=1),
    # The -1 leaves room below 1 for what the relu that follows gives back.
    StepOp(CONV_STEP, "conv", BLUE, "clip(W * x + b - 1)", (), -1.0),
    StepOp(SUM_STEP, "conv", BLUE, "clip(W * x + maps + b - 1)", (), -1.0),
    StepOp(PARTIAL_STEP, "conv", BLUE, "gain * (a part of W * x + maps)", ()),
    StepOp(PLUS_STEP, "add", SKY, "clip(sum of maps)", ()),
    StepOp("relu", "relu", ORANGE, "clip(x + 1)", (_SAME,), 1.0),
    # With values of 0 to 1, diff and add are max(x, neighbour); one outside the map reads 0.
    StepOp("diff_h", "diff", GREEN, "clip(east - x - 1)", (_EAST,), -1.0),
    StepOp("add_h", "add", SKY, "clip(diff + x + 1)", (_SAME, _SAME), 1.0),
    StepOp("diff_v", "diff", GREEN, "clip(south - x - 1)", (_SOUTH,), -1.0),
    StepOp("add_v", "add", SKY, "clip(diff + x + 1)", (_SAME, _SAME), 1.0),
    StepOp("avg", "avg", YELLOW, "clip(sum of 2 x 2 cells / 4)", (_MEAN,)),
    StepOp("avg3", "avg", YELLOW, "clip(sum of 3 x 3 cells / 9)", (_MEAN_OF_9,)),
    StepOp(COPY_STEP, "copy", VERMILION, "x", (_SAME,)),
    StepOp(EXCHANGE_STEP, "copy", VERMILION, "x of a tile and beside it", ()),
    StepOp(HANDOFF_STEP, "handoff", PURPLE, "x", (_SAME,)),
    StepOp(HANDOFF_MORE_STEP, "handoff", PURPLE, "x", (_SAME,)),
    StepOp(SPILL_STEP, "handoff", PURPLE, "x", (_SAME,)),
    StepOp(FILL_STEP, "load", GREY, "x, as it was spilled", (), driven=1),
    StepOp(STORE_STEP, "handoff", PURPLE, "code of x", (_SAME,)),
    StepOp(FETCH_STEP, "load", GREY, "value of a code", (_SAME,)),
    StepOp("relu_d", "relu", ORANGE, "clip(x + 1)", (_SAME,), 1.0, is_digital=True),
    StepOp("max_d", "diff", GREEN, "max of 2 x 2 cells", (_ANY,), is_digital=True, is_max=True),
    StepOp(
        "max3_d", "diff", GREEN, "max of 3 x 3 cells", (_ANY_OF_9,), is_digital=True, is_max=True
    ),
    StepOp("avg_d", "avg", YELLOW, "sum of 2 x 2 cells / 4", (_MEAN,), is_digital=True),
    StepOp("avg3_d", "avg", YELLOW, "sum of 3 x 3 cells / 9", (_MEAN_OF_9,), is_digital=True),
)

STEP_OPS = {op.name: op for op in _TABLE}
"""The ops of steps by name."""
IN_WORDS = frozenset(
    {STORE_STEP, FETCH_STEP, *(op.name for op in STEP_OPS.values() if op.is_digital)}
)
"""Ops to the SRAM, from it, and within it: no array has a part in them."""

STEP_MEANINGS = {
    LOAD_STEP: "a map of the image comes from the host into a plane of circuit A",
    LOAD_MORE_STEP: "a further map of an image of several maps comes from the host",
    CONV_STEP: "a convolution weighs the 3x3 neighbours of each cell in all maps that it reads",
    SUM_STEP: "the last step of a sum of several convolutions and maps",
    PARTIAL_STEP: "a part of a sum of more planes than a step reads; the next step adds to it",
    PLUS_STEP: "maps are added as they are",
    "relu": "what a convolution left below 0 becomes 0",
    "diff_h": "first half of a maximum of two neighbours, across: how much larger the east one is",
    "add_h": "second half of a maximum of two neighbours, across: that added to the cell itself",
    "diff_v": "first half of a maximum of two neighbours, down: how much larger the south one is",
    "add_v": "second half of a maximum of two neighbours, down: that added to the cell itself",
    "avg": "the mean of 2 x 2 cells",
    "avg3": "the mean of 3 x 3 cells",
    COPY_STEP: "a plane is copied, on the way to where the next step reads it",
    EXCHANGE_STEP: "a tile of a larger map gets the cells around it from its neighbours",
    HANDOFF_STEP: "the last maps go to the boundary of the fully-connected layer",
    HANDOFF_MORE_STEP: "a further group of lanes' last maps goes to that boundary",
    SPILL_STEP: "maps that find no free plane are kept by the host",
    FILL_STEP: "maps that were spilled come back from the host",
    STORE_STEP: "maps leave the analog memory: ADCs turn them into codes in the SRAM",
    FETCH_STEP: "maps come back from the SRAM: DACs drive cells with their codes",
    "relu_d": "the digital engine clips what a convolution left, as a relu does",
    "max_d": "the digital engine takes the largest of 2 x 2 codes",
    "max3_d": "the digital engine takes the largest of 3 x 3 codes",
    "avg_d": "the digital engine takes the mean of 2 x 2 codes",
    "avg3_d": "the digital engine takes the mean of 3 x 3 codes",
}
"""What a step of each op does."""
