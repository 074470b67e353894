"""Records of a trace as integer columns, for two traces to be compared in.

Texts are codes of one vocabulary for both traces and all columns, so that equal codes are equal
texts; a `records.Table` has a vocabulary for each column. What records count is a code, too: many
count the same.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from accelsim.records import ACTIONS, BatchView, CodedTexts, Groups, Vocabulary
from accelsim.records.view import INTEGERS, NONE, TEXTS, Column, Mask
from accelsim.topology import is_path, role_of

__all__ = ["NONE", "Coder", "Column", "Mask", "Rows"]


@dataclass(frozen=True)
class Rows:
    """Records as integer columns: texts are codes, and null is NONE.

    role: code of the component's role. actions: code of the counts of all actions.
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
    actions: Column

    def __len__(self) -> int:
        return len(self.id)

    def take(self, places: Column) -> "Rows":
        """Return the records at some places."""
        return Rows(**{each.name: getattr(self, each.name)[places] for each in fields(self)})


class Coder:
    """Turns Arrow batches of SCHEMA into Rows; both traces of a comparison share one."""

    def __init__(self) -> None:
        self._vocabulary = Vocabulary()
        self._counts: dict[tuple[int, ...], int] = {}
        self.code = self._vocabulary.code

    def text(self, code: int) -> str:
        """Return the text of a code."""
        return self._vocabulary.texts[code]

    def counts(self, codes: Column) -> Column:
        """Return what codes of actions count, shape (codes, ACTIONS)."""
        return np.array([*self._counts], np.int64).reshape(-1, len(ACTIONS))[codes]

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
        parts: dict[str, list[Column]] = {
            each.name: [np.zeros(0, np.int64)] for each in fields(Rows)
        }
        for batch in batches:
            found = self._rows(batch)
            for name, columns in parts.items():
                columns.append(getattr(found, name))
        # A column at a time leaves memory for the next.
        return Rows(**{name: np.concatenate(parts.pop(name)) for name in [*parts]})

    def _rows(self, batch: pa.RecordBatch) -> Rows:
        view = BatchView(batch)
        components = view.texts("component")
        return Rows(
            **{name: view.integers(name) for name in INTEGERS},
            **{name: self._codes(view.texts(name)) for name in TEXTS},
            role=self._codes(components, _role),
            actions=self._actions([view.counts(action) for action in ACTIONS]),
        )

    def _actions(self, columns: Sequence[Column]) -> Column:
        """Return the code of what each record counts."""
        groups = Groups(len(columns[0]), *(column for column in columns if column.any()))
        kinds = zip(*(column[groups.first].tolist() for column in columns), strict=True)
        codes = [self._counts.setdefault(kind, len(self._counts)) for kind in kinds]
        return np.array(codes, np.int64)[groups.of]

    def _codes(self, column: CodedTexts, form: Callable[[str], str] = str) -> Column:
        codes = [self.code(form(text)) for text in column.texts]
        return np.array(codes, np.int64).take(column.codes) if codes else np.zeros(0, np.int64)


def _role(text: str) -> str:
    """Return the role of a component; a dictionary also has texts of other columns, left alone."""
    return role_of(text) if is_path(text) else text
