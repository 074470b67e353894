"""Discrete-event kernel: SimPy with integer time, the order of an instant, ports and resources.

Nothing here knows the hardware.
"""

from accelsim.kernel.environment import (
    DECIDE,
    MAINTAIN,
    STRIKE,
    Clock,
    Process,
    Scheduled,
    Simulation,
    Stop,
    maintain,
)
from accelsim.kernel.lanes import first_of, lanes_of
from accelsim.kernel.port import Line, Message, Port
from accelsim.kernel.resource import Holder, Resource
from accelsim.kernel.state import Exchanges, Known, Plain, State
from accelsim.kernel.visits import Reader, Shift, Writer

__all__ = [
    "DECIDE",
    "MAINTAIN",
    "STRIKE",
    "Clock",
    "Exchanges",
    "Holder",
    "Known",
    "Line",
    "Message",
    "Plain",
    "Port",
    "Process",
    "Reader",
    "Resource",
    "Scheduled",
    "Shift",
    "Simulation",
    "State",
    "Stop",
    "Writer",
    "first_of",
    "lanes_of",
    "maintain",
]
