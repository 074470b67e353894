"""What is printed and written of a storage: lifetimes of a level, in hours and by precision."""

from accelsim.device.storage import Remanent, Storage
from accelsim.device.technology import BITS, Entry, Listing, figure
from accelsim.units import render

_HOUR = 3600.0
_DAY = 86400.0
# Nobody has measured a cell for longer: what is beyond is not told as a number.
_MOST_YEARS = 10
_MOST = _MOST_YEARS * 365.25 * _DAY


def storage_figures(storage: Storage, bits: int) -> Entry:
    """Return the lifetimes of a level of the swing in hours; nothing for one without a decay."""
    if not storage.decays:
        return {}
    found = {
        "level_lifetime": min(storage.lifetime, _MOST) / _HOUR,
        "level_usable_at_precision": min(storage.usable_for(bits), _MOST) / _HOUR,
    }
    figures = {key: figure(hours, "h") for key, hours in found.items()}
    if isinstance(storage, Remanent):
        figures["level_spread"] = figure(storage.spread, "of full scale, at level 0")
        figures["level_drift"] = figure(storage.drift(_DAY), "of full scale a decade, at a day")
    return figures


def storage_listing(storage: Storage) -> Listing:
    """Return how long a level of the swing lasts, to half a step of 1 to 8 bits."""
    title = f"What holds a level: {storage.name}"
    columns = (f"a level of {storage.swing:g}", "after, hours", "")
    if not storage.decays:
        return Listing(title, columns, [("moves", "no decay is modelled", storage.title)])
    rows = [(f"moved half a step of {b} bits", *_time(storage.usable_for(b))) for b in BITS]
    rows.append(("down to 1/e", *_time(storage.lifetime)))
    return Listing(title, columns, rows)


def _time(seconds: float) -> tuple[str, str]:
    if seconds == 0:
        return "0", "grains spread by more"
    if seconds > _MOST:
        return "", f"more than {_MOST_YEARS} years"
    return f"{seconds / _HOUR:.4g}", render(seconds, "s") if seconds < _HOUR else ""
