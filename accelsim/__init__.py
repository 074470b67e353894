"""accelsim: discrete-event simulator of spintronic CeNN accelerators.

    import accelsim

    result = accelsim.simulate(accelsim.load_machine("irmen"), accelsim.load_network("mnist"))
    print(result.stats.latency, result.stats.energy_per_image)

A run is: machine and network -> micro-program -> discrete-event run (SimPy) -> one
stream of records -> schedule, energy ledger, trace; and the same program executed on
arrays of values -> accuracy.
"""

from accelsim.compiler import compile_network
from accelsim.config import load_machine
from accelsim.errors import AccelsimError, DeadlockError, InputError, ReconciliationError
from accelsim.network import load_network
from accelsim.simulation import Result, simulate
from accelsim.version import __version__

__all__ = [
    "AccelsimError",
    "DeadlockError",
    "InputError",
    "ReconciliationError",
    "Result",
    "__version__",
    "compile_network",
    "load_machine",
    "load_network",
    "simulate",
]
