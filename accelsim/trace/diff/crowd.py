"""Tells records of one key apart: which of them in the one trace is which in the other.

Several reads of a step may be of planes of one bank, and a bank is refreshed again and again.
Those that are alike in every field are paired first, so that a record which alone was changed,
added or lost leaves the others with their partners. The rest of a key is paired in order of
time, component, cause, resource and what was counted.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np

from accelsim.records.columns import Column
from accelsim.trace.diff.numbering import numbered, ordinals, runs
from accelsim.trace.diff.rows import NONE, Coder, Mask, Rows

_TEXTS = ("component", "cause", "resource", "op", "layer")
_CAUSE_TEXTS = ("component", "kind")


class Crowd(NamedTuple):
    """Records of one trace that share their key with others: places in its rows, and keys."""

    rows: Rows
    places: Column
    keys: Column


class CrowdPairs(NamedTuple):
    """Places of those aligned in both rows; pairs that cannot be told apart share a name."""

    a: Column
    b: Column
    name: Column


class _Told(NamedTuple):
    """What tells the records of both crowds apart, those of a first; numbers sort as it does.

    what: the key, and all but when; cause_start_ps: when its cause began, if in this portion.
    """

    in_b: Mask
    key: Column
    what: Column
    when: Column
    cause_start_ps: Column


def tell_apart(a: Crowd, b: Crowd, coder: Coder) -> CrowdPairs:
    """Return the pairs of two crowds; neither the order of rows nor ids decide on any."""
    told = _told(a, b, coder)
    found = list(_rounds(told))
    of_a, of_b = (np.concatenate([pairs[side] for pairs in found]) for side in (0, 1))
    alike = numbered([told.what, told.when])
    _, names = np.unique(numbered([alike[of_a], alike[of_b]]), return_inverse=True)
    return CrowdPairs(a.places[of_a], b.places[of_b - len(a.places)], names.astype(np.int64))


def _told(a: Crowd, b: Crowd, coder: Coder) -> _Told:
    rows = _joined(a.rows.take(a.places), b.rows.take(b.places))
    causes = _joined(_causes(a), _causes(b))
    key = np.concatenate([a.keys, b.keys])
    known = causes.id != NONE
    texts = [coder.alphabetical(getattr(rows, name)) for name in _TEXTS]
    led_by = [np.where(known, coder.alphabetical(getattr(causes, name)), NONE)
              for name in _CAUSE_TEXTS]  # fmt: skip
    led_by += [np.where(known, column, NONE) for column in (causes.image, causes.step)]
    return _Told(
        in_b=np.arange(len(key)) >= len(a.places),
        key=key,
        what=numbered([key, *texts, rows.energy_aJ, *coder.counts(rows.actions).T, *led_by]),
        when=numbered([rows.t_start_ps, rows.t_end_ps]),
        cause_start_ps=np.where(known, causes.t_start_ps, NONE),
    )


def _joined(a: Rows, b: Rows) -> Rows:
    return Rows(
        **{each.name: np.concatenate([getattr(a, each.name), getattr(b, each.name)])
           for each in fields(Rows)}
    )  # fmt: skip


def _causes(crowd: Crowd) -> Rows:
    """Return the cause of each record; with the id NONE if it has none in this portion."""
    rows, wanted = crowd.rows, crowd.rows.cause_id[crowd.places]
    by_id = np.argsort(rows.id, kind="stable")
    sought = np.searchsorted(rows.id, wanted, sorter=by_id)
    causes = rows.take(by_id[sought.clip(max=len(rows) - 1)])
    return replace(causes, id=np.where(causes.id == wanted, wanted, NONE))


def _rounds(told: _Told) -> Iterator[tuple[Column, Column]]:
    left: Mask = np.ones(len(told.key), np.bool_)
    for groups, order in (
        (numbered([told.what, told.when]), told.cause_start_ps),
        (told.key, numbered([told.when, told.what, told.cause_start_ps])),
    ):
        places = np.flatnonzero(left)
        of_a, of_b = _paired(told.in_b[places], groups[places], order[places])
        pair = places[of_a], places[of_b]
        left[np.concatenate(pair)] = False
        yield pair


def _paired(in_b: Mask, groups: Column, order: Column) -> tuple[Column, Column]:
    """Pair the first of each group in a with the first of it in b, and so on."""
    places = ordinals(numbered([in_b.astype(np.int64), groups]), order)
    seats = numbered([groups, places])
    # A stable sort: of each seat, the record of a comes before that of b.
    by_seat = np.argsort(seats, kind="stable")
    starts, lengths = runs(seats[by_seat])
    starts = starts[lengths == 2]
    return by_seat[starts], by_seat[starts + 1]
