"""What is printed and written of a storage: lifetimes of a level, by precision."""

from accelsim.device.storage import MOST, Remanent, Storage, lasting
from accelsim.device.technology import BITS, Entry, Listing, figure
from accelsim.units import in_readable_unit

_DAY = 86400.0


def storage_figures(storage: Storage, bits: int) -> Entry:
    """Return the lifetimes of a level of the swing, at most ten years.

    Nothing for a storage without a decay.
    """
    if not storage.decays:
        return {}
    found = {
        "level_lifetime": storage.lifetime,
        "level_usable_at_precision": storage.usable_for(bits),
    }
    figures = {key: figure(*in_readable_unit(min(time, MOST))) for key, time in found.items()}
    if isinstance(storage, Remanent):
        figures["level_spread"] = figure(storage.spread, "of full scale, at level 0")
        figures["level_drift"] = figure(storage.drift(_DAY), "of full scale a decade, at a day")
    return figures


def storage_listing(storage: Storage) -> Listing:
    """Return how long a level of the swing lasts, to half a step of 1 to 8 bits."""
    title = f"What holds a level: {storage.name}"
    columns = (f"a level of {storage.swing:g}", "after", "")
    if not storage.decays:
        return Listing(title, columns, [("moves", "no decay is modelled", storage.title)])
    rows = [(f"moved half a step of {b} bits", *_time(storage.usable_for(b))) for b in BITS]
    rows.append(("down to 1/e", *_time(storage.lifetime)))
    return Listing(title, columns, rows)


def _time(seconds: float) -> tuple[str, str]:
    if seconds == 0:
        return "never", "grains spread by more"
    return lasting(seconds), ""
