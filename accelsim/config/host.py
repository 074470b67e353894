"""The `host:` section of a machine file: what crosses the link to the host beside the images.

Spilling: where planes do not suffice, the compiler lets the host keep some maps for a while. A
machine file without the section does not allow it.
"""

from typing import Annotated

from accelsim.documents.constants import Constant, counted
from accelsim.documents.prices import EVENT, Price, priced
from accelsim.documents.validation import Strict

SPILL_PRICE = {"host_cell": "host.spill.cell"}
"""Where the price of a cell that is spilled, or brought back, stands."""
MOST_CYCLES = 1_000_000


class SpillSection(Strict):
    """Spilling is allowed.

    cycles: from when spilled maps have settled at the boundary until the host can drive them back:
    the way there and back. cell: of a cell that crosses the link in one direction.
    """

    cycles: Annotated[Constant, counted("cycles", most=MOST_CYCLES)]
    cell: Annotated[Price, priced("host_cell", EVENT)]


class HostSection(Strict):
    """The link to the host. spill: None where maps may not be spilled."""

    spill: SpillSection | None = None
