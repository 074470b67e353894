"""The `effects:` section of a machine file: which non-ideal effects a run's values have.

The noise of the cell itself (read, write, settling) is in `noise:`, where a device file puts
it, and how cells differ (device_variation) in `variation:`; here are the effects that no single
cell knows, and the switch of each.
"""

from typing import Annotated

from pydantic import BeforeValidator

from accelsim.documents.constants import Constant, Range, Real, counted, problem, real
from accelsim.documents.validation import Strict
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
}
"""Names of the effects, as `effects.active` lists them, and shorter ones for narrow columns."""

EFFECTS = tuple(SHORT_NAMES)

_MOST_BITS = 16


def _read_active(raw: object) -> str:
    """Check `all`, `none`, or names of effects separated by commas."""
    names = [name.strip() for name in raw.split(",")] if isinstance(raw, str) else []
    for name in names:
        if name not in EFFECTS and names not in (["all"], ["none"]):
            hint = nearest(name, ("all", "none", *EFFECTS))
            message = f"unknown effect '{name}'; allowed: all, none, {', '.join(EFFECTS)}{hint}"
            raise problem(message)
    if not names:
        message = f"got {raw!r}; expected all, none, or names such as 'read_noise, settling'"
        raise problem(message)
    return ", ".join(names)


Share = Annotated[Real, real("", "0.02", Range(most=1.0, zero=True))]


class EffectsSection(Strict):
    """Effects beyond the cell's own noise, and which of all are active.

    retention: time constant with which stored values decay, in place of what the storage of the
    cell says; None: as that says.
    """

    active: Annotated[str, BeforeValidator(_read_active)]
    weight_bits: Annotated[Constant, counted("bits", most=_MOST_BITS)]
    synapse_variation: Share
    retention: Annotated[Real, real("s", "1 s")] | None = None
    stuck_cells: Share

    def names(self) -> tuple[str, ...]:
        """Return the names of the active effects, in the order of EFFECTS."""
        chosen = {name.strip() for name in self.active.split(",")}
        return tuple(name for name in EFFECTS if chosen == {"all"} or name in chosen)
