"""A run that is asked to stop, by Ctrl-C or SIGTERM, stops where what it has done can be kept."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

_Handler = Callable[[int, FrameType | None], Any] | int | None
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Stop:
    """Whether somebody wants the run to stop: the number of the signal, 0 for nobody."""

    signal: int = 0


@contextlib.contextmanager
def heeding() -> Iterator[Stop]:
    """Give what the first signal sets; a second one ends the command as ever.

    A signal that is ignored stays so. Signals come to the main thread: in another none is heeded.
    """
    stop, before = Stop(), dict[signal.Signals, _Handler]()

    def ask(number: int, _: FrameType | None) -> None:
        stop.signal = number
        for each, handler in before.items():
            signal.signal(each, handler)

    if threading.current_thread() is threading.main_thread():
        before = {each: signal.getsignal(each) for each in _SIGNALS}
        before = {each: handler for each, handler in before.items() if handler != signal.SIG_IGN}
        for each in before:
            signal.signal(each, ask)
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
