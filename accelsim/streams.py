"""Standard output and errors: whatever they are, a command ends with a message or none.

A reader who has gone (`| head`) ends it at once, as of any tool, with exit code 141; an output
that cannot be written, such as one on a full disk, with one line and exit code 1. Characters
that the output has not come as escapes. Errors that nobody can be told are left out.
"""

import contextlib
import errno
import io
import logging
import os
import signal
import sys
import warnings

NO_READER = 128 + signal.SIGPIPE
FAILED = 1


class _Output(io.TextIOWrapper):
    """A text stream over another's bytes; what it cannot write ends the command."""

    def write(self, text: str) -> int:
        """Write a text."""
        try:
            return super().write(text)
        except OSError as error:
            raise _end(error) from None

    def flush(self) -> None:
        """Write what is held back."""
        try:
            super().flush()
        except OSError as error:
            raise _end(error) from None


class _Errors(io.TextIOWrapper):
    """A text stream over another's bytes; what it cannot write is lost."""

    def write(self, text: str) -> int:
        """Write a text."""
        with contextlib.suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is held back."""
        with contextlib.suppress(OSError):
            super().flush()


def prepare() -> None:
    """Take over both streams; to be called once, by the command alone.

    What libraries warn of, such as a folder for a cache that is missing, is not for its user.
    """
    logging.getLogger().addHandler(logging.NullHandler())
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    _open_missing()
    for name, kind in (("stdout", _Output), ("stderr", _Errors)):
        stream = getattr(sys, name)
        if not isinstance(stream, io.TextIOWrapper):
            # It was closed: there is nobody to tell.
            setattr(sys, name, kind(io.BytesIO(), encoding="utf-8"))
            continue
        taken = kind(
            stream.detach(),
            encoding=stream.encoding,
            errors="backslashreplace",
            line_buffering=stream.line_buffering,
        )
        setattr(sys, name, taken)


def finish() -> None:
    """Write what is held back; SystemExit if it cannot be written."""
    sys.stdout.flush()


def _open_missing() -> None:
    """Open the null device where a standard stream is closed, or a file would take its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _end(error: OSError) -> SystemExit:
    """Return what ends the command; nothing is left to write at the exit."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if error.errno == errno.EPIPE:
        return SystemExit(NO_READER)
    sys.stderr.write(f"error: standard output: {error.strerror}\n")
    return SystemExit(FAILED)
