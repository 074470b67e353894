"""Aligns the records of two traces: which record of the one is which of the other.

A record is known by what it is, not by where it stands: its key is its image, step, kind and
the role of its component. A role leaves out the number of the plane and the context that an
image takes, so that a read of a bank's plane 2 is aligned with what was a read of its plane 0.
Clock records belong to the step issued last; standby and refresh have no image and step, and
are known by their component's role. Most keys name one record of each trace; where one names
more, `accelsim.trace.diff.crowd` tells them apart.
"""

from typing import NamedTuple

import numpy as np

from accelsim.records.columns import Column
from accelsim.trace.diff.crowd import Crowd, tell_apart
from accelsim.trace.diff.numbering import numbered, runs
from accelsim.trace.diff.rows import Coder, Mask, Rows

_KEY = ("image", "step", "kind", "role")


class Alignment(NamedTuple):
    """Places in two Rows: a and b of the pairs aligned, and those that only one trace has.

    name: a number of each pair, shared by those pairs alone that cannot be told apart.
    """

    a: Column
    b: Column
    name: Column
    only_a: Column
    only_b: Column


def align(a: Rows, b: Rows, coder: Coder) -> Alignment:
    """Return which records of two portions are the same; the order of rows and ids is nothing."""
    keys = numbered(np.concatenate([getattr(a, name), getattr(b, name)]) for name in _KEY)
    # A stable sort: of each key, the records of a come before those of b.
    ordered = np.argsort(keys, kind="stable")
    starts, lengths = runs(keys[ordered])
    first, last = ordered[starts], ordered[starts + lengths - 1]
    two = (lengths == 2) & (first < len(a)) & (last >= len(a))
    of_a, of_b = first[two], last[two] - len(a)
    names = np.arange(len(of_a))
    if (lengths[~two] > 1).any():
        crowded = ordered[np.repeat((lengths > 1) & ~two, lengths)]
        in_a, in_b = crowded[crowded < len(a)], crowded[crowded >= len(a)] - len(a)
        more = tell_apart(Crowd(a, in_a, keys[in_a]), Crowd(b, in_b, keys[len(a) + in_b]), coder)
        of_a = np.concatenate([of_a, more.a])
        of_b = np.concatenate([of_b, more.b])
        names = np.concatenate([names, len(names) + more.name])
    return Alignment(of_a, of_b, names, _others(of_a, len(a)), _others(of_b, len(b)))


def _others(places: Column, length: int) -> Column:
    """Return the places up to a length that are not among some."""
    others: Mask = np.ones(length, np.bool_)
    others[places] = False
    return np.flatnonzero(others)
