"""Parquet and CSV traces hold what the run reported, and damaged ones are refused."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.trace import SCHEMA, read_csv, read_parquet, write_csv


@pytest.fixture(scope="module")
def trace(irmen, mnist):
    return accelsim.simulate(irmen, mnist, 2).trace


def test_parquet_holds_what_the_run_reported(tmp_path, irmen, mnist, trace):
    result = accelsim.simulate(irmen, mnist, 2, outdir=tmp_path / "run")
    assert result.trace.to_pylist() == trace.to_pylist()
    assert pq.read_schema(tmp_path / "run" / "trace.parquet").names == SCHEMA.names


def test_csv_round_trip(tmp_path, trace):
    path = tmp_path / "trace.csv"
    write_csv(path, trace.to_batches(), ["where it comes from"])
    table, provenance = read_csv(path)
    assert table.to_pylist() == trace.to_pylist()
    assert provenance == ["where it comes from"]


def test_energy_is_count_times_price(trace, irmen):
    prices = irmen.prices_aJ
    for row in trace.to_pylist():
        assert row["energy_aJ"] == sum(
            count * prices.get(action, 0) for action, count in row["actions"].items()
        )


def test_truncated_parquet(tmp_path, irmen, mnist):
    accelsim.simulate(irmen, mnist, 1, outdir=tmp_path / "run")
    path = tmp_path / "run" / "trace.parquet"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match=r"trace.parquet: not a readable trace: "):
        read_parquet(path)


def test_missing_parquet(tmp_path):
    with pytest.raises(InputError, match=r"trace.parquet: no such trace$"):
        read_parquet(tmp_path / "trace.parquet")


def test_parquet_of_another_schema(tmp_path):
    pq.write_table(pa.table({"id": [1]}), tmp_path / "other.parquet")
    with pytest.raises(InputError, match=r"trace schema version none; this accelsim reads 3$"):
        read_parquet(tmp_path / "other.parquet")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,foo\n1,2\n", r":1: expected the header id,t_start_ps"),
        ("# only a comment\n", r":2: expected the header"),
        ("{header}\n1,2,3\n", r":2: not a record of a trace: got 3 fields, expected 14$"),
        (
            "# x\n{header}\n0,a,1,c,k,o,1,l,0,c,,,,0\n",
            r":3: not a record of a trace: t_start_ps: got 'a', expected an integer$",
        ),
        (
            "{header}\n0,0,1,c,k,o,1,l,0,c,,,,1.5\n",
            r":2: not a record of a trace: energy_aJ: got '1.5', expected an integer$",
        ),
        (
            "{header}\n0,0,9223372036854775808,c,k,o,1,l,0,c,,,,0\n",
            r":2: .* t_end_ps: got 9223372036854775808, expected an integer of 63 bits$",
        ),
        (
            "{header}\n0,0,1,c,k,o,1,l,0,c,,,jump=1,0\n",
            r":2: not a record of a trace: actions: unknown action 'jump'$",
        ),
        (
            "{header}\n0,0,1,c,k,o,1,l,0,c,,,issue=one,0\n",
            r":2: not a record of a trace: actions: issue: got 'one', expected an integer$",
        ),
    ],
)
def test_damaged_csv(tmp_path, text, message):
    path = tmp_path / "trace.csv"
    path.write_text(text.replace("{header}", ",".join(SCHEMA.names)))
    with pytest.raises(InputError, match=message):
        read_csv(path)
