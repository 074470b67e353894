"""What a run reports: actions that cost energy, and records in columns.

The model produces records, everything else consumes them; neither knows the other.
"""

from accelsim.records.actions import ACTION_UNITS, ACTIONS
from accelsim.records.batch import Batch
from accelsim.records.columns import KINDS, Records, Sink, Vocabulary
from accelsim.records.groups import Groups
from accelsim.records.period import Period
from accelsim.records.steptimes import StepTimes
from accelsim.records.view import NONE, BatchView, BlockView, CodedTexts, Decoder, Table, View

__all__ = [
    "ACTIONS",
    "ACTION_UNITS",
    "KINDS",
    "NONE",
    "Batch",
    "BatchView",
    "BlockView",
    "CodedTexts",
    "Decoder",
    "Groups",
    "Period",
    "Records",
    "Sink",
    "StepTimes",
    "Table",
    "View",
    "Vocabulary",
]
