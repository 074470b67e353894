"""From a network to a micro-program: instructions, their counts, planes allocated by liveness."""

from accelsim.compiler.classifier import (
    BIAS_BITS,
    CODE_BUFFERS,
    ClassifierDesign,
    Stage,
    Stages,
    stages_of,
)
from accelsim.compiler.counts import Counts, count
from accelsim.compiler.fit import check_program
from accelsim.compiler.instruction import (
    Bias,
    HostLayer,
    Instruction,
    Kernel,
    Operand,
    PlaneRef,
    Program,
    Tile,
)
from accelsim.compiler.listing import program_json, read_program
from accelsim.compiler.lower import compile_network, compile_tenants
from accelsim.compiler.overhead import LayerTiles, tiles_of
from accelsim.compiler.phases import Phase, Phases
from accelsim.compiler.soundness import check_weights
from accelsim.compiler.tenancy import ContextPlan, Tenancy, check_contexts
from accelsim.ops import Grid, Tap
from accelsim.topology import Place

__all__ = [
    "BIAS_BITS",
    "CODE_BUFFERS",
    "Bias",
    "ClassifierDesign",
    "ContextPlan",
    "Counts",
    "Grid",
    "HostLayer",
    "Instruction",
    "Kernel",
    "LayerTiles",
    "Operand",
    "Phase",
    "Phases",
    "Place",
    "PlaneRef",
    "Program",
    "Stage",
    "Stages",
    "Tap",
    "Tenancy",
    "Tile",
    "check_contexts",
    "check_program",
    "check_weights",
    "compile_network",
    "compile_tenants",
    "count",
    "program_json",
    "read_program",
    "stages_of",
    "tiles_of",
]
