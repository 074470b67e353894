"""Holds what a file calls a trace against SCHEMA: its columns once, its records batch by batch.

Found: what no reader could make sense of. Not found: records that are sound one by one and
do not belong together, such as two that use one port at once.
"""

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.records import ACTIONS, KINDS
from accelsim.records.reasons import NAMES_RESOURCE, REASONS
from accelsim.resources import display
from accelsim.topology import is_path
from accelsim.trace.schema import SCHEMA

_FALSE = pa.scalar(False)
_PATH = "a part of a machine, such as circuit_a.lane0.bank.plane0"
LEAST = {
    "id": 0,
    "t_start_ps": 0,
    "t_end_ps": 0,
    "step": 1,
    "image": 0,
    "cause_id": 0,
    "energy_aJ": 0,
} | {f"actions.{action}": 0 for action in ACTIONS}
"""The least value of each column of numbers, by its path in a Parquet file."""
MOST = 2**62
"""No number of a trace is above: sums of two still have room in 64 bits."""


def before_the_run(path: Path) -> InputError:
    """Return the error of a trace with a record that begins at a negative time."""
    return InputError(f"{display(path)}: a record begins before 0 ps")


def _nullable(field: pa.Field) -> pa.Field:
    kind = field.type
    if pa.types.is_struct(kind):
        kind = pa.struct([_nullable(inner) for inner in kind])
    return pa.field(field.name, kind)


NULLABLE = pa.schema([_nullable(field) for field in SCHEMA])
"""SCHEMA with nulls allowed everywhere, for what is not checked yet."""


def check_columns(found: pa.Schema, path: Path) -> None:
    """Check that each column of SCHEMA is there with its type; InputError names the first not.

    Texts may be stored as such or with a dictionary of any index type.
    """
    for field in SCHEMA:
        places = found.get_all_field_indices(field.name)
        if len(places) != 1:
            what = "twice" if places else "missing"
            raise InputError(f"{display(path)}: not a trace: column {field.name}: {what}")
        kind = found.field(places[0]).type
        if _plain(kind) != _plain(field.type):
            raise InputError(
                f"{display(path)}: not a trace: column {field.name}: got {kind}, "
                f"expected {_plain(field.type)}"
            )


class _Allowed:
    """Tells which texts of a column are allowed. expected: they in words.

    Its answer for a dictionary is kept: that of a file is the same in every batch.
    """

    def __init__(self, allows: Callable[[str], bool], expected: str) -> None:
        self._allows, self.expected = allows, expected
        self._dictionary = pa.array([], pa.string())
        self._answer = np.zeros(0, np.bool_)

    @classmethod
    def among(cls, texts: Collection[str]) -> "_Allowed":
        """Allow some texts."""
        return cls(frozenset(texts).__contains__, f"one of {', '.join(texts)}")

    def has_all(self, dictionary: pa.StringArray) -> bool:
        """Tell whether all texts of a dictionary are allowed."""
        if not dictionary.equals(self._dictionary):
            self._dictionary = dictionary
            found = [text is not None and self._allows(text) for text in dictionary.to_pylist()]
            self._answer = np.array(found, np.bool_)
        return bool(self._answer.all())

    def tell(self, column: pa.DictionaryArray) -> NDArray[np.bool_]:
        """Tell of each row of a column."""
        if self.has_all(column.dictionary):
            return np.ones(len(column), np.bool_)
        # Codes are never beyond their dictionary: with mode="clip" they are not looked at twice.
        found: NDArray[np.bool_] = self._answer.take(column.indices.to_numpy(), mode="clip")
        return found


