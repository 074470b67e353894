"""Values: the same program executed on arrays, for many images at once."""

from accelsim.values.effects import Effects
from accelsim.values.engine import ALL, Cells, Share, Values, compute_values
from accelsim.values.program import Engine, Observer

__all__ = ["ALL", "Cells", "Effects", "Engine", "Observer", "Share", "Values", "compute_values"]
