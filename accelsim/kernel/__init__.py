"""Discrete-event kernel: SimPy with integer time, the order of an instant, ports and resources.

Nothing here knows the hardware.
"""

from accelsim.kernel.environment import DECIDE, MAINTAIN, Clock, Process, Simulation, maintain
from accelsim.kernel.lanes import first_of, lanes_of
from accelsim.kernel.port import Line, Message, Port
from accelsim.kernel.resource import Holder, Resource

__all__ = [
    "DECIDE",
    "MAINTAIN",
    "Clock",
    "Holder",
    "Line",
    "Message",
    "Port",
    "Process",
    "Resource",
    "Simulation",
    "first_of",
    "lanes_of",
    "maintain",
]
