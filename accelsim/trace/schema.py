"""The trace as an Arrow table: one row a record, units in the column names.

Columns
    id            int64       running number in order of issue
    t_start_ps    int64       begin, integer picoseconds
    t_end_ps      int64       end
    component     string      dotted path: circuit_a.lane0.bank.plane1
    kind          string      issue, transfer, read, compute, write, settle, wait, clock,
                              standby, refresh, enter, sleep, exit, restore, fault,
                              convert, mac, digital
    op            string      op of the step, "" for standby and refresh
    step          int32       step of the program, from 1; null for standby and refresh
    layer         string      layer of the step, "" for standby
    image         int64       image, null for standby
    cause         string      why it began: a reason of accelsim.records.reasons
    resource      string      dotted path of what the reason speaks of, "" if of nothing
    cause_id      int64       the record it waited for or followed; null: none
    actions       struct      count of each action (int64)
    energy_aJ     int64       sum of count x price, integer attojoules

(accelsim.records.columns says what each kind means.)
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.energy import Priced
from accelsim.records import ACTIONS, Records

SCHEMA_VERSION = "3"
_TEXT = pa.dictionary(pa.int32(), pa.string())
ACTIONS_TYPE = pa.struct([pa.field(action, pa.int64(), nullable=False) for action in ACTIONS])
_FEW_TEXTS = 2048
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        pa.field("t_start_ps", pa.int64(), nullable=False),
        pa.field("t_end_ps", pa.int64(), nullable=False),
        pa.field("component", _TEXT, nullable=False),
        pa.field("kind", _TEXT, nullable=False),
        pa.field("op", _TEXT, nullable=False),
        pa.field("step", pa.int32()),
        pa.field("layer", _TEXT, nullable=False),
        pa.field("image", pa.int64()),
        pa.field("cause", _TEXT, nullable=False),
        pa.field("resource", _TEXT, nullable=False),
        pa.field("cause_id", pa.int64()),
        pa.field("actions", ACTIONS_TYPE, nullable=False),
        pa.field("energy_aJ", pa.int64(), nullable=False),
    ],
    metadata={"accelsim.trace": SCHEMA_VERSION, "accelsim.time_unit": "ps"},
)


def to_arrow(priced: Priced) -> pa.RecordBatch:
    """Return a block of priced records as an Arrow record batch of SCHEMA."""
    records = priced.records
    texts = pa.array(records.vocabulary.texts, pa.string())
    columns = {
        "id": pa.array(records.id),
        "t_start_ps": pa.array(records.t_start_ps),
        "t_end_ps": pa.array(records.t_end_ps),
        "step": _or_null(records.step),
        "image": _or_null(records.image),
        "cause_id": _or_null(records.cause_id),
        "actions": _actions(records),
        "energy_aJ": pa.array(priced.energy_aJ),
    }
    for name in ("component", "kind", "op", "layer", "cause", "resource"):
        columns[name] = _texts(getattr(records, name), texts)
    return pa.record_batch([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def _texts(codes: NDArray[np.int32], texts: pa.StringArray) -> pa.DictionaryArray:
    """Return texts with a dictionary: of those that are there, if a machine has far more."""
    if len(texts) <= _FEW_TEXTS:
        return pa.DictionaryArray.from_arrays(codes, texts)
    used = np.flatnonzero(np.bincount(codes, minlength=1))
    place = np.zeros(len(texts), np.int32)
    place[used] = np.arange(len(used), dtype=np.int32)
    return pa.DictionaryArray.from_arrays(place.take(codes), texts.take(pa.array(used)))


def _or_null(column: NDArray[np.integer]) -> pa.Array:
    missing = column < 0
    return pa.array(column, mask=missing) if missing.any() else pa.array(column)


def _actions(records: Records) -> pa.StructArray:
    none = pa.array(np.zeros(len(records), np.int64))
    columns = records.actions
    counts = [pa.array(columns[each]) if each in columns else none for each in ACTIONS]
    return pa.StructArray.from_arrays(counts, fields=list(ACTIONS_TYPE))
