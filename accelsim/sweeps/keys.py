"""Which names an axis may have, and what a key takes."""

from functools import cache

from accelsim.catalog.keys import MACHINE_FILE, file_keys
from accelsim.documents.keys import Key
from accelsim.documents.prices import PER

MACHINE, WORKLOAD, SEED, RATE = "machine", "workload", "seed", "arrivals.rate"
OF_RUN = (MACHINE, WORKLOAD, SEED, RATE)
"""Axes that are no key of a machine file."""
_COUNTED = "a whole number of "


@cache
def machine_keys() -> dict[str, Key]:
    """Return the keys of machine files that a change can set, by name."""
    return {
        each.key.key: each.key
        for each in file_keys()
        if each.file == MACHINE_FILE and not each.key.section and "[]" not in each.key.key
    }


def is_machine_key(name: str) -> bool:
    """Tell whether a change can set it, if the machine's technology has it."""
    return name.removesuffix(f".{PER}") in machine_keys()


def unit_of(name: str) -> str:
    """Return the SI unit of a key's quantity; "" of a count, a plain number or a word."""
    key = machine_keys().get(name)
    if name == RATE:
        return "Hz"
    return "" if key is None or key.allowed.startswith(_COUNTED) else key.unit
