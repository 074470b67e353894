"""Aligns the records of two traces: which record of the one is which of the other.

A record is known by what it is, not by where it stands: its image, step, kind, the role of
its component, and its ordinal, how many of the same came before it. Ids and the order of
rows move with the schedule, and so do the plane and the context that an image takes: a role
leaves their numbers out, so that a read of a bank's plane 2 is aligned with what was a read
of its plane 0. Clock records belong to the step issued last, standby records to their
component.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.records import ACTIONS, Vocabulary
from accelsim.topology import role_of

Column = NDArray[np.int64]

NONE = -1
_KEY = ("image", "step", "kind", "role")
_MOST = 2**62


@dataclass(frozen=True)
class Rows:
    """Records as integer columns: texts are codes, and null is -1.

    role: code of the component's role. actions: (records, actions).
    """

    id: Column
    t_start_ps: Column
    t_end_ps: Column
    component: Column
    role: Column
    kind: Column
    op: Column
    step: Column
    layer: Column
    image: Column
    cause: Column
    resource: Column
    cause_id: Column
    energy_aJ: Column  # noqa: N815 - aJ is the unit
    actions: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.id)

    def take(self, places: Column) -> "Rows":
        """Return the records at some places."""
        return Rows(**{each.name: getattr(self, each.name)[places] for each in fields(self)})


class Decoder:
    """Turns Arrow batches of SCHEMA into Rows; both traces of a comparison share one."""

    def __init__(self) -> None:
        self._vocabulary = Vocabulary()
        self.code = self._vocabulary.code

    def text(self, code: int) -> str:
        """Return the text of a code."""
        return self._vocabulary.texts[code]

    def rows(self, batches: Iterable[pa.RecordBatch]) -> Rows:
        """Return all records of some batches."""
        parts = [self._rows(batch) for batch in batches]
        if len(parts) == 1:
            return parts[0]
        none = np.zeros(0, np.int64)
        empty = {each.name: [none] for each in fields(Rows)}
        empty["actions"] = [np.zeros((0, len(ACTIONS)), np.int64)]
        return Rows(
            **{
                name: np.concatenate(first + [getattr(part, name) for part in parts])
                for name, first in empty.items()
            }
        )

    def _rows(self, batch: pa.RecordBatch) -> Rows:
        columns = {
            name: batch[name].fill_null(NONE).to_numpy(zero_copy_only=False).astype(np.int64)
            for name in ("id", "t_start_ps", "t_end_ps", "step", "image", "cause_id", "energy_aJ")
        }
        for name in ("component", "kind", "op", "layer", "cause", "resource"):
            columns[name] = self._codes(batch[name])
        counts = batch["actions"].flatten()
        return Rows(
            **columns,
            role=self._codes(batch["component"], role_of),
            actions=np.stack([count.to_numpy(zero_copy_only=False) for count in counts], axis=1),
        )

    def _codes(self, texts: pa.DictionaryArray, form: Callable[[str], str] = str) -> Column:
        codes = [self.code(form(text)) for text in texts.dictionary.to_pylist()]
        places = texts.indices.to_numpy(zero_copy_only=False)
        return np.array(codes, np.int64).take(places) if codes else np.zeros(0, np.int64)


class Pairing(NamedTuple):
    """Places in two Rows: those aligned with each other, and those that only one has."""

    a: Column
    b: Column
    only_a: Column
    only_b: Column


class Side:
    """One of the traces: its rows at hand, and the identities of those just before.

    A cause may be a record of the images before; identities are kept for two portions.
    """

    def __init__(self) -> None:
        self._ids = np.zeros(0, np.int64)
        self._identities = np.zeros((0, len(_KEY) + 1), np.int64)
        self._newest = 0

    def add(self, rows: Rows, ordinals: Column) -> None:
        """Learn the identities of the next portion, and forget all but the one before."""
        kept = slice(len(self._ids) - self._newest, None)
        columns = [*(getattr(rows, name) for name in _KEY), ordinals]
        self._ids = np.concatenate([self._ids[kept], rows.id])
        self._identities = np.concatenate([self._identities[kept], np.stack(columns, axis=1)])
        self._newest = len(rows)

    def identities(self, ids: Column) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the identities of records by their ids, and which of them are known."""
        if not len(self._ids):
            return np.zeros((len(ids), len(_KEY) + 1), np.int64), np.zeros(len(ids), bool)
        order = np.argsort(self._ids, kind="stable")
        places = np.searchsorted(self._ids[order], ids).clip(max=len(order) - 1)
        found = order[places]
        return self._identities[found], self._ids[found] == ids


def align(a: Rows, b: Rows) -> tuple[Pairing, tuple[Column, Column]]:
    """Return which records of two portions are the same, and the ordinals of both."""
    keys = _keys(a, b)
    ordinals = _ordinals(keys[: len(a)]), _ordinals(keys[len(a) :])
    most = 1 + max((int(each.max()) for each in ordinals if len(each)), default=0)
    codes = keys * most + np.concatenate(ordinals)
    code_a, code_b = codes[: len(a)], codes[len(a) :]
    _, of_a, of_b = np.intersect1d(code_a, code_b, assume_unique=True, return_indices=True)
    only_a, only_b = np.ones(len(a), bool), np.ones(len(b), bool)
    only_a[of_a] = only_b[of_b] = False
    return Pairing(of_a, of_b, np.flatnonzero(only_a), np.flatnonzero(only_b)), ordinals


def _keys(a: Rows, b: Rows) -> Column:
    """Return one number for each record of a and then of b: the same for the same key."""
    keys, distinct = np.zeros(len(a) + len(b), np.int64), 1
    for name in _KEY:
        values, places = np.unique(
            np.concatenate([getattr(a, name), getattr(b, name)]), return_inverse=True
        )
        distinct *= max(1, len(values))
        if distinct > _MOST:
            raise InputError("traces with too many steps and components to align")
        keys = keys * len(values) + places
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def _ordinals(keys: Column) -> Column:
    """Return for each record how many of the same key stand before it."""
    order = np.argsort(keys, kind="stable")
    ordered, places = keys[order], np.arange(len(keys))
    first = np.ones(len(keys), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    ordinals = np.empty(len(keys), np.int64)
    ordinals[order] = places - np.maximum.accumulate(np.where(first, places, 0))
    return ordinals
