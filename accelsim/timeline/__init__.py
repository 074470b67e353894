"""Timelines of a run: a figure for papers and an interactive page, from the records alone."""

from accelsim.timeline.output import FORMATS, write_timeline
from accelsim.timeline.view import RunView

__all__ = ["FORMATS", "RunView", "write_timeline"]
