"""Pages of HTML that need nothing else: what those of a timeline and of a sweep share."""

from accelsim.pages.packed import Columns, packed
from accelsim.pages.page import fill

__all__ = ["Columns", "fill", "packed"]
