"""Compiled functions: kept from run to run where a cache can be written, and else made anew."""

import contextlib
from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Decorate a function that is compiled without the interpreter's lock, with numba's options.

    Where no folder for a cache can be written, or the disk is full, nothing is kept.
    """

    def compile_(function: Callable[..., Any]) -> Any:
        made = njit(nogil=True, **options)(function)
        # Numba raises RuntimeError where it finds no folder that can be written.
        with contextlib.suppress(RuntimeError, OSError):
            made._cache = _QuietCache(function)  # type: ignore[no-untyped-call]
        return made

    return compile_


class _QuietCache(FunctionCache):
    """A cache that is left alone where it cannot be read or written."""

    def load_overload(self, *arguments: Any) -> Any:
        """Return a function that was kept, or None."""
        with contextlib.suppress(OSError):
            return super().load_overload(*arguments)  # type: ignore[no-untyped-call]
        return None

    def save_overload(self, *arguments: Any) -> None:
        """Keep a function."""
        with contextlib.suppress(OSError):
            super().save_overload(*arguments)  # type: ignore[no-untyped-call]
