"""Values: the same program executed on arrays, for many images at once."""

from accelsim.values.effects import Effects
from accelsim.values.engine import Cells, Values, compute_values
from accelsim.values.program import Engine, Observer

__all__ = ["Cells", "Effects", "Engine", "Observer", "Values", "compute_values"]
