"""Values: the same program executed on arrays, for many images at once."""

from accelsim.values.engine import Values, compute_values
from accelsim.values.program import Engine, Observer

__all__ = ["Engine", "Observer", "Values", "compute_values"]