class Structure:
    """Checks the batches of one reading, in their order.

    proven: columns of LEAST whose values are known to be large enough, as the file has
    their bounds; looking at each again would take a good part of the time of reading.
    """

    def __init__(self, path: Path, proven: Collection[str] = ()) -> None:
        self._path = path
        self._unproven = {name: least for name, least in LEAST.items() if name not in proven}
        self._last_id = -1
        self._energy = 0
        self._words = {
            "kind": _Allowed.among(KINDS),
            "cause": _Allowed.among(REASONS),
            "component": _Allowed(is_path, _PATH),
            "op": _Allowed(str.isprintable, "printable text"),
            "layer": _Allowed(str.isprintable, "printable text"),
            "resource": _Allowed(lambda text: not text or is_path(text), f"{_PATH}, or nothing"),
        }
        self._naming, self._resources = _Allowed.among(NAMES_RESOURCE), _Allowed(bool, "a resource")

    def check(self, batch: pa.RecordBatch) -> None:
        """Check the columns that a batch has; InputError names its first wrong record."""
        names = set(batch.schema.names)
        for name in names:
            if not SCHEMA.field(name).nullable:
                self._refuse(batch, _missing(batch[name]), f"{name}: is missing")
        for path, least in self._unproven.items():
            name, _, part = path.partition(".")
            if name in names:
                column = batch[name].field(part) if part else batch[name]
                self._check_range(batch, path, column, least)
        if {"energy_aJ", "step"} <= names:
            self._add_energy(batch)
        self._check_words(batch, names)
        if {"t_start_ps", "t_end_ps"} <= names:
            early = batch["t_end_ps"].to_numpy() < batch["t_start_ps"].to_numpy()
            self._refuse(batch, early, "t_end_ps: it ends before it begins")
        if "id" in names:
            self._check_order(batch)
        if {"id", "cause_id"} <= names:
            # Causes in a circle have no first one.
            ahead = pc.fill_null(pc.greater_equal(batch["cause_id"], batch["id"]), _FALSE)
            self._refuse(batch, ahead, "cause_id: not a record before it")

    def _check_range(self, batch: pa.RecordBatch, name: str, column: pa.Array, least: int) -> None:
        found = pc.min_max(column).as_py()
        if found["min"] is not None and found["min"] < least:
            wrong = pc.fill_null(pc.less(column, least), _FALSE)
            self._refuse(batch, wrong, f"{name}: less than {least}")
        if found["max"] is not None and found["max"] > MOST:
            wrong = pc.fill_null(pc.greater(column, MOST), _FALSE)
            self._refuse(batch, wrong, f"{name}: more than 2^62")

    def _add_energy(self, batch: pa.RecordBatch) -> None:
        """Hold the sum over all steps, by the largest of each batch, to what 64 bits hold.

        Not over the rest: a machine that stands by for days takes more, and who sums it knows.
        """
        of_steps = pc.if_else(pc.is_valid(batch["step"]), batch["energy_aJ"], 0)
        self._energy += batch.num_rows * (pc.max(of_steps).as_py() or 0)
        if self._energy > MOST:
            raise InputError(
                f"{display(self._path)}: damaged: energy_aJ: the sum is beyond 64 bits"
            )

    def _check_words(self, batch: pa.RecordBatch, names: set[str]) -> None:
        """Check the texts of columns that allow some alone, and that resources go with reasons."""
        for name, allowed in self._words.items():
            # A dictionary may hold what no record uses.
            if name in names and not allowed.has_all(batch[name].dictionary):
                wrong = ~allowed.tell(batch[name])
                self._refuse(batch, wrong, f"{name}: expected {allowed.expected}")
        if {"cause", "resource"} <= names:
            named = self._naming.tell(batch["cause"])
            wrong = named != self._resources.tell(batch["resource"])
            with_one = ", ".join(NAMES_RESOURCE)
            self._refuse(batch, wrong, f"resource: expected with {with_one}, not with other causes")

    def _check_order(self, batch: pa.RecordBatch) -> None:
        ids = batch["id"].to_numpy()
        if len(ids) == 0:
            return
        if ids[0] <= self._last_id or not (ids[1:] > ids[:-1]).all():
            wrong = np.diff(ids, prepend=self._last_id) <= 0
            self._refuse(batch, wrong, "id: not above the one before")
        self._last_id = int(ids[-1])

    def _refuse(
        self, batch: pa.RecordBatch, wrong: pa.Array | NDArray[np.bool_] | None, what: str
    ) -> None:
        """Raise InputError for the first record that is wrong, if one is."""
        if isinstance(wrong, pa.Array):
            wrong = wrong.to_numpy(zero_copy_only=False)
        if wrong is None or not wrong.any():
            return
        record = "a record"
        if "id" in batch.schema.names:
            record = f"record #{batch['id'][int(np.argmax(wrong))]}"
        raise InputError(f"{display(self._path)}: damaged: {record}: {what}")


def _missing(column: pa.Array) -> pa.Array | None:
    """Return which values are null, or null in part; None if none is."""
    parts = [column]
    if pa.types.is_struct(column.type):
        parts += [column.field(number) for number in range(column.type.num_fields)]
    found = next((part for part in parts if part.null_count), None)
    return None if found is None else pc.is_null(found)


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return a type without what a writer may choose: dictionaries, long texts, nullability."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _plain(field.type)) for field in kind])
    return kind
