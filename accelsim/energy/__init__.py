"""Energy: counted actions times a price table, kept as a ledger that reconciles."""

from accelsim.energy.blocks import EvenBlocks
from accelsim.energy.by_value import WHOLE, ActionEnergy, ValueEnergies, ValuePricing
from accelsim.energy.entries import Entry
from accelsim.energy.images import PerImage, repeated
from accelsim.energy.ledger import Ledger
from accelsim.energy.pricing import Priced, PricedBatch, PricedPeriod, PricedSink, Pricing
from accelsim.energy.scopes import Scopes
from accelsim.energy.tally import Tally
from accelsim.energy.tenants import STANDBY, Deal, ledger_of

__all__ = [
    "STANDBY",
    "WHOLE",
    "ActionEnergy",
    "Deal",
    "Entry",
    "EvenBlocks",
    "Ledger",
    "PerImage",
    "Priced",
    "PricedBatch",
    "PricedPeriod",
    "PricedSink",
    "Pricing",
    "Scopes",
    "Tally",
    "ValueEnergies",
    "ValuePricing",
    "ledger_of",
    "repeated",
]
