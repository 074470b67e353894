"""Ids rise over the whole trace, from one batch of it to the next."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.trace import SCHEMA, TraceFile, reader
from tests.conftest import CONV, RELU


@pytest.fixture(scope="module")
def rows(make_network):
    network = make_network([1, 4, 4], CONV, RELU)
    table = accelsim.simulate(accelsim.load_machine(), network, 3).trace
    # Without causes, so that nothing but the order of the ids can be wrong.
    causes = pa.nulls(table.num_rows, pa.int64())
    return table.set_column(SCHEMA.names.index("cause_id"), SCHEMA.field("cause_id"), causes)


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Read a table back from a file, 20 records a batch."""

    def written(table):
        pq.write_table(table.cast(SCHEMA), tmp_path / "t.parquet", row_group_size=20)
        monkeypatch.setattr(reader, "_BATCH", 20)
        return list(TraceFile(tmp_path / "t.parquet").batches())

    return written


def test_batches_in_order(rows, read):
    batches = read(rows)
    assert len(batches) > 2
    assert pa.Table.from_batches(batches).equals(rows)


def test_a_batch_that_begins_with_the_last_id_of_the_one_before(rows, read):
    again = pa.concat_tables([rows.slice(0, 20), rows.slice(19)])
    with pytest.raises(InputError, match=r"damaged: record #19: id: not above the one before"):
        read(again)
