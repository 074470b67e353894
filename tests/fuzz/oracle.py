"""What holds for every command, whatever it is given."""

import contextlib
import io
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from accelsim.cli import main

SECONDS, _WAITING = 60, 600
_CODES = {0, 2, 3}
_MOST_LINES = 25


class _TooSlow(BaseException):
    """The command took longer than any input may make it take."""


def fault_of(arguments: Sequence[str], made: Sequence[str] = ()) -> str:
    """Run a command in the working directory; return what is wrong with how it ended, or "".

    made: names that it may make there if it ends well.
    """
    before = set(_files())
    code, out, err, crash = _run(arguments)
    if crash:
        return crash
    left = {path for path in set(_files()) - before if code == 2 or path.split("/")[0] not in made}
    faults = [*_faults(code, out, err), *(f"left behind: {path}" for path in sorted(left)[:5])]
    return "; ".join(faults)


def _faults(code: int, out: str, err: str) -> Iterator[str]:
    stuck = code == 1 and err.startswith("error: deadlock: ")  # by a fault of the machine file
    if code not in _CODES and not stuck:
        yield f"exit code {code}: {err[-500:]}"
    if "Traceback" in err or "Traceback" in out:
        yield f"a traceback: {err[-500:]}"
    if code == 2 and not 0 < len(err.splitlines()) <= _MOST_LINES:
        yield f"{len(err.splitlines())} lines of message"
    for name, text in (("output", out), ("errors", err)):
        odd = [each for each in text if not each.isprintable() and each != "\n"]
        if odd:
            yield f"{name} with {odd[0]!a}"


def _run(arguments: Sequence[str]) -> tuple[int, str, str, str]:
    """Return exit code, output, errors, and the exception that nothing explained."""
    out, err, argv = io.StringIO(), io.StringIO(), sys.argv
    code: object = 0
    try:
        sys.argv = ["accelsim", *arguments]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _limited():
            main()
    except SystemExit as left:
        code = left.code or 0
    except _TooSlow:
        return 0, "", "", f"it takes more than {SECONDS} s"
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        return 0, "", "", "".join(traceback.format_exception(error)[-4:])
    finally:
        sys.argv = argv
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the command takes it; it is ours
    return code if isinstance(code, int) else 1, out.getvalue(), err.getvalue(), ""


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise _TooSlow

    # Seconds of the processor, so that a busy machine is no defect; of the clock for what waits.
    signal.signal(signal.SIGPROF, stop)
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.alarm(_WAITING)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)


def _files() -> Iterator[str]:
    for folder, folders, files in os.walk("."):
        for name in (*folders, *files):
            yield os.path.relpath(os.path.join(folder, name))  # noqa: PTH118 - any bytes
    for path in Path(tempfile.gettempdir()).glob(".accelsim-*"):
        yield f"scratch/{path.name}"
