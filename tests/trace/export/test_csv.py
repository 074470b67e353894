"""An exported CSV is a trace: it reads back to the same records."""

from collections.abc import Callable
from pathlib import Path

import pytest

from accelsim.errors import InputError
from accelsim.trace import TraceFile, Window, read_csv
from accelsim.trace.export import TraceSource, export_csv


@pytest.mark.parametrize(
    "window", [Window(), Window(40_000, 44_000), Window(images=(1, 2), components=("circuit_b",))]
)
@pytest.mark.parametrize("name", ["contexts", "charge"])
def test_csv_reads_back(
    name: str, window: Window, source_of: Callable[..., TraceSource], tmp_path: Path
) -> None:
    source = source_of(name, window)
    path = tmp_path / "trace.csv"
    seen: list[tuple[int, int]] = []
    written = export_csv(path, source, lambda done, total: seen.append((done, total)))
    table, provenance = read_csv(path)
    assert table.to_pylist() == source.trace.table(window).to_pylist()
    assert written == table.num_rows == TraceFile(path).records
    assert provenance[:2] == [f"Trace of {source.title}.", "a line"]
    assert seen[-1] == (source.trace.records, source.trace.records)


def test_an_empty_window_is_refused(source_of: Callable[..., TraceSource], tmp_path: Path) -> None:
    source = source_of("irmen", Window(start_ps=10**9))
    with pytest.raises(InputError, match=r"no record is inside 1000000000 ps to the end; the tra"):
        export_csv(tmp_path / "x.csv", source)
