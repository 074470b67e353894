"""Ops of steps, one row each: template, bias, what is counted, what is computed, colour.

A step of any op computes, for each destination cell,

    y = clip( sum over operands and taps of  w * x  + z , -1, 1 )

so its templates and its z are all that its values, its tap-cycles and the cells that it reads
follow from. What differs from layer to layer (window, grids, which planes) is in the layer op
that issues the step.
"""

from dataclasses import dataclass

from accelsim.ops.template import CENTRE, NEIGHBOURHOOD, Tap, Template

LOAD_STEP, HANDOFF_STEP, COPY_STEP = "load", "handoff", "copy"
"""Ops that the compiler issues itself, for no layer: the first and the last step of a program,
and the one that brings a staged result back where there is one circuit."""

# After Okabe and Ito, "Color Universal Design" (2008): apart for colour-blind eyes.
BLUE, ORANGE, GREEN, SKY = "#0072B2", "#E69F00", "#009E73", "#56B4E9"
YELLOW, VERMILION, PURPLE, GREY = "#F0E442", "#D55E00", "#CC79A7", "#999999"


@dataclass(frozen=True)
class StepOp:
    """An op of an instruction.

    name: as programs, traces and tables have it. family: the name that ops which are shown
    alike share. colour: of the family in pictures. formula: what a cell computes, for readers.
    operands: the template that each source is read through. bias: z of a step, to which a step
    with trained weights adds its layer's bias; None if the step has no bias synapse.
    driven: taps of a cell that come from outside the arrays, which the host's drivers are.
    """

    name: str
    family: str
    colour: str
    formula: str
    operands: tuple[Template, ...]
    bias: float | None = None
    driven: int = 0

    @property
    def trained(self) -> bool:
        """Tell whether the step has the weights, and the bias, of its layer."""
        return any(template.trained for template in self.operands)


def _of(*taps: tuple[Tap, float]) -> Template:
    return Template(tuple(tap for tap, _ in taps), tuple(weight for _, weight in taps))


_TRAINED = Template(NEIGHBOURHOOD)
_SAME = _of((CENTRE, 1.0))
_EAST = _of((Tap(0, 1), 1.0), (CENTRE, -1.0))
_SOUTH = _of((Tap(1, 0), 1.0), (CENTRE, -1.0))
_MEAN = _of(*((Tap(row, col), 0.25) for row in (0, 1) for col in (0, 1)))

_TABLE = (
    StepOp(LOAD_STEP, "load", GREY, "pixel / 255", (), driven=1),
    # The -1 leaves room below 1 for what the relu that follows gives back.
    StepOp("conv", "conv", BLUE, "clip(W * x + b - 1)", (_TRAINED,), -1.0),
    StepOp("relu", "relu", ORANGE, "clip(x + 1)", (_SAME,), 1.0),
    # With values of 0 to 1, diff and add are max(x, neighbour); one outside the map reads 0.
    StepOp("diff_h", "diff", GREEN, "clip(east - x - 1)", (_EAST,), -1.0),
    StepOp("add_h", "add", SKY, "clip(diff + x + 1)", (_SAME, _SAME), 1.0),
    StepOp("diff_v", "diff", GREEN, "clip(south - x - 1)", (_SOUTH,), -1.0),
    StepOp("add_v", "add", SKY, "clip(diff + x + 1)", (_SAME, _SAME), 1.0),
    StepOp("avg", "avg", YELLOW, "clip(sum of 2 x 2 cells / 4)", (_MEAN,)),
    StepOp(COPY_STEP, "copy", VERMILION, "x", (_SAME,)),
    StepOp(HANDOFF_STEP, "handoff", PURPLE, "x", (_SAME,)),
)

STEP_OPS = {op.name: op for op in _TABLE}
"""The ops of steps by name."""
