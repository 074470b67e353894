"""The ops: what a layer is lowered to, and what a step computes, counts and looks like.

`steps` has one row for each op of an instruction, `layers` names one class for each op of a
network file; they are in `sums` and `pools`, and `layer` says what such a class has to have.
Network, compiler, values and pictures read what they need of an op here; nothing else names one. A
new layer op is a class, and a row in `steps` for each op that its steps have and no other layer's.
"""

from accelsim.ops.layer import Issuer, Layer, LayerOp, Reads, StepSpec
from accelsim.ops.layers import LAYER_OPS
from accelsim.ops.pixels import Pixels
from accelsim.ops.shapes import Form, Pads, Shape
from accelsim.ops.steps import (
    CONV_STEP,
    COPY_STEP,
    DIGITAL_POOL,
    DIGITAL_RELU,
    EXCHANGE_STEP,
    FETCH_STEP,
    FILL_STEP,
    FROM_HOST,
    HANDOFF_MORE_STEP,
    HANDOFF_STEP,
    HANDOFFS,
    IN_WORDS,
    LOAD_MORE_STEP,
    LOAD_STEP,
    LOADS,
    PARTIAL_STEP,
    PLUS_STEP,
    SPILL_STEP,
    STEP_OPS,
    STORE_STEP,
    SUM_STEP,
    TO_HOST,
    StepOp,
)
from accelsim.ops.sums import Add
from accelsim.ops.template import (
    CENTRE,
    DENSE,
    Block,
    Grid,
    Tap,
    Template,
    blocks,
    fits_template,
    synapse_of,
)
from accelsim.ops.value import Maps, Piece, Sum, Term, Value

__all__ = [
    "CENTRE",
    "CONV_STEP",
    "COPY_STEP",
    "DENSE",
    "DIGITAL_POOL",
    "DIGITAL_RELU",
    "EXCHANGE_STEP",
    "FETCH_STEP",
    "FILL_STEP",
    "FROM_HOST",
    "HANDOFFS",
    "HANDOFF_MORE_STEP",
    "HANDOFF_STEP",
    "IN_WORDS",
    "LAYER_OPS",
    "LOADS",
    "LOAD_MORE_STEP",
    "LOAD_STEP",
    "PARTIAL_STEP",
    "PLUS_STEP",
    "SPILL_STEP",
    "STEP_OPS",
    "STORE_STEP",
    "SUM_STEP",
    "TO_HOST",
    "Add",
    "Block",
    "Form",
    "Grid",
    "Issuer",
    "Layer",
    "LayerOp",
    "Maps",
    "Pads",
    "Piece",
    "Pixels",
    "Reads",
    "Shape",
    "StepOp",
    "StepSpec",
    "Sum",
    "Tap",
    "Template",
    "Term",
    "Value",
    "blocks",
    "fits_template",
    "synapse_of",
]
