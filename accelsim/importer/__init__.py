"""ONNX models: read with limits, made into layers node by node, scaled by calibration images.

`model` reads a file, `builder` goes through its nodes, `operators` has what makes layers of each,
`ranges` finds scales, and `imported` is what comes out. Knows nothing of machines: what a machine
has no steps for at all is refused here, what a certain machine cannot hold by the compiler.
"""

from accelsim.importer.imported import (
    CALIBRATION,
    LARGEST,
    PLAIN,
    SUFFIX,
    ImportedNetwork,
    Normalization,
    ScaledNetwork,
    import_model,
)
from accelsim.importer.layers import Row
from accelsim.importer.ranges import Range

__all__ = [
    "CALIBRATION",
    "LARGEST",
    "PLAIN",
    "SUFFIX",
    "ImportedNetwork",
    "Normalization",
    "Range",
    "Row",
    "ScaledNetwork",
    "import_model",
]
