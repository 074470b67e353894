"""Files of arrivals: what is read, exactly, and what is refused."""

import errno
import io
import os
import tempfile
import threading
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from accelsim.arrivals import ArrivalFile, Arrivals, reading, write_arrivals
from accelsim.arrivals.columns import joined
from accelsim.errors import InputError
from accelsim.files import spill


def read(path: Path) -> Arrivals:
    return joined(ArrivalFile(path).pieces())


@pytest.fixture
def csv(tmp_path):
    def written(text: str) -> Path:
        path = tmp_path / "arrivals.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_times_in_any_unit_are_whole_ps(csv):
    for unit, text in (("s", "0.000000001234"), ("ms", "0.000001234"), ("us", "0.001234"),
                       ("ns", "1.234"), ("ps", "1234"), ("s", "1234e-12")):  # fmt: skip
        assert read(csv(f"time_{unit}\n{text}\n")).time_ps.tolist() == [1234]
    # 53 days, to the picosecond: no float holds that.
    assert read(csv("time_s\n4611686.018427387903\n")).time_ps.tolist() == [2**62 - 1]


def test_a_range_of_images_arrives_together(csv):
    found = read(csv("# of a test\ntime_ns,image,deadline_us\n1,7,\n2,0:3,5\n2,1,0.5\n"))
    assert found.time_ps.tolist() == [1000, 2000, 2000, 2000, 2000]
    assert found.image.tolist() == [7, 0, 1, 2, 1]
    assert found.deadline_ps.tolist() == [-1, 5_000_000, 5_000_000, 5_000_000, 500_000]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_what_is_written_is_read(tmp_path, name):
    path = tmp_path / name
    rng = np.random.default_rng(1)
    times = np.sort(rng.integers(0, 2**62, 200_000))
    deadline = rng.integers(-1, 10, len(times))
    given = Arrivals(times, rng.integers(0, 100, len(times)), deadline)
    write_arrivals(path, given, ["made by a test"])
    pieces = list(ArrivalFile(path).pieces())
    assert len(pieces) > 1
    found = joined(pieces)
    for column in ("time_ps", "image", "deadline_ps"):
        assert (getattr(found, column) == getattr(given, column)).all()


