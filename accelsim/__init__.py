"""accelsim: discrete-event simulator of spintronic CeNN accelerators.

    import accelsim

    result = accelsim.simulate("irmen", "mnist", images=100)
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
    from accelsim.analysis import Figure
    from accelsim.api.answers import Difference, Explanation, SideBySide
    from accelsim.api.asking import compare, diff, explain
    from accelsim.api.devices import characterize
    from accelsim.api.drawing import draw_timeline, write_timeline
    from accelsim.api.inputs import load_machine, load_network
    from accelsim.api.result import Result
    from accelsim.api.running import simulate
    from accelsim.api.studies import StudyResult, study_accuracy
    from accelsim.api.sweeping import sweep
    from accelsim.arrivals import Arrivals
    from accelsim.compiler import compile_network
    from accelsim.config import Machine
    from accelsim.network import Network
    from accelsim.runs import open_run

__all__ = [
    "AccelsimError",
    "Arrivals",
    "DeadlockError",
    "Difference",
    "Explanation",
    "Figure",
    "InputError",
    "Machine",
    "Network",
    "ReconciliationError",
    "Result",
    "SideBySide",
    "StudyResult",
    "__version__",
    "characterize",
    "compare",
    "compile_network",
    "diff",
    "draw_timeline",
    "explain",
    "load_machine",
    "load_network",
    "open_run",
    "simulate",
    "study_accuracy",
    "sweep",
    "write_timeline",
]

# Loaded when first used: the pytest plugin and `accelsim.errors` stay quick to import.
_LAZY = {
    "Arrivals": "accelsim.arrivals",
    "Difference": "accelsim.api.answers",
    "Explanation": "accelsim.api.answers",
    "Figure": "accelsim.analysis",
    "Machine": "accelsim.config",
    "Network": "accelsim.network",
    "Result": "accelsim.api.result",
    "SideBySide": "accelsim.api.answers",
    "StudyResult": "accelsim.api.studies",
    "characterize": "accelsim.api.devices",
    "compare": "accelsim.api.asking",
    "compile_network": "accelsim.compiler",
    "diff": "accelsim.api.asking",
    "draw_timeline": "accelsim.api.drawing",
    "explain": "accelsim.api.asking",
    "load_machine": "accelsim.api.inputs",
    "load_network": "accelsim.api.inputs",
    "open_run": "accelsim.runs",
    "simulate": "accelsim.api.running",
    "study_accuracy": "accelsim.api.studies",
    "sweep": "accelsim.api.sweeping",
    "write_timeline": "accelsim.api.drawing",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'accelsim' has no attribute '{name}'")
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
