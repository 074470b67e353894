"""The ops: what a layer is lowered to, and what a step computes, counts and looks like.

`steps` has one row for each op of an instruction, `layers` one class for each op of a network
file. Network, compiler, values and pictures read what they need of an op here; nothing else
names one. A new layer op is a class in `layers`, and a row in `steps` for each op that its
steps have and no other layer's.
"""

from accelsim.ops.layers import LAYER_OPS, Form, Issue, Layer, LayerOp, Shape, StepSpec
from accelsim.ops.steps import COPY_STEP, HANDOFF_STEP, LOAD_STEP, STEP_OPS, StepOp
from accelsim.ops.template import CENTRE, DENSE, Grid, Tap, Template
from accelsim.ops.value import Value

__all__ = [
    "CENTRE",
    "COPY_STEP",
    "DENSE",
    "HANDOFF_STEP",
    "LAYER_OPS",
    "LOAD_STEP",
    "STEP_OPS",
    "Form",
    "Grid",
    "Issue",
    "Layer",
    "LayerOp",
    "Shape",
    "StepOp",
    "StepSpec",
    "Tap",
    "Template",
    "Value",
]
