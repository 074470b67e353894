"""Columns of records as NumPy arrays, whether they come from a run or from a trace.

`BlockView` shows a block that the model reported, `BatchView` an Arrow batch of the trace's
schema; a reader that takes a `View` need not know which. Integers are int64, -1 where a record
has none; texts are codes with the texts that they stand for. A `Table` holds all columns of
some records; codes of a column mean the same in all tables of one `Decoder`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from accelsim.records.actions import ACTIONS
from accelsim.records.columns import Records, Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

Column = NDArray[np.int64]
Mask = NDArray[np.bool_]

NONE = -1
"""What stands where a record has no step, image or cause."""

INTEGERS = ("id", "t_start_ps", "t_end_ps", "step", "image", "cause_id", "energy_aJ")
TEXTS = ("component", "kind", "op", "layer", "cause", "resource")


@dataclass(frozen=True)
class CodedTexts:
    """A column of texts: the text of a row is `texts[codes[row]]`."""

    codes: Column = field(repr=False)
    texts: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)

    def where(self, *wanted: str) -> Mask:
        """Tell which rows have one of the wanted texts."""
        found = [place for place, text in enumerate(self.texts) if text in wanted]
        if len(found) == 1:
            return np.asarray(self.codes == found[0], np.bool_)
        return np.isin(self.codes, found)

    def read(self, rows: "Column | Mask | slice" = slice(None)) -> tuple[str, ...]:
        """Return the texts of rows."""
        texts = self.texts
        return tuple(texts[code] for code in self.codes[rows].tolist())

    def used(self) -> list[int]:
        """Return the codes that some row has, in order."""
        return np.flatnonzero(np.bincount(self.codes, minlength=len(self.texts))).tolist()

    def __getitem__(self, rows: "Column | Mask | slice") -> "CodedTexts":
        return replace(self, codes=self.codes[rows])


class View(ABC):
    """Columns of records by their names in the trace's schema."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of records."""

    @abstractmethod
    def integers(self, name: str) -> Column:
        """Return a column of INTEGERS; NONE where a record has no value."""

    @abstractmethod
    def texts(self, name: str) -> CodedTexts:
        """Return a column of TEXTS."""

    @abstractmethod
    def counts(self, action: str) -> Column:
        """Return how often each record did an action."""

    @property
    def duration_ps(self) -> Column:
        """How long each record lasts."""
        return self.integers("t_end_ps") - self.integers("t_start_ps")


class BlockView(View):
    """A block of records of a run, with the energy that prices give it."""

    def __init__(self, records: Records, energy_aJ: Column | None = None) -> None:  # noqa: N803
        self._records, self._energy = records, energy_aJ

    def __len__(self) -> int:
        return len(self._records)

    def integers(self, name: str) -> Column:
        """Return a column of integers; KeyError for the energy of what has no prices."""
        if name != "energy_aJ":
            column: Column = getattr(self._records, name)
            return column.astype(np.int64, copy=False)
        if self._energy is None:
            raise KeyError("energy_aJ")
        return self._energy

    def texts(self, name: str) -> CodedTexts:
        """Return a column of texts."""
        codes: Column = getattr(self._records, name).astype(np.int64)
        return CodedTexts(codes, self._records.vocabulary.texts)

    def counts(self, action: str) -> Column:
        """Return the counts of an action."""
        return self._records.counts(action)


class BatchView(View):
    """An Arrow batch with columns of the trace's schema; those that are asked for are there."""

    def __init__(self, batch: "pa.RecordBatch") -> None:
        self._batch = batch

    def __len__(self) -> int:
        return int(self._batch.num_rows)

    def integers(self, name: str) -> Column:
        """Return a column of integers."""
        column = self._batch[name]
        if column.null_count:
            column = column.fill_null(NONE)
        return np.asarray(column.to_numpy(zero_copy_only=False), np.int64)

    def texts(self, name: str) -> CodedTexts:
        """Return a column of texts."""
        column = self._batch[name]
        codes = np.asarray(column.indices.to_numpy(zero_copy_only=False), np.int64)
        return CodedTexts(codes, column.dictionary.to_pylist())

    def counts(self, action: str) -> Column:
        """Return the counts of an action."""
        column = self._batch["actions"].field(ACTIONS.index(action))
        return np.asarray(column.to_numpy(zero_copy_only=False), np.int64)


@dataclass(frozen=True)
class Table:
    """All columns of some records. actions: their counts, shape (records, ACTIONS)."""

    id: Column = field(repr=False)
    t_start_ps: Column = field(repr=False)
    t_end_ps: Column = field(repr=False)
    step: Column = field(repr=False)
    image: Column = field(repr=False)
    cause_id: Column = field(repr=False)
    energy_aJ: Column = field(repr=False)  # noqa: N815 - aJ is the unit
    component: CodedTexts
    kind: CodedTexts
    op: CodedTexts
    layer: CodedTexts
    cause: CodedTexts
    resource: CodedTexts
    actions: Column = field(repr=False)

    def __len__(self) -> int:
        return len(self.id)

    def __getitem__(self, rows: "Column | Mask | slice") -> Self:
        return replace(self, **{name: getattr(self, name)[rows] for name in _COLUMNS})

    @property
    def duration_ps(self) -> Column:
        """How long each record lasts."""
        return self.t_end_ps - self.t_start_ps


_COLUMNS = tuple(each.name for each in fields(Table))


class Decoder:
    """Makes tables; a code of a column means the same text in all of them."""

    def __init__(self) -> None:
        self._vocabularies = {name: Vocabulary() for name in TEXTS}

    def table(self, view: View) -> Table:
        """Return all columns of a view."""
        columns: dict[str, Any] = {name: view.integers(name) for name in INTEGERS}
        columns |= {name: self.texts(view, name) for name in TEXTS}
        columns["actions"] = np.stack([view.counts(action) for action in ACTIONS], axis=1)
        return Table(**columns)

    def words(self, name: str) -> Sequence[str]:
        """Return the text of each code of a column; it grows with what is decoded."""
        return self._vocabularies[name].texts

    def tables(self, batches: "Iterable[pa.RecordBatch]") -> Iterator[Table]:
        """Return batches as tables."""
        return (self.table(BatchView(batch)) for batch in batches)

    def joined(self, tables: Sequence[Table]) -> Table:
        """Return the records of tables as one."""
        if len(tables) == 1:
            return tables[0]
        none = np.zeros(0, np.int64)
        columns: dict[str, Any] = {
            name: np.concatenate([none, *(getattr(each, name) for each in tables)])
            for name in INTEGERS
        }
        for name in TEXTS:
            codes = np.concatenate([none, *(getattr(each, name).codes for each in tables)])
            columns[name] = CodedTexts(codes, self._vocabularies[name].texts)
        counts = [each.actions for each in tables]
        columns["actions"] = np.concatenate([np.zeros((0, len(ACTIONS)), np.int64), *counts])
        return Table(**columns)

    def texts(self, view: View, name: str) -> CodedTexts:
        """Return one column of texts of a view."""
        column, vocabulary = view.texts(name), self._vocabularies[name]
        codes = np.array([vocabulary.code(text) for text in column.texts], np.int64)
        found = codes.take(column.codes) if len(codes) else np.zeros(0, np.int64)
        return CodedTexts(found, vocabulary.texts)
