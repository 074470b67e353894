"""Discrete-event kernel: SimPy with integer time, the order of an instant, ports and resources.

Nothing here knows the hardware.
"""

from accelsim.kernel.environment import DECIDE, ISSUE, MAINTAIN, Clock, Process, Simulation
from accelsim.kernel.lanes import ALL_ONE, first_of, lanes_of
from accelsim.kernel.port import Line, Port
from accelsim.kernel.resource import Holder, Resource

__all__ = [
    "ALL_ONE",
    "DECIDE",
    "ISSUE",
    "MAINTAIN",
    "Clock",
    "Holder",
    "Line",
    "Port",
    "Process",
    "Resource",
    "Simulation",
    "first_of",
    "lanes_of",
]
