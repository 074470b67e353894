"""What a run amounts to: times of images, the schedule of one, statistics with units."""

from accelsim.analysis.schedule import ScheduleRow, ScheduleTally
from accelsim.analysis.times import Times, TimesTally

__all__ = ["ScheduleRow", "ScheduleTally", "Times", "TimesTally"]
