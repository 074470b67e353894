"""The records of a window in columns, and the steps and images that they make up.

No more than a given number of records is held, whatever the length of the trace. Times are
integer ps, energies integer aJ.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.records import ACTIONS
from accelsim.trace import TraceFile, Window
from accelsim.trace.reader import Progress

Column = NDArray[np.int64]
_NUMBERS = ("id", "t_start_ps", "t_end_ps", "step", "image", "cause_id", "energy_aJ")
_TEXTS = ("component", "kind", "op", "layer", "cause", "resource")
# An image may queue from the beginning of the run: not a sign that a time is shown in part.
_QUEUE = "host.queue"
_STANDBY = "standby"


@dataclass(frozen=True)
class Texts:
    """A column of texts: a code a row, and the text of each code."""

    codes: Column = field(repr=False)
    texts: tuple[str, ...]

    def where(self, text: str) -> NDArray[np.bool_]:
        """Tell which rows have this text."""
        code = self.texts.index(text) if text in self.texts else -1
        return np.asarray(self.codes == code, np.bool_)

    def read(self, rows: Column) -> tuple[str, ...]:
        """Return the texts of rows."""
        return tuple(self.texts[code] for code in self.codes[rows])

    def __getitem__(self, rows: NDArray[np.bool_] | Column | slice) -> "Texts":
        return replace(self, codes=self.codes[rows])


@dataclass(frozen=True)
class Detail:
    """Records in columns, in order of their ids.

    Numbers are int64, -1 where a record has none. actions: counts, shape (records, ACTIONS).
    until_ps: every record of the window that begins earlier is here; None: all are.
    """

    id: Column = field(repr=False)
    t_start_ps: Column = field(repr=False)
    t_end_ps: Column = field(repr=False)
    step: Column = field(repr=False)
    image: Column = field(repr=False)
    cause_id: Column = field(repr=False)
    energy_aJ: Column = field(repr=False)  # noqa: N815 - aJ is the unit
    component: Texts
    kind: Texts
    op: Texts
    layer: Texts
    cause: Texts
    resource: Texts
    actions: Column = field(repr=False)
    until_ps: int | None = None

    def __len__(self) -> int:
        return len(self.id)

    def __getitem__(self, rows: NDArray[np.bool_] | Column | slice) -> "Detail":
        names = (*_NUMBERS, *_TEXTS, "actions")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def columns(batches: Iterable[pa.RecordBatch]) -> Iterator[Detail]:
    """Return batches as columns whose codes mean the same text in all."""
    known: dict[str, dict[str, int]] = {name: {} for name in _TEXTS}
    for batch in batches:
        numbers = {
            name: batch[name].fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
            for name in _NUMBERS
        }
        texts = {name: _texts(batch[name], known[name]) for name in _TEXTS}
        fields = batch["actions"].flatten()
        actions = np.stack([column.to_numpy(zero_copy_only=False) for column in fields], axis=1)
        yield _detail(numbers, texts, actions)


def read_detail(
    trace: TraceFile, window: Window, most: int, progress: Progress | None = None
) -> Detail:
    """Return the first `most` records of a window; its `until_ps` says how far they reach."""
    blocks: list[Detail] = []
    have, until = 0, None
    for block in columns(trace.batches(window, progress=progress)):
        blocks.append(block[: most - have] if have + len(block) > most else block)
        rest = block[most - have :]
        have += len(blocks[-1])
        if len(rest):
            begun = rest.t_start_ps[~rest.component.where(_QUEUE) & ~rest.kind.where(_STANDBY)]
            until = int(begun.min()) if len(begun) else int(block.t_end_ps.max())
            break
    return replace(_joined(blocks), until_ps=until)


def _joined(blocks: list[Detail]) -> Detail:
    if not blocks:
        return _nothing()
    numbers = {name: np.concatenate([getattr(b, name) for b in blocks]) for name in _NUMBERS}
    actions = np.concatenate([block.actions for block in blocks])
    texts = {
        name: Texts(
            np.concatenate([getattr(b, name).codes for b in blocks]),
            getattr(blocks[-1], name).texts,
        )
        for name in _TEXTS
    }
    return _detail(numbers, texts, actions)


def _nothing() -> Detail:
    none = np.zeros(0, np.int64)
    numbers = dict.fromkeys(_NUMBERS, none)
    texts = {name: Texts(none, ()) for name in _TEXTS}
    return _detail(numbers, texts, np.zeros((0, len(ACTIONS)), np.int64))


def _detail(numbers: dict[str, Column], texts: dict[str, Texts], actions: Column) -> Detail:
    fields: dict[str, Any] = {**numbers, **texts, "actions": actions}
    return Detail(**fields)


def _texts(column: pa.DictionaryArray, known: dict[str, int]) -> Texts:
    found = [known.setdefault(text, len(known)) for text in column.dictionary.to_pylist()]
    codes = np.asarray(found, np.int64)[column.indices.to_numpy(zero_copy_only=False)]
    return Texts(codes, tuple(known))
