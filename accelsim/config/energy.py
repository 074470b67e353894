"""The `energy:` section of a machine file: a price for each action, and what it is per.

Those of power states are in `power:` (accelsim.config.power); `Machine.prices` has all.
"""

from typing import Annotated

from accelsim.documents.prices import CYCLE, EVENT, ONE_NS, Price, priced, says_action
from accelsim.documents.validation import Strict


class EnergyTable(Strict):
    """Price of each action. The defaults of `per` follow from what the action is.

    An instruction, a write and a refresh are events. A clock cycle charges and discharges what
    toggles in it, C V^2, however long it is. The others are currents through a time.
    """

    ota_tap_cycle: Annotated[
        Price,
        priced("ota_tap_cycle", ONE_NS),
        says_action("ota_tap_cycle"),
    ]
    cell_read_cycle: Annotated[
        Price, priced("cell_read_cycle", ONE_NS), says_action("cell_read_cycle")
    ]
    cell_write: Annotated[Price, priced("cell_write", EVENT), says_action("cell_write")]
    cell_static_cycle: Annotated[
        Price,
        priced("cell_static_cycle", ONE_NS),
        says_action("cell_static_cycle"),
    ]
    issue: Annotated[Price, priced("issue", EVENT), says_action("issue")]
    clock_cycle: Annotated[Price, priced("clock_cycle", CYCLE), says_action("clock_cycle")]
    leakage: Annotated[
        Price,
        priced("leakage", ONE_NS),
        says_action("leakage"),
    ]
    refresh: Annotated[Price, priced("refresh", EVENT), says_action("refresh")]

    @property
    def prices(self) -> dict[str, Price]:
        """Price of each action, as the file quotes it."""
        return {name: getattr(self, name) for name in type(self).model_fields}
