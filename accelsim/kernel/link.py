"""A typed wire between two components: one sends, one receives, in the same instant."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Link(Generic[T]):
    """A one-way connection with no delay. It has to be joined before the run.

    A link costs a function call, not an event: delays are the components' own.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.send: Callable[[T], None] = self._unconnected

    def to(self, receive: Callable[[T], None]) -> None:
        """Join the receiver; a link has exactly one."""
        if self.send != self._unconnected:
            raise RuntimeError(f"link '{self.name}' is connected already")
        self.send = receive

    def _unconnected(self, message: T) -> None:
        raise RuntimeError(f"link '{self.name}' is not connected; got {message!r}")
