"""Ports, where a process receives its messages, and lines, which carry a message to ports."""

import random
from collections.abc import Iterable
from typing import Generic, TypeVar

import simpy

T = TypeVar("T")


class Port(simpy.Event, Generic[T]):
    """The inbox of a process: an event that happens again and again.

    A process receives with ``message = yield port``. A SimPy event happens once; this one
    takes up waiting again, so that a message costs its receiver no event of its own.
    """

    def __init__(self, environment: simpy.Environment, name: str) -> None:
        super().__init__(environment)
        self.name = name
        self._ok = True

    def __repr__(self) -> str:
        return f"Port({self.name})"

    def receive(self, event: simpy.Event) -> None:
        """Hand the message of an event to the process that waits here."""
        if not self.callbacks:
            raise RuntimeError(f"nobody receives at port '{self.name}'")
        self._value = event._value
        self.callbacks.pop()(self)


class Line(Generic[T]):
    """A connection from one sender to some ports, made before the run.

    echo: a port, the sender's own, that a message reaches after all others.
    """

    __slots__ = ("callbacks", "echo", "to")

    def __init__(self, to: Iterable[Port[T]], echo: Port[T] | None = None) -> None:
        self.to, self.echo = tuple(to), echo
        self.callbacks = self._callbacks(self.to)

    def shuffled(self, order: random.Random) -> "Line[T]":
        """Return the same connection with its ports in random order."""
        return Line(order.sample(self.to, len(self.to)), self.echo)

    def _callbacks(self, ports: tuple[Port[T], ...]) -> list[object]:
        last = () if self.echo is None else (self.echo,)
        return [port.receive for port in (*ports, *last)]
