"""Reads what others wrote: every input of the program is opened here, and nowhere else.

Before a byte of it is used, an input is a regular file, no larger than its kind may be, and
begins as its kind does. No pipe or device is waited for, and nothing is unpacked or allocated
on the word of a file alone.
"""

import codecs
import contextlib
import gzip
import hashlib
import json
import os
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from accelsim.errors import InputError
from accelsim.resources import display

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_GZIP = b"\x1f\x8b"
_PACKED = (gzip.BadGzipFile, EOFError, zlib.error)
_OTHERS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True)
class Kind:
    """A kind of input: what messages call it, how large it may be, and how it may begin.

    most: bytes, packed or not. begins: the first bytes, one of these; () for any.
    """

    what: str
    most: int
    begins: tuple[bytes, ...] = ()


YAML = Kind("file", 256 * KIB)
TEXT = Kind("file", 256 * MIB)
JSON = Kind("file", 64 * MIB)
# Some 700 bytes an instruction, of half a million at most.
PROGRAM = Kind("file", 512 * MIB)
IDX = Kind("IDX file", GIB)
NPZ = Kind("npz archive", GIB)
NPY = Kind("npy file", GIB, (b"\x93NUMPY",))
PNG = Kind("PNG file", 64 * MIB, (b"\x89PNG\r\n\x1a\n",))
CIFAR = Kind("batch of CIFAR-10", 64 * MIB)
PICKLE = Kind("batch of CIFAR-10", 64 * MIB, (b"\x80",))
# protobuf itself ends at 2 GiB; constants may be in files of their own.
ONNX = Kind("ONNX model", GIB)
ONNX_DATA = Kind("file of constants", 4 * GIB)
PARQUET = Kind("trace", 1 << 40, (b"PAR1",))
ARRIVALS = Kind("file of arrivals", 1 << 40)
ARRIVALS_PARQUET = Kind("file of arrivals", 1 << 40, (b"PAR1",))
ROWS = Kind("file of rows", GIB, (b"PAR1",))
ANY = Kind("file", 1 << 40)


@contextlib.contextmanager
def opened(path: Path, kind: Kind) -> Iterator[BinaryIO]:
    """Open an input for reading bytes; errors of reading it, too, become InputError.

    Raises InputError if it is missing, no regular file, too large or of another kind.
    """
    name = display(path)
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise InputError(f"{name}: no such {kind.what}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: cannot be read: {_reason(error)}") from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise InputError(f"{name}: is {_kind_of(mode)}; expected a regular file")
    with os.fdopen(descriptor, "rb") as stream:
        try:
            _check(name, stream, kind)
            yield stream
        except OSError as error:
            raise InputError(f"{name}: cannot be read: {_reason(error)}") from None


def read_bytes(path: Path, kind: Kind) -> bytes:
    """Return what an input holds; InputError as `opened`."""
    with opened(path, kind) as stream:
        return bytes(read_most(stream, kind.most))


def read_text(path: Path, kind: Kind = TEXT) -> str:
    """Return the text of an input in UTF-8; InputError as `opened`, and if it is none."""
    try:
        return read_bytes(path, kind).decode()
    except UnicodeDecodeError as error:
        where = f"byte {error.start} is {error.object[error.start]:#04x}"
        raise InputError(f"{display(path)}: cannot be read as text: not UTF-8: {where}") from None


