"""The `power:` section of a machine file: states of a machine at rest, and who chooses them.

docs/power.md says what each state is. The prices here are of what is drawn or done in a state;
those of an active machine are `energy.leakage` and `energy.clock_cycle`.
"""

from typing import Annotated

from accelsim.config.digital import DIGITAL_PRICES
from accelsim.config.host import SPILL_PRICE
from accelsim.documents.constants import Constant, Span, counted, one_of
from accelsim.documents.prices import CYCLE, EVENT, ONE_NS, Price, priced, says_action
from accelsim.documents.validation import Strict, says

ALWAYS_ON, GATE_AFTER, OFF_AFTER, ORACLE = "always_on", "gate_after", "off_after", "oracle"
POLICIES = (ALWAYS_ON, GATE_AFTER, OFF_AFTER, ORACLE)
MOST_RESTORE_CYCLES = 1_000_000
PRICE_KEYS = {
    "gate_entry": "clock_gated.entry",
    "gate_exit": "clock_gated.exit",
    "gated_cycle": "clock_gated.cycle",
    "off_entry": "off.entry",
    "off_exit": "off.exit",
    "off_cycle": "off.cycle",
    "off_bank": "off.bank",
    "restore_template": "off.restore_template",
    "restore_instruction": "off.restore_instruction",
    "array_leakage": "arrays.leakage",
    "off_array": "arrays.off",
}
"""Where the price of each action of power states stands in the section."""
ALWAYS_COUNTED = ("array_leakage",)
"""Those that are counted of a machine that is always on, too."""


class GatedSection(Strict):
    """The clock stops at its root."""

    entry_time: Annotated[Span, says("Time until the clock is stopped.")]
    exit_time: Annotated[Span, says("Time until the clock runs again.")]
    entry: Annotated[Price, priced("gate_entry", EVENT), says_action("gate_entry")]
    exit: Annotated[Price, priced("gate_exit", EVENT), says_action("gate_exit")]
    cycle: Annotated[
        Price,
        priced("gated_cycle", CYCLE),
        says_action("gated_cycle"),
    ]


class OffSection(Strict):
    """Lanes and sequencer are without supply."""

    entry_time: Annotated[Span, says("Time until lanes and sequencer are off.")]
    exit_time: Annotated[Span, says("Time until they have power and clock again.")]
    entry: Annotated[Price, priced("off_entry", EVENT), says_action("off_entry")]
    exit: Annotated[Price, priced("off_exit", EVENT), says_action("off_exit")]
    cycle: Annotated[Price, priced("off_cycle", ONE_NS), says_action("off_cycle")]
    bank: Annotated[
        Price,
        priced("off_bank", ONE_NS),
        says_action("off_bank"),
    ]
    restore_cycles: Annotated[
        Constant,
        counted("cycles", most=MOST_RESTORE_CYCLES),
        says("Cycles in which a lost word, a template or an instruction, is written again."),
    ]
    restore_template: Annotated[
        Price, priced("restore_template", EVENT), says_action("restore_template")
    ]
    restore_instruction: Annotated[
        Price,
        priced("restore_instruction", EVENT),
        says_action("restore_instruction"),
    ]


class ArrayLeakage(Strict):
    """What an array draws without computing: with power, and switched off."""

    leakage: Annotated[
        Price,
        priced("array_leakage", ONE_NS),
        says_action("array_leakage"),
    ]
    off: Annotated[
        Price,
        priced("off_array", ONE_NS),
        says_action("off_array"),
    ]


class PowerSection(Strict):
    """What a machine at rest does, and what that costs."""

    policy: Annotated[
        str, one_of(lambda: POLICIES), says("When the machine leaves the active state.")
    ]
    after: Annotated[Span, says("Time at rest after which gate_after and off_after act.")]
    clock_gated: Annotated[GatedSection, says("State in which the clock stands still.")]
    off: Annotated[OffSection, says("State without supply.")]
    arrays: Annotated[
        ArrayLeakage | None, says("Leakage of arrays; without it, not modelled in any state.")
    ] = None

    def prices_of(self, *, switched: bool) -> dict[str, Price]:
        """Return the price of each action that is counted: of power states, and of arrays.

        switched: whether the supply goes even if no policy switches it.
        """
        counted = PRICE_KEYS if switched or self.policy != ALWAYS_ON else ALWAYS_COUNTED
        found = {action: self._at(PRICE_KEYS[action]) for action in counted}
        return {action: price for action, price in found.items() if price is not None}

    def _at(self, key: str) -> Price | None:
        section, _, name = key.partition(".")
        price: Price | None = getattr(getattr(self, section), name, None)
        return price


def price_key(action: str) -> str:
    """Return the key of the price of any action: 'energy.issue', 'power.off.bank'."""
    for section in (SPILL_PRICE, DIGITAL_PRICES):
        if action in section:
            return section[action]
    key = PRICE_KEYS.get(action)
    return f"energy.{action}" if key is None else f"power.{key}"
