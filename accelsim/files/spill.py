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
        place = self._places[-1]
        try:
            if self._descriptor is None:
                self._open()
            assert self._descriptor is not None  # noqa: S101 - for the type checker
            data = memoryview(np.ascontiguousarray(block).tobytes())
            while data:
                written = os.pwrite(self._descriptor, data, place)
                data, place = data[written:], place + written
        except OSError as error:
            raise InputError(
                f"{tempfile.gettempdir()}: cannot be written: {error.strerror or error}; it takes "
                "what is kept of each image while a run goes on"
            ) from None
        self._places.append(place)

    def block(self, number: int) -> Columns:
        """Return a block."""
        if number == 0 and self._first is not None:
            return self._first
        assert self._descriptor is not None  # noqa: S101 - for the type checker
        place, end = self._places[number - 1 : number + 1]
        data = os.pread(self._descriptor, end - place, place)
        return np.frombuffer(data, np.int64).reshape(self._columns, -1)

    def _open(self) -> None:
        with tempfile.TemporaryFile() as file:
            self._descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._descriptor)
