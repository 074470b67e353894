"""A whole run: machine and network in, one frozen result out. `accelsim.runs` keeps runs."""

from accelsim.simulation.events import Events, run_events
from accelsim.simulation.execution import Execution, Output, ValueSource, execute
from accelsim.simulation.images import Images, select_images, select_stream
from accelsim.simulation.result import Result, TenantResult
from accelsim.simulation.run import (
    arrivals_of,
    check_energies,
    check_priorities,
    check_values,
    run_network,
    value_source,
)

__all__ = [
    "Events",
    "Execution",
    "Images",
    "Output",
    "Result",
    "TenantResult",
    "ValueSource",
    "arrivals_of",
    "check_energies",
    "check_priorities",
    "check_values",
    "execute",
    "run_events",
    "run_network",
    "select_images",
    "select_stream",
    "value_source",
]
