"""What nodes of a model become: layers of a network file, with weights that may still change."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.ops import Pads, Shape

Floats = NDArray[np.float64]


@dataclass(eq=False)
class ImportedLayer:
    """A layer of the network that is made; its rows of a network file, and weights.

    inputs: names of layers. most: a clip from above that the model has, beyond which a relu's
    values do not go. partial: the largest size of a partial sum. weight, bias: of conv and fc.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    shape: Shape
    kernel: int = 0
    stride: int = 1
    pads: Pads = (0, 0, 0, 0)
    groups: int = 1
    most: float = np.inf
    partial: float | None = None
    weight: Floats | None = field(default=None, repr=False)
    bias: Floats | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Row:
    """What a node became, for the table. layer: of the network that it is, "" for none."""

    node: str
    op: str
    became: str
    layer: str = ""


@dataclass(frozen=True)
class Constants:
    """A tensor that is known before any image is. A batch in it is 0."""

    array: NDArray[np.generic]


@dataclass(frozen=True)
class Mapped:
    """Maps of a layer that are computed, 0 and above. pads: zeros that still go around them.

    scale, shift: (maps,), that are still to be applied: x * scale + shift.
    """

    layer: str
    shape: Shape
    pads: Pads = (0, 0, 0, 0)
    scale: Floats | None = None
    shift: Floats | None = None


@dataclass(frozen=True)
class Open:
    """The sum of a convolution or of an addition, that a ReLU has to end.

    pool: a maximum that the model takes before the ReLU: the same as after it.
    """

    layer: str
    shape: Shape
    pool: ImportedLayer | None = None


@dataclass(frozen=True)
class Features:
    """What a fully connected layer reads of maps: all cells, or the mean of each map.

    is_flat: whether the model has made them one row an image, as its fully connected layers want.
    """

    layer: str
    shape: Shape
    is_mean: bool = False
    is_flat: bool = False

    @property
    def size(self) -> int:
        """Number of features."""
        maps, rows, cols = self.shape
        return maps if self.is_mean else maps * rows * cols


@dataclass(frozen=True)
class Logits:
    """What a layer of the host computes; shape: (size, 1, 1). is_ended: no layer may follow."""

    layer: str
    size: int
    is_ended: bool = False


Found = Constants | Mapped | Open | Features | Logits
"""What is known of a tensor."""
