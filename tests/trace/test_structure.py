"""A trace that was edited is refused where it is read, by its column or its record."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.trace import SCHEMA, TraceFile, write_csv


@pytest.fixture(scope="module")
def whole() -> pa.Table:
    return accelsim.simulate(accelsim.load_machine(), accelsim.load_network("mnist"), 3).trace


@pytest.fixture
def trace(tmp_path: Path) -> Callable[[pa.Table], TraceFile]:
    def write(table: pa.Table) -> TraceFile:
        pq.write_table(table, tmp_path / "t.parquet", row_group_size=300)
        return TraceFile(tmp_path / "t.parquet")

    return write


def _with(table: pa.Table, name: str, values: pa.Array, *, nullable: bool = False) -> pa.Table:
    field = pa.field(name, values.type, nullable=nullable)
    return table.set_column(table.schema.names.index(name), field, values)


@pytest.mark.parametrize("name", SCHEMA.names)
def test_a_column_that_is_not_there(whole, trace, name):
    with pytest.raises(InputError, match=rf"t.parquet: not a trace: column {name}: missing$"):
        trace(whole.drop_columns([name]))


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("id", pa.int32(), "column id: got int32, expected int64"),
        ("image", pa.float64(), "column image: got double, expected int64"),
        ("kind", pa.binary(), "column kind: got binary, expected string"),
    ],
)
def test_a_column_of_another_type(whole, trace, name, kind, message):
    column = pa.array(whole[name].to_pylist()).cast(kind)
    with pytest.raises(InputError, match=message):
        trace(_with(whole, name, column, nullable=True))


def test_an_action_that_is_not_counted(whole, trace):
    actions = [{"issue": row["issue"]} for row in whole["actions"].to_pylist()]
    with pytest.raises(InputError, match=r"column actions: got struct<issue: int64>, expected"):
        trace(_with(whole, "actions", pa.array(actions)))


@pytest.mark.parametrize("text", [pa.string(), pa.large_string()])
def test_texts_as_other_tools_store_them(whole, trace, text):
    table = whole
    for name in ("component", "kind", "op", "layer", "cause"):
        table = _with(table, name, pa.array(whole[name].to_pylist(), text), nullable=True)
    assert trace(table).table().to_pylist() == whole.to_pylist()


def _edited(table: pa.Table, row: int, **values: object) -> pa.Table:
    rows = table.to_pylist()
    rows[row] = rows[row] | values
    # Nothing may be missing in SCHEMA; a file of another tool can have it all the same.
    fields = [field.with_nullable(True) for field in SCHEMA]
    return pa.Table.from_pylist(rows, pa.schema(fields, SCHEMA.metadata))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"id": 699}, "record #699: id: not above the one before"),
        ({"id": -700}, "record #-700: id: less than 0"),
        ({"t_start_ps": -1}, "record #700: t_start_ps: less than 0"),
        ({"t_end_ps": 5}, "record #700: t_end_ps: it ends before it begins"),
        ({"kind": "raed"}, "record #700: kind: expected one of issue, transfer, read, compute,"),
        ({"kind": None}, "record #700: kind: is missing"),
        ({"cause": "busi"}, "record #700: cause: expected one of busy, unsettled, in use,"),
        ({"component": "circuit_z.lane0.widget"}, "record #700: component: expected a part of a"),
        ({"component": ""}, "record #700: component: expected a part of a machine, such as"),
        ({"cause": "busy", "resource": "x"}, "record #700: resource: expected a part of a machine"),
        ({"cause": "busy", "resource": ""}, "record #700: resource: expected with busy, unsettled"),
        ({"cause": "order", "resource": "host.load"}, "record #700: resource: expected with busy"),
        ({"energy_aJ": None}, "record #700: energy_aJ: is missing"),
        ({"energy_aJ": -1}, "record #700: energy_aJ: less than 0"),
        ({"step": 0}, "record #700: step: less than 1"),
        ({"image": -1}, "record #700: image: less than 0"),
        ({"cause_id": 700}, "record #700: cause_id: not a record before it"),
    ],
)
def test_a_record_that_cannot_be(whole, trace, values, message):
    edited = trace(_edited(whole, 700, **values))
    with pytest.raises(InputError, match=rf"t.parquet: damaged: {message}"):
        edited.table()


@pytest.mark.parametrize("count", [-1, None])
def test_actions_that_cannot_be(whole, trace, count):
    actions = [dict(row) for row in whole["actions"].to_pylist()]
    actions[400]["cell_write"] = count
    table = _with(whole, "actions", pa.array(actions, pa.struct(
        [(field.name, field.type) for field in SCHEMA.field("actions").type]
    )))  # fmt: skip
    what = "actions.cell_write: less than 0" if count else "actions: is missing"
    with pytest.raises(InputError, match=rf"damaged: record #400: {what}"):
        trace(table).table()


def test_columns_of_no_id_are_checked_too(whole, trace):
    edited = trace(_edited(whole, 700, kind="raed"))
    with pytest.raises(InputError, match=r"t.parquet: damaged: a record: kind: expected one of"):
        list(edited.batches(columns=["kind"]))


def test_ids_go_on_from_batch_to_batch(whole, trace):
    # Both halves are in order; the second one first is not.
    half = 300  # records of a row group
    swapped = pa.concat_tables([whole.slice(half, half), whole.slice(0, half)])
    edited = _with(swapped, "cause_id", pa.nulls(2 * half, pa.int64()), nullable=True)
    with pytest.raises(InputError, match=r"damaged: record #0: id: not above the one before"):
        trace(edited).table()


def test_a_csv_trace_is_checked(whole, tmp_path):
    edited = _edited(whole, 7, t_start_ps=-5)
    write_csv(tmp_path / "t.csv", edited.cast(SCHEMA).to_batches(), [])
    with pytest.raises(InputError, match=r"t.csv: damaged: record #7: t_start_ps: less than 0"):
        TraceFile(tmp_path / "t.csv").table()
