"""npz archives and npy files: what each array is, is known and checked before any is unpacked.

An array takes as many bytes as its header says and its member of the zip archive has. Neither
is believed alone: shape and type have to make up the size, and all sizes together are limited.
"""

import contextlib
import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.files.read import MIB, NPY, NPZ, opened, read_most, size_text
from accelsim.resources import display

Generic = NDArray[np.generic]

_NPY, _ZIP, _END = b"\x93NUMPY", b"PK", b"PK\x05\x06"
_SUFFIX = ".npy"
_MOST_DIRECTORY = MIB
_MOST_HEADER = 10_000
_END_SIZE, _MOST_COMMENT = 22, 1 << 16
_ENCRYPTED = 1
_KINDS = "biufSU"
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, tokenize.TokenError, EOFError, RuntimeError,
    ValueError, SyntaxError, TypeError, LookupError, OverflowError, MemoryError,
)  # fmt: skip


@dataclass(frozen=True)
class Header:
    """What an array is, before it is read. fortran: its first index runs fastest."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    fortran: bool = False

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return math.prod(self.shape) * self.dtype.itemsize

    def text(self) -> str:
        """Return type and shape in words."""
        return f"{self.dtype} of shape {self.shape}"


class Archive:
    """The arrays of an npz archive: `headers` by name, each read when asked for."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path, self._archive = path, archive
        members = archive.infolist()
        self._members = {info.filename.removesuffix(_SUFFIX): info for info in members}
        self._check_members(members)
        self.headers = {name: self._header(name) for name in self._members}

    def read(self, name: str) -> Generic:
        """Return an array; InputError if it is damaged."""
        header = self.headers[name]
        with self._open(name) as stream:
            _begin(stream)
            data = read_most(stream, header.size)
            stream.read(1)  # at the end, the sum of the member is checked
        array = np.frombuffer(data, header.dtype)
        return array.reshape(header.shape, order="F" if header.fortran else "C")

    def _check_members(self, members: list[zipfile.ZipInfo]) -> None:
        if len(self._members) < len(members):
            raise self._wrong("two arrays have the same name")
        for info in members:
            if not info.filename.endswith(_SUFFIX):
                raise self._wrong(f"it holds {info.filename!a:.80}; expected arrays (.npy) alone")
            if info.flag_bits & _ENCRYPTED:
                raise self._wrong(f"{info.filename!a:.80} is encrypted")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self._wrong(f"{info.filename!a:.80} is packed in an unknown way")
        size = sum(info.file_size for info in members)
        if size > NPZ.most:
            raise self._wrong(
                f"its arrays take {size_text(size)}; expected {size_text(NPZ.most)} at most"
            )

    def _header(self, name: str) -> Header:
        with self._open(name) as stream:
            header = _begin(stream)
            held = self._members[name].file_size - stream.tell()
        if header.dtype.kind not in _KINDS:
            holds = f"array {name!a:.80} holds {header.dtype!s:.40}"
            raise self._wrong(f"{holds}; expected numbers or text")
        if min(header.shape, default=0) < 0 or header.size != held:
            shape = " x ".join(map(str, header.shape)) or "1"
            raise self._wrong(
                f"array {name!a:.80} says {shape:.80} of {header.dtype}, and has {held} bytes"
            )
        return header

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[BinaryIO]:
        with self._archive.open(self._members[name]) as stream:
            yield stream  # type: ignore[misc]

    def _wrong(self, what: str) -> InputError:
        return InputError(f"{display(self._path)}: not a readable npz archive: {what}")


@contextlib.contextmanager
def open_npz(path: Path) -> Iterator[Archive]:
    """Open an npz archive; InputError if it is none, too large, or damaged where it is read."""
    with opened(path, NPZ) as stream:
        try:
            _check_begin(path, stream)
            with zipfile.ZipFile(stream) as archive:
                yield Archive(path, archive)
        except _DAMAGE as error:
            raise InputError(
                f"{display(path)}: not a readable npz archive: {error!s:.200}"
            ) from None


def read_npz(path: Path) -> dict[str, Generic]:
    """Read all arrays of an npz archive; InputError if it is none."""
    with open_npz(path) as archive:
        return {name: archive.read(name) for name in archive.headers}


def read_npy(path: Path, check: Callable[[Header], None]) -> Generic:
    """Read the array of an npy file; InputError if it is none.

    check: is given what the array is, before it is read, and refuses it with InputError.
    """
    with opened(path, NPY) as stream:
        try:
            header = _begin(stream)
        except _DAMAGE as error:
            raise InputError(f"{display(path)}: not a readable npy file: {error!s:.200}") from None
        check(header)
        data = read_most(stream, header.size + 1)
    if header.dtype.kind not in _KINDS or len(data) != header.size:
        raise InputError(
            f"{display(path)}: not a readable npy file: it says {header.text()}, and has "
            f"{'more than ' * (len(data) > header.size)}{min(len(data), header.size)} bytes"
        )
    array = np.frombuffer(data, header.dtype)
    return array.reshape(header.shape, order="F" if header.fortran else "C")


def _check_begin(path: Path, stream: BinaryIO) -> None:
    """Look at the begin, and at how long the list of members is that the end announces."""
    begin = stream.read(len(_NPY))
    if begin == _NPY:
        raise InputError(f"{display(path)}: a single array; expected an npz archive")
    if not begin.startswith(_ZIP):
        raise ValueError(f"it begins with {begin.hex(' ') or 'nothing'}, expected {_ZIP.hex(' ')}")
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _END_SIZE - _MOST_COMMENT))
    tail = stream.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_SIZE:
        raise ValueError("its end is missing")
    directory = int.from_bytes(tail[place + 12 : place + 16], "little")
    if directory > _MOST_DIRECTORY:
        raise ValueError(f"its list of members takes {size_text(directory)}")
    stream.seek(0)


def _begin(stream: BinaryIO) -> Header:
    """Read the header of an array; the stream is at its numbers then."""
    version = npy.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = npy.read_array_header_1_0(stream, max_header_size=_MOST_HEADER)
    elif version == (2, 0):
        shape, fortran, dtype = npy.read_array_header_2_0(stream, max_header_size=_MOST_HEADER)
    else:
        raise ValueError(f"an array in version {version[0]}.{version[1]} of the format")
    return Header(shape, dtype, fortran)
