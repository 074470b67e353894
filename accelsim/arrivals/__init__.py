"""When images arrive: files of arrivals, generators of them, and what such a stream is like.

Simulated time is integer ps. A file of arrivals is CSV or Parquet, and is read in pieces.
"""

from accelsim.arrivals.columns import Arrivals
from accelsim.arrivals.names import Names
from accelsim.arrivals.reading import ArrivalFile
from accelsim.arrivals.writing import write_arrivals

__all__ = ["ArrivalFile", "Arrivals", "Names", "write_arrivals"]
