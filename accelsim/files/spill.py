"""Columns of integers that would take memory for as long as a run: they go to a nameless file.

The file is among the temporary ones and has no name, so that nothing of it stays, whatever
happens to the process. Nothing is made before there is something to put there.
"""

import os
import tempfile
import weakref

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError

Columns = NDArray[np.int64]
Column = NDArray[np.int64]

IN_MEMORY = 1 << 20
"""Rows of a long column that are kept in memory at most."""


TABLE_IN_MEMORY = 1 << 23
"""Numbers of a table that are kept in memory at most."""


class Spill:
    """Blocks of columns, (columns, rows) each, that are read again one at a time.

    The first stays in memory: there is a file for what is longer than that.
    """

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._first: Columns | None = None
        self._places = [0]
        self._descriptor: int | None = None

    def __len__(self) -> int:
        return len(self._places) - (self._first is None)

    def append(self, block: Columns) -> None:
        """Put a block there; InputError if there is no room."""
        if self._first is None:
            self._first = block.copy()
            return
        if self._descriptor is None:
            self._descriptor = _nameless(self)
        self._places.append(_write(self._descriptor, block, self._places[-1]))

    def block(self, number: int) -> Columns:
        """Return a block."""
        if number == 0 and self._first is not None:
            return self._first
        assert self._descriptor is not None  # noqa: S101 - for the type checker
        place, end = self._places[number - 1 : number + 1]
        data = os.pread(self._descriptor, end - place, place)
        return np.frombuffer(data, np.int64).reshape(self._columns, -1)


class LongColumn:
    """A column that grows: the whole of a long one is a file, which the system pages in and out."""

    def __init__(self) -> None:
        self._parts: list[Column] = []
        self._rows = self._written = 0
        self._descriptor: int | None = None

    def append(self, part: Column) -> None:
        """Put more behind it; InputError if there is no room."""
        self._parts.append(part)
        self._rows += len(part)
        if self._rows > IN_MEMORY:
            self._put()

    def whole(self) -> Column:
        """Return all of it, (n,), for reading; nothing may be appended after that."""
        if self._descriptor is None:
            return np.concatenate([np.zeros(0, np.int64), *self._parts])
        self._put()
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            # As a plain array: one of memmap's own class makes more of them, and is slower.
            return np.asarray(np.memmap(file, np.int64, "r", shape=(self._rows,)))

    def _put(self) -> None:
        if self._descriptor is None:
            self._descriptor = _nameless(self)
        for part in self._parts:
            self._written = _write(self._descriptor, part, self._written)
        self._parts.clear()


def new_table(rows: int, columns: int) -> Columns:
    """Return zeros, (rows, columns), to be filled in any order; a large one is a nameless file.

    Raises InputError if there is no room.
    """
    if rows * columns <= TABLE_IN_MEMORY:
        return np.zeros((rows, columns), np.int64)
    try:
        with tempfile.TemporaryFile() as file:
            # All of it now: there is no error to catch when a page finds no room later.
            os.posix_fallocate(file.fileno(), 0, rows * columns * np.dtype(np.int64).itemsize)
            return np.asarray(np.memmap(file, np.int64, "r+", shape=(rows, columns)))
    except OSError as error:
        raise _no_room(error) from None


def _nameless(owner: object) -> int:
    """Return a new file without a name, which is there for as long as its owner."""
    try:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    except OSError as error:
        raise _no_room(error) from None
    weakref.finalize(owner, os.close, descriptor)
    return descriptor


def _write(descriptor: int, data: NDArray[np.int64], place: int) -> int:
    """Write at a place; return the place behind that."""
    rest = memoryview(np.ascontiguousarray(data, np.int64).tobytes())
    try:
        while rest:
            written = os.pwrite(descriptor, rest, place)
            rest, place = rest[written:], place + written
    except OSError as error:
        raise _no_room(error) from None
    return place


def _no_room(error: OSError) -> InputError:
    return InputError(
        f"{tempfile.gettempdir()}: cannot be written: {error.strerror or error}; it takes "
        "what is kept of each image while a run goes on"
    )
