"""The `energy:` section of a machine file: a price for each action, and what it is per.

Those of power states are in `power:` (accelsim.config.power); `Machine.prices` has all.
"""

from typing import Annotated

from accelsim.documents.prices import CYCLE, EVENT, ONE_NS, Price, priced
from accelsim.documents.validation import Strict, says


class EnergyTable(Strict):
    """Price of each action. The defaults of `per` follow from what the action is.

    An instruction, a write and a refresh are events. A clock cycle charges and discharges what
    toggles in it, C V^2, however long it is. The others are currents through a time.
    """

    ota_tap_cycle: Annotated[
        Price,
        priced("ota_tap_cycle", ONE_NS),
        says("Energy of a synapse (an OTA) that is driven for a read cycle."),
    ]
    cell_read_cycle: Annotated[
        Price, priced("cell_read_cycle", ONE_NS), says("Energy of a cell that is read for a cycle.")
    ]
    cell_write: Annotated[
        Price, priced("cell_write", EVENT), says("Energy of charging the capacitor of a cell once.")
    ]
    cell_static_cycle: Annotated[
        Price,
        priced("cell_static_cycle", ONE_NS),
        says("Energy that a cell draws while it settles, for a read cycle."),
    ]
    issue: Annotated[Price, priced("issue", EVENT), says("Energy of issuing an instruction.")]
    clock_cycle: Annotated[
        Price, priced("clock_cycle", CYCLE), says("Energy of the clock in a cycle.")
    ]
    leakage: Annotated[
        Price,
        priced("leakage", ONE_NS),
        says("Energy that leaks from a cell of a bank in a cycle."),
    ]
    refresh: Annotated[Price, priced("refresh", EVENT), says("Energy of the refresh of a cell.")]

    @property
    def prices(self) -> dict[str, Price]:
        """Price of each action, as the file quotes it."""
        return {name: getattr(self, name) for name in type(self).model_fields}