def pour(path: Path, stream: TextIO) -> None:
    """Write the text of an input, in UTF-8, to a stream, piece by piece; InputError as `opened`."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with opened(path, ANY) as source:
        while part := source.read(MIB):
            stream.write(decoder.decode(part))
    stream.write(decoder.decode(b"", final=True))


def read_json(path: Path) -> object:
    """Return what a JSON file holds; InputError as `opened`, and if it is none."""
    try:
        return json.loads(read_bytes(path, JSON), parse_constant=_no_number)
    except RecursionError:
        raise InputError(f"{display(path)}: damaged: nested too deeply") from None
    except ValueError as error:
        raise InputError(f"{display(path)}: damaged: {error}") from None


def read_most(stream: BinaryIO, most: int) -> bytearray:
    """Return so many bytes of a stream, or all if it has fewer; memory grows with what is there."""
    data = bytearray()
    while len(data) < most and (part := stream.read(min(MIB, most - len(data)))):
        data += part
    return data


def sha256(path: Path) -> str:
    """Return the SHA-256 of an input in hex; InputError as `opened`.

    Of a folder: that of the names and hashes of its files, and of those in folders below it; hidden
    ones are left out, and folders further below refused.
    """
    if is_folder(path):
        return _of_folder(path, [each for each in visible_entries(path) if is_folder(each)])
    return _of_file(path)


def _of_folder(folder: Path, below: list[Path]) -> str:
    lines = []
    for each in visible_entries(folder):
        found = _of_folder(each, []) if each in below else _of_file(each)
        lines.append(f"{each.name}\0{found}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _of_file(path: Path) -> str:
    with opened(path, ANY) as stream:
        digest = hashlib.sha256()
        while part := stream.read(MIB):
            digest.update(part)
        return digest.hexdigest()


def check(path: Path, kind: Kind) -> None:
    """Check an input that a library opens itself; InputError as `opened`."""
    with opened(path, kind):
        pass


@contextlib.contextmanager
def unpacked(path: Path, kind: Kind) -> Iterator[BinaryIO]:
    """Open an input that may be gzipped: what is read is not. Damage becomes InputError.

    The reader has to say how many bytes it wants: what the archive holds is not known.
    """
    with opened(path, kind) as stream:
        if stream.read(len(_GZIP)) != _GZIP:
            stream.seek(0)
            yield stream
            return
        stream.seek(0)
        try:
            with gzip.GzipFile(fileobj=stream) as archive:
                yield archive  # type: ignore[misc]
        except _PACKED as error:
            raise InputError(
                f"{display(path)}: cannot be read, truncated or damaged: {error}"
            ) from None


def what_is(path: Path) -> str:
    """Return "a file", "a folder", "a pipe" and so on for what is there, "" for nothing.

    Links are followed. Raises InputError if that cannot be told, as of a name that is too long.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, ValueError) as error:
        raise InputError(f"{display(path)}: cannot be read: {_reason(error)}") from None
    return _kind_of(mode)


def is_file(path: Path) -> bool:
    """Tell whether a regular file, or a link to one, is there; InputError as `what_is`."""
    return what_is(path) == "a file"


def is_folder(path: Path) -> bool:
    """Tell whether a folder, or a link to one, is there; InputError as `what_is`."""
    return what_is(path) == "a folder"


def visible_entries(folder: Path) -> list[Path]:
    """Return what is in a folder in the order of names, hidden files left out; InputError."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise InputError(f"{display(folder)}: cannot be read: {_reason(error)}") from None


def size_text(size: int) -> str:
    """Return a number of bytes in words: '256 KiB', '1 GiB', '700 bytes'."""
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size >= unit:
            return f"{size / unit:.4g} {name}"
    return f"{size} bytes"


def _check(name: str, stream: BinaryIO, kind: Kind) -> None:
    size = os.fstat(stream.fileno()).st_size
    if size > kind.most:
        raise InputError(f"{name}: {size_text(size)}; expected {size_text(kind.most)} at most")
    if kind.begins:
        begin = stream.read(max(map(len, kind.begins)))
        stream.seek(0)
        if not begin.startswith(kind.begins):
            expected = " or ".join(each.hex(" ") for each in kind.begins)
            found = begin.hex(" ") or "nothing"
            raise InputError(
                f"{name}: not a readable {kind.what}: it begins with {found}, expected {expected}"
            )


def _kind_of(mode: int) -> str:
    if stat.S_ISREG(mode):
        return "a file"
    return next((what for test, what in _OTHERS if test(mode)), "no regular file")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "a name has no NUL" if "null" in str(error) else str(error)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")
