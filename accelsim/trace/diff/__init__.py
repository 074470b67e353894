"""How two traces differ: aligned record by record, first divergence, what moved in sum."""

from accelsim.trace.diff.changes import Change, compare_totals, summary
from accelsim.trace.diff.compare import (
    ProgramsDifferError,
    TraceDiff,
    diff_traces,
    first_divergence,
)
from accelsim.trace.diff.divergence import Divergence
from accelsim.trace.diff.rows import Coder
from accelsim.trace.diff.totals import Owners, Totals

__all__ = [
    "Change",
    "Coder",
    "Divergence",
    "Owners",
    "ProgramsDifferError",
    "Totals",
    "TraceDiff",
    "compare_totals",
    "diff_traces",
    "first_divergence",
    "summary",
]
