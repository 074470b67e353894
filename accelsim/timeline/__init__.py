"""Timelines of a run: a figure for papers and an interactive page, from the records alone."""

from accelsim.timeline.output import FORMATS, write_timeline
from accelsim.timeline.view import View

__all__ = ["FORMATS", "View", "write_timeline"]
