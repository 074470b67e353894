"""The `energy:` section of a machine file: a price for each action, and what it is per.

Those of power states are in `power:` (accelsim.config.power); `Machine.prices` has all.
"""

from typing import Annotated, Self

from pydantic import model_validator

from accelsim.config.energy_by_value import (
    BY_COUNT,
    BY_VALUE,
    FOLLOW_VALUES,
    MODELS,
    ByValueSection,
)
from accelsim.documents.constants import one_of, problem
from accelsim.documents.prices import CYCLE, EVENT, ONE_NS, Price, priced, says_action
from accelsim.documents.validation import Strict, says


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
    model: Annotated[
        Annotated[str, one_of(lambda: MODELS)] | None,
        says(
            "What energies follow: how often an action happens, or weights and values as well; "
            "without it, by_count."
        ),
    ] = None
    by_value: Annotated[
        ByValueSection | None, says("How prices follow weights and values, with model by_value.")
    ] = None

    @model_validator(mode="after")
    def _says_how_prices_follow(self) -> Self:
        """Refuse energy by value where nothing says how."""
        if self.follows_values and self.by_value is None:
            raise problem(
                f"got '{BY_VALUE}'; expected '{BY_COUNT}', or a section energy.{BY_VALUE} beside "
                "it, which says how prices follow the values (configs/irmen.yaml shows one)",
                "model",
            )
        return self

    @property
    def follows_values(self) -> bool:
        """Whether energies follow the values."""
        return self.model == BY_VALUE

    @property
    def by_values(self) -> tuple[str, ...]:
        """Actions whose energy follows the values."""
        return FOLLOW_VALUES if self.follows_values else ()

    @property
    def prices(self) -> dict[str, Price]:
        """Price of each action, as the file quotes it."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: price for name, price in found.items() if isinstance(price, Price)}


PRICED = tuple(name for name in EnergyTable.model_fields if name not in ("model", "by_value"))
"""Actions that the table has a price of."""
