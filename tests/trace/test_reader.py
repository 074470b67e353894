"""Traces are read in batches, and through windows that cut the same records as a filter."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accelsim
from accelsim.errors import InputError
from accelsim.trace import TraceFile, Window

GOLDEN = Path(__file__).parents[2] / "traces" / "golden" / "irmen-mnist.csv"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outdir = tmp_path_factory.mktemp("run")
    machine = accelsim.load_machine("irmen", {"sequencer.contexts": 2})
    accelsim.simulate(machine, accelsim.load_network("mnist"), 400, outdir=outdir)
    return outdir


def _inside(window: Window, row: dict[str, object]) -> bool:
    start, end, image, path = (
        row[name] for name in ("t_start_ps", "t_end_ps", "image", "component")
    )
    assert isinstance(start, int)
    assert isinstance(end, int)
    return (
        (window.end_ps is None or start < window.end_ps)
        and (window.start_ps is None or end > window.start_ps)
        and (
            window.images is None
            or (isinstance(image, int) and window.images[0] <= image < window.images[1])
        )
        and (
            not window.components
            or any(f"{path}.".startswith(f"{wanted}.") for wanted in window.components)
        )
    )


@pytest.fixture(scope="module")
def whole(run: Path) -> pa.Table:
    return _plain(TraceFile(run / "trace.parquet").table())


@pytest.fixture(scope="module")
def rows(whole: pa.Table) -> list[dict[str, object]]:
    """Return of each record what a window asks for."""
    return list(whole.select(["t_start_ps", "t_end_ps", "image", "component"]).to_pylist())


def _ns(time: int) -> int:
    return 1000 * time


def _plain(table: pa.Table) -> pa.Table:
    """Return a table with texts as texts: equal ones may have other codes."""
    types = (
        pa.field(field.name, pa.string()) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    )
    return table.cast(pa.schema(types))


# Records begin and end on clock edges: windows that do as well decide what just touches.
@settings(deadline=None, max_examples=30)
@given(
    start=st.none() | st.integers(0, 7_000_000) | st.integers(0, 7_000).map(_ns),
    length=st.none() | st.integers(1, 500_000) | st.integers(1, 500).map(_ns),
    images=st.none() | st.tuples(st.integers(0, 299), st.integers(1, 40)),
    components=st.sampled_from([(), ("circuit_a",), ("sequencer", "circuit_b.lane1"), ("host",)]),
)
def test_a_window_is_a_filter(
    run: Path,
    whole: pa.Table,
    rows: list[dict[str, object]],
    start: int | None,
    length: int | None,
    images: tuple[int, int] | None,
    components: tuple[str, ...],
) -> None:
    window = Window(
        start,
        None if length is None else (start or 0) + length,
        None if images is None else (images[0], images[0] + images[1]),
        components,
    )
    inside = [number for number, row in enumerate(rows) if _inside(window, row)]
    expected = whole.take(pa.array(inside, pa.int64()))
    assert _plain(TraceFile(run / "trace.parquet").table(window)).equals(expected)


def test_row_groups_outside_a_window_are_not_read(run: Path) -> None:
    trace = TraceFile(run / "trace.parquet")
    assert pq.ParquetFile(run / "trace.parquet").num_row_groups > 1
    seen: list[int] = []
    list(trace.batches(Window(images=(0, 1)), progress=lambda done, _: seen.append(done)))
    assert seen[0] < trace.records
    assert seen[-1] == trace.records


def test_records_without_an_image(run: Path) -> None:
    trace = TraceFile(run / "trace.parquet")
    expected = [row for row in trace.table().slice(100_000).to_pylist() if row["image"] is None]
    assert len(expected) == 16  # what each bank counts over the run
    assert trace.table(Window(imageless=True)).to_pylist() == expected
    assert TraceFile.of(trace.table(), "x").table(Window(imageless=True)).num_rows == 16


def test_columns_and_golden_traces(run: Path) -> None:
    batch = next(TraceFile(run / "trace.parquet").batches(Window(end_ps=1), ["energy_aJ"]))
    assert batch.schema.names == ["energy_aJ", "t_start_ps"]
    golden = TraceFile(GOLDEN)
    assert golden.records == golden.table().num_rows == 394


def test_another_schema_version_is_refused(run: Path, tmp_path: Path) -> None:
    table = pq.read_table(run / "trace.parquet")
    path = tmp_path / "old.parquet"
    pq.write_table(table.replace_schema_metadata({"accelsim.trace": "0"}), path)
    with pytest.raises(InputError, match=r"trace schema version 0; this accelsim reads 3"):
        TraceFile(path)
    pq.write_table(pa.table({"x": [1]}), path)
    with pytest.raises(InputError, match="trace schema version none"):
        TraceFile(path)
