"""What runs are asked for: explanations, the published figures beside ours, comparisons.

Computed here, printed by accelsim.cli.
"""

from accelsim.reports.explanation import (
    ActionCost,
    EnergyReport,
    LatencyReport,
    StallReport,
    UtilizationReport,
    explain_energy,
    explain_latency,
    explain_stalls,
    explain_utilization,
)
from accelsim.reports.trees import explain_tree

__all__ = [
    "ActionCost",
    "EnergyReport",
    "LatencyReport",
    "StallReport",
    "UtilizationReport",
    "explain_energy",
    "explain_latency",
    "explain_stalls",
    "explain_tree",
    "explain_utilization",
]
