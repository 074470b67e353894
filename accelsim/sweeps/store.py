"""The data set of a sweep: a folder of Parquet files, each whole, one a chunk.

    OUTDIR/sweep.json             what the rows are of
    OUTDIR/points/000000.parquet  rows of a chunk, named by its first point
    OUTDIR/devices/NAME.yaml      device files of cells that were characterized

One process writes: a chunk's file takes its name once it is whole on the disk. Which points are
missing is what no file has. The same rows are the same bytes.
"""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from accelsim.config import DeviceFile, read_document, validate
from accelsim.errors import InputError
from accelsim.files import (
    ROWS,
    TEXT,
    new_binary,
    read_bytes,
    read_json,
    read_text,
    remove_files,
    remove_leftovers,
    visible_entries,
    what_is,
    write_text,
)
from accelsim.resources import display
from accelsim.sweeps.columns import DIGEST, ERROR, POINT, Row, table
from accelsim.wording import given

MANIFEST, POINTS, DEVICES = "sweep.json", "points", "devices"
_DIGITS = 6


class Store:
    """Rows of a space in a folder.

    digest: of the space. columns: of its rows. chunk: points of a file. about: what `sweep.json`
    says beside the digest.

    Raises InputError if the folder is of another space, or holds what is no part of a sweep,
    and `force` is false; nothing is changed then.
    """

    def __init__(
        self, folder: Path, columns: pa.Schema, chunk: int, about: Mapping[str, Any], *, force: bool
    ) -> None:
        self.folder, self.columns = folder, columns
        self._digest, self._chunk = columns.metadata[DIGEST].decode(), chunk
        self._about = dict(about)
        self._refuse_strangers()
        self._points: dict[int, set[int]] = {}
        found = self._manifest()
        if found is not None and found.get("digest") != self._digest:
            if not force:
                raise InputError(
                    f"{display(folder / MANIFEST)}: holds a sweep of another space, "
                    f"'{found.get('space', '')}', or of other files or another version "
                    f"({found.get('version', 'unknown')}); {_another()}"
                )
            found = None
        elif force:
            found = None
        self._resumes = found is not None
        if self._resumes:
            self._look()

    def begin(self) -> None:
        """Make the folder ready for rows; of a sweep that is replaced, what was there goes."""
        if self._resumes:
            for folder in (self.folder, self.folder / POINTS, self.folder / DEVICES):
                remove_leftovers(folder)
            return
        old = self.folder / POINTS
        if what_is(old):  # rows first: what is left then is still the sweep that it was
            remove_files(*visible_entries(old))
        text = json.dumps({"digest": self._digest, **self._about}, indent=1)
        write_text(self.folder / MANIFEST, f"{text}\n")

    def missing(self, numbers: Iterable[int], *, again: bool = False) -> list[int]:
        """Return which points have no row yet. again: or one with an error."""
        present = self._present(good=again)
        return [number for number in numbers if number not in present]

    @property
    def kept(self) -> int:
        """How many points have a row."""
        return sum(len(each) for each in self._points.values())

    def add(self, chunk: int, rows: Sequence[Row]) -> None:
        """Keep rows of a chunk, beside those that are there; the file has them before it returns.

        A row replaces the one of the same point.
        """
        found = {row[POINT]: row for row in self.rows(chunk)}
        found |= {row[POINT]: row for row in rows}
        made = table(found.values(), self.columns)
        stream = io.BytesIO()
        pq.write_table(made, stream, compression="zstd")
        with new_binary(self._file(chunk)) as out:
            out.write(stream.getvalue())
        self._points[chunk] = set(found)

    def rows(self, chunk: int) -> list[Row]:
        """Return the rows of a chunk; none if it has no file."""
        if chunk not in self._points:
            return []
        found: list[Row] = self._read(self._file(chunk)).to_pylist()
        return found

    def table(self) -> pa.Table:
        """Return all rows, in order of their points."""
        parts = [self._read(self._file(chunk)) for chunk in sorted(self._points)]
        return pa.concat_tables(parts) if parts else self.columns.empty_table()

    def devices(self) -> dict[str, str]:
        """Return the device files that are there, whole, by name."""
        folder, found = self.folder / DEVICES, {}
        for path in visible_entries(folder) if what_is(folder) else ():
            try:
                validate(DeviceFile, read_document(path))
                found[path.name] = read_text(path, TEXT)
            except InputError:
                continue  # it is made again
        return found

    def add_device(self, name: str, text: str) -> None:
        """Keep a device file."""
        write_text(self.folder / DEVICES / name, text)

    def chunk_of(self, number: int) -> int:
        """Return the first point of the chunk that a point is in."""
        return number - number % self._chunk

    def _file(self, chunk: int) -> Path:
        return self.folder / POINTS / f"{chunk:0{_DIGITS}}.parquet"

    def _present(self, *, good: bool) -> set[int]:
        if not good:
            return set().union(*self._points.values())
        found: set[int] = set()
        for chunk in self._points:
            found |= {row[POINT] for row in self.rows(chunk) if row[ERROR] is None}
        return found

    def _manifest(self) -> dict[str, Any] | None:
        path = self.folder / MANIFEST
        if not what_is(path):
            return None
        try:
            found = read_json(path)
        except InputError as error:
            raise InputError(f"{error}; {_another()}") from None
        return found if isinstance(found, dict) else {}

    def _refuse_strangers(self) -> None:
        """Refuse a folder that is no sweep's, whatever is forced: it is not ours to replace."""
        if not what_is(self.folder):
            return
        names = [path.name for path in visible_entries(self.folder)]
        if names and MANIFEST not in names:
            raise InputError(
                f"{display(self.folder)}: holds '{min(names)}' and no {MANIFEST}; expected a "
                "new folder, or one of a sweep"
            )

    def _look(self) -> None:
        """Find out which points the files have."""
        folder = self.folder / POINTS
        for path in sorted(visible_entries(folder)) if what_is(folder) else ():
            numbers = self._read(path, [POINT]).column(POINT).to_pylist()
            chunk = self.chunk_of(numbers[0]) if numbers else 0
            if path != self._file(chunk) or any(self.chunk_of(each) != chunk for each in numbers):
                raise InputError(f"{display(path)}: its rows are not of the chunk that it is named "
                                 f"by; {_another()}")  # fmt: skip
            self._points[chunk] = set(numbers)

    def _read(self, path: Path, columns: list[str] | None = None) -> pa.Table:
        """Return the rows of a file, or some columns; InputError if damaged, or another sweep's."""
        data = read_bytes(path, ROWS)
        try:
            file = pq.ParquetFile(io.BytesIO(data))
            found = file.read(columns)
        except (pa.ArrowException, OSError) as error:
            line = str(error).partition("\n")[0]
            raise InputError(f"{display(path)}: damaged: {line}; {_another()}") from None
        metadata = file.schema_arrow.metadata or {}
        if metadata.get(DIGEST) != self._digest.encode():
            raise InputError(f"{display(path)}: holds rows of another space; {_another()}")
        return found


def _another() -> str:
    """Say what one can do about a folder that is not to be touched."""
    return f"choose another {given('outdir')}, or {given('force')} to replace it"
