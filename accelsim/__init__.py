"""accelsim: discrete-event simulator of spintronic CeNN accelerators.

    import accelsim

    result = accelsim.simulate("irmen", "mnist", images=100)
    print(result.stats.latency, result.stats.energy_per_image)

A run is: machine and network -> micro-program -> discrete-event run (SimPy) -> one
stream of records -> schedule, energy ledger, trace; and the same program executed on
arrays of values -> accuracy.
"""

from typing import TYPE_CHECKING

from accelsim.errors import AccelsimError, DeadlockError, InputError, ReconciliationError
from accelsim.lazy import lazy_names
from accelsim.version import __version__

if TYPE_CHECKING:
    from accelsim.analysis import Figure
    from accelsim.api.answers import Difference, Explanation, SideBySide
    from accelsim.api.asking import compare, diff, explain
    from accelsim.api.cells import LengthSweep, SizeSweep, WaveformResult, sweep_device, waveform
    from accelsim.api.devices import characterize
    from accelsim.api.drawing import draw_timeline, write_timeline
    from accelsim.api.inputs import load_machine, load_network
    from accelsim.api.rates import LoadResult, PowerResult, study_load, study_power
    from accelsim.api.result import Result
    from accelsim.api.running import simulate
    from accelsim.api.signals import SignalResult, study_snr
    from accelsim.api.spreads import EnergyResult, study_energy
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
    "EnergyResult",
    "Explanation",
    "Figure",
    "InputError",
    "LengthSweep",
    "LoadResult",
    "Machine",
    "Network",
    "PowerResult",
    "ReconciliationError",
    "Result",
    "SideBySide",
    "SignalResult",
    "SizeSweep",
    "StudyResult",
    "WaveformResult",
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
    "study_energy",
    "study_load",
    "study_power",
    "study_snr",
    "sweep",
    "sweep_device",
    "waveform",
    "write_timeline",
]

# Loaded when first used: the pytest plugin and `accelsim.errors` stay quick to import.
_LAZY = {
    "Arrivals": "arrivals",
    "Difference": "api.answers",
    "EnergyResult": "api.spreads",
    "Explanation": "api.answers",
    "Figure": "analysis",
    "LengthSweep": "api.cells",
    "LoadResult": "api.rates",
    "Machine": "config",
    "Network": "network",
    "PowerResult": "api.rates",
    "Result": "api.result",
    "SideBySide": "api.answers",
    "SignalResult": "api.signals",
    "SizeSweep": "api.cells",
    "StudyResult": "api.studies",
    "WaveformResult": "api.cells",
    "characterize": "api.devices",
    "compare": "api.asking",
    "compile_network": "compiler",
    "diff": "api.asking",
    "draw_timeline": "api.drawing",
    "explain": "api.asking",
    "load_machine": "api.inputs",
    "load_network": "api.inputs",
    "open_run": "runs",
    "simulate": "api.running",
    "study_accuracy": "api.studies",
    "study_energy": "api.spreads",
    "study_load": "api.rates",
    "study_power": "api.rates",
    "study_snr": "api.signals",
    "sweep": "api.sweeping",
    "sweep_device": "api.cells",
    "waveform": "api.cells",
    "write_timeline": "api.drawing",
}

__getattr__, __dir__ = lazy_names(globals(), _LAZY)
