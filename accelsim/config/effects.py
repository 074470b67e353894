"""The `effects:` section of a machine file: which non-ideal effects a run's values have.

The noise of the cell itself (read, write, settling) is in `noise:`, where a device file puts
it, and how cells differ (device_variation) in `variation:`; here are the effects that no single
cell knows, and the switch of each.
"""

from typing import Annotated

from accelsim.documents.constants import Check, Constant, Range, Real, counted, problem, real
from accelsim.documents.validation import Strict, says
from accelsim.errors import nearest

SHORT_NAMES = {
    "weight_bits": "bits",
    "synapse_variation": "variation",
    "device_variation": "device",
    "transfer": "transfer",
    "read_noise": "read",
    "write_noise": "write",
    "settling": "settling",
    "retention": "retention",
    "stuck_cells": "stuck",
    "converter_bits": "converter",
}
"""Names of the effects, as `effects.active` lists them, and shorter ones for narrow columns."""

EFFECTS = tuple(SHORT_NAMES)
EFFECT_MEANINGS = {
    "weight_bits": "weights are rounded to so many bits",
    "synapse_variation": "each synapse has a gain of its own, fixed on a die",
    "device_variation": "each cell has geometry and material of its own, fixed on a die",
    "transfer": "a level makes the mean value that a magnet is read with there, not its clip",
    "read_noise": "a cell that is read has noise added, of its motion, kT/C and shots",
    "write_noise": "a level that is driven has noise added, of kT/C and the motion",
    "settling": "what a write of this length leaves of the old value is added",
    "retention": "a stored value is read as what is left of it at its age",
    "stuck_cells": "a share of cells is stuck at -1 or 1, fixed on a die",
    "converter_bits": "maps that go to the SRAM and back are rounded to the converters' bits",
}
"""What each effect does, in a line; docs/machine.md section 7 has more."""
EFFECT_KEYS: dict[str, tuple[str, ...]] = {
    "weight_bits": ("effects.weight_bits",),
    "synapse_variation": ("effects.synapse_variation",),
    "device_variation": ("variation",),
    "transfer": ("response.mean",),
    "read_noise": ("noise.readout_ktc", "noise.shot", "noise.read", "response.read_noise"),
    "write_noise": ("noise.write", "response.write_noise"),
    "settling": ("noise.settling", "response.left"),
    "retention": ("effects.retention", "cell.storage"),
    "stuck_cells": ("effects.stuck_cells",),
    "converter_bits": ("converters.adc.bits", "converters.dac.bits"),
}
"""Keys of the machine file that say how large each effect is."""

_MOST_BITS = 16
_ACTIVE = "all, none, or names such as 'read_noise, settling'"


def _read_active(raw: object) -> str:
    """Check `all`, `none`, or names of effects separated by commas."""
    names = [name.strip() for name in raw.split(",")] if isinstance(raw, str) else []
    for name in names:
        if name not in EFFECTS and names not in (["all"], ["none"]):
            hint = nearest(name, ("all", "none", *EFFECTS))
            message = f"unknown effect '{name}'; allowed: all, none, {', '.join(EFFECTS)}{hint}"
            raise problem(message)
    if not names:
        message = f"got {raw!r}; expected {_ACTIVE}"
        raise problem(message)
    return ", ".join(names)


Share = Annotated[Real, real("", "0.02", Range(most=1.0, zero=True))]


class EffectsSection(Strict):
    """Effects beyond the cell's own noise, and which of all are active."""

    active: Annotated[
        str,
        Check(_read_active, expected=_ACTIVE),
        says("Effects that are on: all, none, or names separated by commas."),
    ]
    weight_bits: Annotated[
        Constant, counted("bits", most=_MOST_BITS), says("Bits of a weight (effect weight_bits).")
    ]
    synapse_variation: Annotated[
        Share, says("Relative standard deviation of a synapse's gain (effect synapse_variation).")
    ]
    retention: Annotated[
        Annotated[Real, real("s", "1 s")] | None,
        says(
            "Time constant with which stored values decay (effect retention); without it, as the "
            "storage of the cell says."
        ),
    ] = None
    stuck_cells: Annotated[Share, says("Share of cells that are stuck (effect stuck_cells).")]

    def names(self) -> tuple[str, ...]:
        """Return the names of the active effects, in the order of EFFECTS."""
        chosen = {name.strip() for name in self.active.split(",")}
        return tuple(name for name in EFFECTS if chosen == {"all"} or name in chosen)
