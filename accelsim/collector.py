"""When Python looks for garbage: what is known to stay is not looked at again and again.

A look visits every object that may have changed hands. A program of a hundred thousand
instructions is millions of them, and none is garbage.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def all_stay() -> Iterator[None]:
    """Look for no garbage meanwhile: for making many objects that all stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def left_alone() -> Iterator[None]:
    """Look for garbage meanwhile among what is made meanwhile: for work on objects that stay."""
    is_first = not gc.get_freeze_count()
    gc.freeze()
    try:
        yield
    finally:
        if is_first:  # otherwise it is for others to say when they are looked at again
            gc.unfreeze()
