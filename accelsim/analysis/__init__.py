"""What a run amounts to: times of images, the schedule of one, statistics with units."""

from accelsim.analysis.classification import Classification, ClassificationTally
from accelsim.analysis.fault_times import with_faults
from accelsim.analysis.faults import FaultTally, FaultUse
from accelsim.analysis.figure import Figure
from accelsim.analysis.load import Load, load_of
from accelsim.analysis.power import PowerTally, PowerUse
from accelsim.analysis.schedule import ScheduleRow, ScheduleTally
from accelsim.analysis.stats import (
    NO_INTERVAL,
    NOT_MODELLED,
    NOT_MODELLED_TO_LABEL,
    Energy,
    Stats,
    compute_stats,
)
from accelsim.analysis.steptimes import StepTimesTally
from accelsim.analysis.times import Times, TimesTally

__all__ = [
    "NOT_MODELLED",
    "NOT_MODELLED_TO_LABEL",
    "NO_INTERVAL",
    "Classification",
    "ClassificationTally",
    "Energy",
    "FaultTally",
    "FaultUse",
    "Figure",
    "Load",
    "PowerTally",
    "PowerUse",
    "ScheduleRow",
    "ScheduleTally",
    "Stats",
    "StepTimesTally",
    "Times",
    "TimesTally",
    "compute_stats",
    "load_of",
    "with_faults",
]
