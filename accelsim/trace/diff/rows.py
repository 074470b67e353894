"""Records of a trace as integer columns, for two traces to be compared in.

Texts are codes of one vocabulary for both traces and all columns, so that equal codes are equal
texts; a `records.Table` has a vocabulary for each column.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.records import ACTIONS, BatchView, CodedTexts, Vocabulary
from accelsim.records.view import INTEGERS, NONE, TEXTS, Column, Mask
from accelsim.topology import is_path, role_of

__all__ = ["NONE", "Coder", "Column", "Mask", "Rows"]


@dataclass(frozen=True)
class Rows:
    """Records as integer columns: texts are codes, and null is NONE.

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


class Coder:
    """Turns Arrow batches of SCHEMA into Rows; both traces of a comparison share one."""

    def __init__(self) -> None:
        self._vocabulary = Vocabulary()
        self.code = self._vocabulary.code

    def text(self, code: int) -> str:
        """Return the text of a code."""
        return self._vocabulary.texts[code]

    def alphabetical(self, codes: Column) -> Column:
        """Return the place of each text among all in order of the alphabet.

        Codes come in the order in which the traces first use them, which says nothing.
        """
        texts = self._vocabulary.texts
        places = np.empty(len(texts), np.int64)
        places[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
        return places[codes]

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
        view = BatchView(batch)
        components = view.texts("component")
        return Rows(
            **{name: view.integers(name) for name in INTEGERS},
            **{name: self._codes(view.texts(name)) for name in TEXTS},
            role=self._codes(components, _role),
            actions=np.stack([view.counts(action) for action in ACTIONS], axis=1),
        )

    def _codes(self, column: CodedTexts, form: Callable[[str], str] = str) -> Column:
        codes = [self.code(form(text)) for text in column.texts]
        return np.array(codes, np.int64).take(column.codes) if codes else np.zeros(0, np.int64)


def _role(text: str) -> str:
    """Return the role of a component; a dictionary also has texts of other columns, left alone."""
    return role_of(text) if is_path(text) else text
