"""The command `accelsim`, also as python -m accelsim: ends with one line at an interrupt.

This module is small, so that Ctrl-C is understood before the rest has been imported.
"""

import os
import signal
import sys
from types import FrameType

_INTERRUPTED = 128 + signal.SIGINT


class _Interrupted(SystemExit):
    """Ctrl-C; not KeyboardInterrupt, of which click makes "Aborted" and exit code 1."""


def main() -> None:
    """Run the command; exit 130 and say "interrupted" at Ctrl-C, else as `accelsim.cli` says."""
    # Values are shared out among threads as they are: more in each matrix product wait for others.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is loaded
    # Whoever started this may have asked for interrupts to be ignored, such as a shell's &.
    heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heeded:
        signal.signal(signal.SIGINT, _leave)
    from accelsim import streams  # noqa: PLC0415
    from accelsim.cli import main as command  # noqa: PLC0415 - after the handler

    streams.prepare()
    try:
        if heeded:
            signal.signal(signal.SIGINT, _interrupt)
        command()
    except _Interrupted as interrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(interrupt.code)
    finally:
        streams.finish()


def _leave(*_: object) -> None:
    """Leave at once. At the start nothing is to be taken back, and modules are half imported."""
    os.write(2, b"interrupted\n")
    os._exit(_INTERRUPTED)


def _interrupt(number: int, _: FrameType | None) -> None:
    """Leave after what is half-written is taken back; another Ctrl-C does not wait for it."""
    signal.signal(number, _leave)
    raise _Interrupted(_INTERRUPTED)


if __name__ == "__main__":
    main()
