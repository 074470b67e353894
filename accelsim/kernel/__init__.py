"""Discrete-event kernel: SimPy with integer time, one instant's order, resources and links.

Nothing here knows the hardware.
"""

from accelsim.kernel.environment import DECIDE, Clock, Process, Simulation
from accelsim.kernel.link import Link
from accelsim.kernel.unit import Holder, Unit

__all__ = ["DECIDE", "Clock", "Holder", "Link", "Process", "Simulation", "Unit"]
