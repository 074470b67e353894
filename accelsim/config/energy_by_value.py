"""The `energy.by_value` section of a machine file: how prices follow weights and values.

Two actions follow them; all others cost their price, whatever the values are.

A synapse is a transconductor (OTA) whose bias current sets its gain. In class A its supply draws
that current whatever it is driven with; of class AB a share of it follows what it is driven with
(`signal_share`). With w the weight, rounded to the bits of the run, and x the value read, a
tap-cycle costs

    ota_tap_cycle x (a + (1 - a) x |w| / weight x (1 - s + s x |x|)), or ota_tap_cycle x zero_share
    for w = 0, where a is synapse_share and s signal_share

A bias is a synapse of weight z, driven with 1; the driver of a load costs the price. A write
charges a capacitor from the level that it holds to another, C (V_new - V_old)^2:

    cell_write x (write_share + (1 - write_share) x ((new - old) / swing)^2)
"""

from typing import Annotated

from accelsim.documents.constants import Range, Real, real
from accelsim.documents.validation import Strict, says

BY_COUNT, BY_VALUE = "by_count", "by_value"
MODELS = (BY_COUNT, BY_VALUE)
"""What the energy of an action follows: how often it happens, or the values as well."""
FOLLOW_VALUES = ("ota_tap_cycle", "cell_write")
"""Actions whose energy follows the values."""

Positive = Annotated[Real, real("", "1")]
Share = Annotated[Real, real("", "0.1", Range(most=1.0, zero=True))]


class ByValueSection(Strict):
    """How the prices of a synapse and of a write follow weights and values."""

    weight: Annotated[Positive, says("Weight of the synapse that energy.ota_tap_cycle is of.")]
    synapse_share: Annotated[
        Share,
        says("Share of that price which no weight changes, of synapses whose weight is not 0."),
    ]
    signal_share: Annotated[
        Share,
        says(
            "Share of the current set by a weight that follows the value read; 0: class A, which "
            "no value changes."
        ),
    ]
    zero_share: Annotated[
        Share, says("Share of that price which a synapse of weight 0 costs; 0: it is switched off.")
    ]
    swing: Annotated[
        Positive,
        says("Change of a value, of full scale, that energy.cell_write is of; it goes squared."),
    ]
    write_share: Annotated[Share, says("Share of that price which no change of value changes.")]
