"""The `host:` section of a machine file: what crosses the link to the host beside the images.

Spilling: where planes do not suffice, the compiler lets the host keep some maps for a while. A
machine file without the section does not allow it.
"""

from typing import Annotated

from accelsim.documents.constants import Constant, counted
from accelsim.documents.prices import EVENT, Price, priced, says_action
from accelsim.documents.validation import Strict, says

SPILL_PRICE = {"host_cell": "host.spill.cell"}
"""Where the price of a cell that is spilled, or brought back, stands."""
MOST_CYCLES = 1_000_000


class SpillSection(Strict):
    """Spilling is allowed."""

    cycles: Annotated[
        Constant,
        counted("cycles", most=MOST_CYCLES),
        says(
            "Cycles from when spilled maps have settled at the boundary until the host can drive "
            "them back."
        ),
    ]
    cell: Annotated[
        Price,
        priced("host_cell", EVENT),
        says_action("host_cell"),
    ]


class HostSection(Strict):
    """The link to the host."""

    spill: Annotated[
        SpillSection | None,
        says(
            "Whether, and how, maps for which planes do not suffice go to the host; without it, "
            "they may not."
        ),
    ] = None
