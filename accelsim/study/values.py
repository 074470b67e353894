"""Lists of values as the user writes them: '1..8', '1530..5400', '0,0.01,0.1'."""

import re

import numpy as np

from accelsim.errors import InputError
from accelsim.wording import given

_NUMBER = r"\s*([0-9.]+(?:[eE][-+]?[0-9]+)?)\s*"
_MOST = 1000


def parse_values(  # noqa: PLR0913 - given by name
    text: str,
    what: str,
    points: int = 0,
    *,
    whole: bool = False,
    zero: bool = False,
    most: float = 1e6,
    option: str = "values",
) -> list[float]:
    """Return the values of a list, or of a range.

    points: how many a range has, evenly spaced; of whole numbers it has each one.
    whole: whole numbers only. zero: 0 is allowed. most: the largest value. option: whose text it
    is. Raises InputError for anything else.
    """
    kind, least = "whole numbers" if whole else "numbers", "from 0" if zero else "above 0"
    expected = f"{kind} {least} up to {most:g}"
    ranges = "" if not points else ", or a range such as 1..8" if whole else ", or a range A..B"
    wrong = InputError(
        f"{given(option, text)}: {what}: expected {expected}, separated by commas{ranges}"
    )
    ends = re.fullmatch(rf"{_NUMBER}\.\.{_NUMBER}", text) if points else None
    try:
        values = [float(part) for part in (ends.groups() if ends else text.split(","))]
    except ValueError:
        raise wrong from None
    if ends is not None:
        first, last = values
        if first >= last:
            example = "1..8" if whole else "1530..5400"
            raise InputError(
                f"{given(option, text)}: a range that does not rise; expected FROM below TO, "
                f"such as {example}"
            )
        if whole and last - first > _MOST:
            raise wrong
        count = round(last - first) + 1 if whole else points
        values = [float(value) for value in np.linspace(first, last, count)]
    if any(not 0 <= value <= most or (value == 0 and not zero) for value in values):
        raise wrong
    if whole and any(value != int(value) for value in values):
        raise wrong
    return list(dict.fromkeys(values))
