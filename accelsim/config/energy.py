"""The `energy:` section of a machine file: a price for each action, and what it is per.

The one place where a price meets the clock: what runs, studies, comparisons and explanations
count with is `EnergyTable.prices_aJ` of the machine's clock period.
"""

from typing import Annotated

from accelsim.documents.prices import CYCLE, EVENT, ONE_NS, Price, priced
from accelsim.documents.validation import Strict
from accelsim.records import ACTIONS


class EnergyTable(Strict):
    """Price of each action. The defaults of `per` follow from what the action is.

    An instruction, a write and a refresh are events. A clock cycle charges and discharges what
    toggles in it, C V^2, however long it is. The others are currents through a time.
    """

    ota_tap_cycle: Annotated[Price, priced("ota_tap_cycle", ONE_NS)]
    cell_read_cycle: Annotated[Price, priced("cell_read_cycle", ONE_NS)]
    cell_write: Annotated[Price, priced("cell_write", EVENT)]
    cell_static_cycle: Annotated[Price, priced("cell_static_cycle", ONE_NS)]
    issue: Annotated[Price, priced("issue", EVENT)]
    clock_cycle: Annotated[Price, priced("clock_cycle", CYCLE)]
    leakage: Annotated[Price, priced("leakage", ONE_NS)]
    refresh: Annotated[Price, priced("refresh", EVENT)]

    def price(self, action: str) -> Price:
        """Return the price of an action, as the file quotes it."""
        found: Price = getattr(self, action)
        return found

    def prices_aJ(self, period_ps: int) -> dict[str, int]:  # noqa: N802 - aJ is the unit
        """Return what one count of each action costs at a clock period, in attojoules."""
        return {action: self.price(action).at_aJ(period_ps) for action in ACTIONS}

    def quoted(self) -> dict[str, str]:
        """Return the price of each action as the file has it: '500 aJ per 1 ns'."""
        return {action: self.price(action).quoted for action in ACTIONS}