def test_the_week_that_ships_with_the_task_is_read_whole(repository):
    found = read(repository / "workloads" / "arrivals" / "usgs_week_2018.csv")
    assert len(found) == 1707
    assert found.time_ps[0] == 0
    assert found.time_ps[-1] == 603_374_190 * 10**9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time,image\n1,2\n", ":1: column 'time' has no unit: expected time_s, time_ms, time_us"),
        ("time_ps,imge\n", ":1: unknown column 'imge': .* did you mean 'image'"),
        ("# c\nimage\n3\n", ":2: no column of times: expected time_UNIT"),
        ("time_ps,time_ns\n1,1\n", ":1: columns 'time_ps' and 'time_ns': expected one"),
        ("time_ps\n", ": no arrivals: expected one a line"),
        ("", ":1: no names of columns: expected time_UNIT"),
        ("# cut in ha", ":2: no names of columns: expected time_UNIT"),
        ("time_ps\n" + "9" * 5000 + "\n", r":2: got '9{50} \.\.\. 9{50}'; expected time_ps"),
        ("time_ps,image\n1," + "9" * 5000 + "\n", r":2: got '9{50} \.\.\. 9{50}'; expected an im"),
        ("time_ps\n5\n4\n", ":3: got 4 ps after 5 ps; expected times that never fall"),
        ("time_ps\n-5\n", ":2: got -5 ps; expected a time from 0 on"),
        ("time_ps\n1\n\n3\n", ":3: no time"),
        ("time_ps\n5.5\n", ":2: .*expected time_ps, times in ps with at most 0 decimals"),
        ("time_ns\n1\n5.5555\n", ":3: .*times in ns with at most 3 decimals"),
        (
            "time_ns\nsoon\n",
            ":2: got 'soon'; expected time_ns, times in ns with at most 3 decimals",
        ),
        ("time_ns\n1e30\n", ":2: got '1e30'; expected time_ns, times in ns with at most 3"),
        ("time_ms\n-0.000000001\n", ":2: got -0.000000001 ms; expected a time from 0 on"),
        ("# c\ntime_ns\n2.5\n1000000\n3\n", ":5: got 3 ns after 1000000 ns; expected"),
        ("time_ns,image\n1\n", ":2: got '1'; expected time_ns, image, times in ns"),
        ("time_ps\n4611686018427387905\n", r":2: a time beyond 2\^62 ps"),
        ("time_ps\n9223372036854775808\n", r":2: a time beyond 2\^62 ps"),
        (
            "time_ps,image\n1,a\n",
            ":2: got 'a'; expected an image such as 7, or a range such as 0:10",
        ),
        ("time_ps,image\n1,\n", ":2: got ''; expected an image such as 7"),
        (
            "time_ps,image\n1,3:3\n",
            ":2: got 3:3: a range without images; expected FIRST below LAST",
        ),
        ("time_ps,image\n1,99999999\n", ":2: got 99999999: beyond 10,000,000"),
        ("time_ps,deadline_ps\n1,-2\n", ":2: got a deadline of -2 ps; expected a time from 0 on"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(csv, text, message):
    with pytest.raises(InputError, match=r"arrivals\.csv" + message):
        read(csv(text))


def test_lines_are_counted_over_the_blocks_that_are_read(csv, monkeypatch):
    """Blocks of 8 bytes, each up to the end of its line, are `1\\n22\\n333` and what follows."""
    monkeypatch.setattr(reading, "_BLOCK", 8)
    assert read(csv("# c\ntime_ps\n1\n22\n333\n4444\n")).time_ps.tolist() == [1, 22, 333, 4444]
    with pytest.raises(InputError, match=r"arrivals\.csv:6: got 'soon'; expected time_ps"):
        read(csv("# c\ntime_ps\n1\n22\n333\nsoon\n"))
    with pytest.raises(InputError, match=r"arrivals\.csv:6: got 332 ps after 333 ps"):
        read(csv("# c\ntime_ps\n1\n22\n333\n332\n"))


def test_no_thread_reads_on_after_an_error(csv):
    """Arrow's reader of a file reads ahead in a thread, which can abort the process at its end."""

    class Watched(io.BytesIO):
        def read(self, size=-1):
            threads.add(threading.get_ident())
            return super().read(size)

    threads = set()
    file = ArrivalFile(csv("time_ps\n"))
    for table in file._of_csv(Watched(b"time_ps\n" + b"5\n" * 1000)):
        assert table.num_rows == 1000
    assert threads == {threading.get_ident()}


@pytest.mark.parametrize("above", ["", "# a comment\r\n"])
def test_a_csv_of_a_spreadsheet_has_a_byte_order_mark(csv, above):
    assert read(csv(f"\ufeff{above}time_ns\r\n1\r\n2\r\n")).time_ps.tolist() == [1000, 2000]


def test_an_arrival_knows_its_line(csv, tmp_path):
    """A range is several arrivals of one line: 0; 1, 2, 3; 4 are on lines 3, 4 and 5."""
    path = csv("# made by hand\ntime_ps,image\n1,7\n2,0:3\n3,9\n")
    found = ArrivalFile(path).arrivals()
    assert [found.place_of(number) for number in range(5)] == [
        f"{path}:{line}" for line in (3, 4, 4, 4, 5)
    ]
    pq.write_table(pa.table({"time_ps": [1, 5]}), tmp_path / "a.parquet")
    assert ArrivalFile(tmp_path / "a.parquet").place_of(1) == f"{tmp_path / 'a.parquet'}, row 2"
    assert found.of(slice(0, 2)).place_of(1) == "arrival 1"


def test_files_that_are_none(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: .*[Nn]o such"):
        ArrivalFile(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a folder; expected a regular file"):
        ArrivalFile(tmp_path)
    (tmp_path / "junk.parquet").write_bytes(b"junk")
    with pytest.raises(InputError, match=r"junk\.parquet: not a readable file of arrivals"):
        ArrivalFile(tmp_path / "junk.parquet")
    (tmp_path / "junk.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"junk\.csv: cannot be read"):
        ArrivalFile(tmp_path / "junk.csv")
    pq.write_table(pa.table({"time_ps": ["soon"]}), tmp_path / "words.parquet")
    with pytest.raises(InputError, match=r"words\.parquet: cannot be read"):
        read(tmp_path / "words.parquet")


def test_a_row_of_parquet_is_named(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"time_ps": [1, 5, 4]}), path)
    with pytest.raises(InputError, match=r"a\.parquet, row 3: got 4 ps after 5 ps; exp"):
        read(path)


def test_long_columns_are_on_the_disk(tmp_path, csv, monkeypatch):
    """Of a file longer than memory nothing is kept in it; and nothing stays behind."""
    text = "time_ns,image,deadline_ns\n" + "".join(f"{7 * n},{n % 5},{n}\n" for n in range(500))
    path = csv(text)
    short = ArrivalFile(path).arrivals()
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(spill, "IN_MEMORY", 64)
    monkeypatch.setattr(reading, "_BLOCK", 256)
    found = ArrivalFile(path).arrivals()
    assert isinstance(found.time_ps.base, np.memmap)
    assert not list(folder.iterdir())
    for name in ("time_ps", "image", "deadline_ps"):
        assert getattr(found, name).tolist() == getattr(short, name).tolist()
    assert (found.tenant, found.priority) == (None, None)


def test_a_long_column_without_room_is_one_message(monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spill, "IN_MEMORY", 2)
    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(InputError, match=r"cannot be written: No space left on device; it takes"):
        joined([Arrivals(np.arange(3))])
