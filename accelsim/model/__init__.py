"""The machine as SimPy components: one file a block, `accelerator.py` joins them.

Components report records; they never price, format or write them.
"""

from accelsim.model.accelerator import Accelerator
from accelsim.model.design import Design
from accelsim.model.stream import Arrival, Stream

__all__ = ["Accelerator", "Arrival", "Design", "Stream"]
