"""accelsim: discrete-event simulator of spintronic CeNN accelerators.

    import accelsim

    result = accelsim.simulate(accelsim.load_machine("irmen"), accelsim.load_network("mnist"))
    print(result.stats.latency, result.stats.energy_per_image)

A run is: machine and network -> micro-program -> discrete-event run (SimPy) -> one
stream of records -> schedule, energy ledger, trace; and the same program executed on
arrays of values -> accuracy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from accelsim.errors import AccelsimError, DeadlockError, InputError, ReconciliationError
from accelsim.version import __version__

if TYPE_CHECKING:
    from accelsim.compiler import compile_network
    from accelsim.config import load_machine
    from accelsim.network import load_network
    from accelsim.runs import simulate
    from accelsim.simulation import Result

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

# Loaded when first used: the pytest plugin and `accelsim.errors` stay quick to import.
_LAZY = {
    "Result": "accelsim.simulation",
    "compile_network": "accelsim.compiler",
    "load_machine": "accelsim.config",
    "load_network": "accelsim.network",
    "simulate": "accelsim.runs",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'accelsim' has no attribute '{name}'")
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
