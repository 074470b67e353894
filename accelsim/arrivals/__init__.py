"""When images arrive: files of arrivals, generators of them, and what such a stream is like.

Simulated time is integer ps. A file of arrivals is CSV or Parquet, and is read in pieces.
"""

from typing import TYPE_CHECKING

from accelsim.lazy import lazy_names

if TYPE_CHECKING:
    from accelsim.arrivals.columns import Arrivals
    from accelsim.arrivals.names import Names
    from accelsim.arrivals.reading import ArrivalFile
    from accelsim.arrivals.writing import write_arrivals

__all__ = ["ArrivalFile", "Arrivals", "Names", "write_arrivals"]

# Loaded when first used: the schema of a file of tenants does without pyarrow.
_LAZY = {
    "Arrivals": "columns",
    "Names": "names",
    "ArrivalFile": "reading",
    "write_arrivals": "writing",
}

__getattr__, __dir__ = lazy_names(globals(), _LAZY)
