"""Pickles of strangers: plain data and arrays of bytes are read out of them, and nothing is called.

A pickle is a program: it names functions and has them called. Here each name stands for a method
that only writes down what an array would be, and any other name is refused. Before that, a pass
over its opcodes checks lengths against the bytes that are there, and what memory it would reserve.
"""

import io
import pickle
import pickletools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.files.read import PICKLE, read_bytes
from accelsim.resources import display, visible

_PUTS = {"PUT", "BINPUT", "LONG_BINPUT"}
_BYTE = "u1"
_DAMAGE = (
    pickle.UnpicklingError, EOFError, AttributeError, ImportError, LookupError, TypeError,
    ValueError, OverflowError, MemoryError, RecursionError,
)  # fmt: skip


class _ForeignError(Exception):
    """A pickle names what is not needed for plain data."""


@dataclass
class PickledArray:
    """What a pickle says an array is. raw: its bytes; `bytes_of` checks that they fit."""

    shape: object = None
    dtype: object = None
    fortran: object = False
    raw: object = b""

    def __setstate__(self, state: object) -> None:
        """Take what numpy saves: version, shape, type, order and bytes."""
        _, self.shape, self.dtype, self.fortran, self.raw = state  # type: ignore[misc]

    def text(self) -> str:
        """Return type and shape in words."""
        return visible(f"{self.dtype} of shape {self.shape}", 80)

    def bytes_of(self) -> NDArray[np.uint8] | None:
        """Return it if it is an array of unsigned bytes, in full; else None."""
        shape, raw = self.shape, self.raw
        if not isinstance(shape, tuple) or not isinstance(raw, bytes | bytearray):
            return None
        sizes_fit = all(type(each) is int and 0 <= each <= len(raw) for each in shape)
        if not sizes_fit or str(self.dtype) != _BYTE or np.prod(shape, dtype=object) != len(raw):
            return None
        return np.frombuffer(raw, np.uint8).reshape(shape, order="F" if self.fortran else "C")


class _Type:
    """What a pickle says a type is: its name alone counts, as bytes have no order."""

    def __init__(self, name: object) -> None:
        self._name = name

    def __setstate__(self, state: object) -> None:
        """Leave out what numpy saves beside the name."""

    def __str__(self) -> str:
        return str(plain(self._name))


class _Reader(pickle.Unpickler):  # noqa: S301 - of names it knows none but its own
    """Reads plain data; the names that numpy's arrays need are methods of it."""

    def find_class(self, module: str, name: str) -> object:
        """Return what stands for a name; _ForeignError for any that plain data does not need."""
        known = {
            "numpy.ndarray": "ndarray",
            "numpy.dtype": self._type,
            "_codecs.encode": self._encoded,
        }
        for core in ("numpy.core", "numpy._core"):
            known[f"{core}.multiarray._reconstruct"] = self._array
            known[f"{core}.numeric._frombuffer"] = self._from_buffer
        if f"{module}.{name}" not in known:
            raise _ForeignError(f"{module}.{name}")
        return known[f"{module}.{name}"]

    def _array(self, *_: object) -> PickledArray:
        return PickledArray()

    def _from_buffer(
        self, raw: object, dtype: object, shape: object, order: object
    ) -> PickledArray:
        return PickledArray(shape, dtype, order == "F", raw)

    def _type(self, name: object, *_: object) -> _Type:
        return _Type(name)

    def _encoded(self, text: str, *_: object) -> bytes:
        """Return bytes that a pickle of protocol 2 has as text."""
        return text.encode("latin1")


def plain(name: object) -> object:
    """Return text that Python 2 wrote as such, anything else as it is."""
    return name.decode("latin1") if isinstance(name, bytes) else name


def read_pickled_dict(path: Path) -> dict[object, object]:
    """Read the dictionary of plain data and arrays that a file of Python's pickle holds.

    Texts of Python 2 are bytes in it, but those of its keys are texts. Raises InputError for a file
    that is damaged, holds another thing, or names what is neither data nor an array of numpy.
    """
    data = read_bytes(path, PICKLE)
    wrong = f"{display(path)}: not a readable pickle of arrays: "
    try:
        for opcode, value, _ in pickletools.genops(data):
            if opcode.name in _PUTS and isinstance(value, int) and value > len(data):
                raise ValueError(f"{opcode.name} of place {value}")
        found = _Reader(io.BytesIO(data), encoding="bytes").load()
    except _ForeignError as error:
        raise InputError(
            f"{wrong}it names {visible(str(error), 80)}, which is neither data nor an array of "
            "numpy; nothing was called"
        ) from None
    except _DAMAGE as error:
        raise InputError(f"{wrong}damaged: {visible(str(error), 200)}") from None
    if not isinstance(found, dict):
        raise InputError(f"{wrong}it holds one {type(found).__name__}; expected a dict")
    return {plain(key): value for key, value in found.items()}
