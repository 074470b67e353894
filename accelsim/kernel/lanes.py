"""Sets of lanes as bit masks: lane 0 is bit 0. Lanes work in lockstep, so most work is on sets."""

from collections.abc import Iterable


def lanes_of(numbers: Iterable[int]) -> int:
    """Return the set of some lanes."""
    mask = 0
    for number in numbers:
        mask |= 1 << number
    return mask


def first_of(order: Iterable[int], lanes: int) -> int:
    """Return the first lane of an order that is in a set; the set has at least one of them."""
    for lane in order:
        if lanes >> lane & 1:
            return lane
    raise ValueError(f"none of {list(order)} is among the lanes {lanes:b}")
