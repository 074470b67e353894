"""Messages between processes, the ports that receive them, and the lines in between."""

import random
from collections.abc import Generator, Iterable
from typing import Any, ClassVar, Generic, TypeVar

import simpy

from accelsim.kernel.state import State

M = TypeVar("M", bound="Message")


class Message:
    """What one process says to others; time_ps is when they hear of it.

    It is itself the event that brings it, triggered from the start as a Timeout is: it has what
    SimPy's scheduler looks at. A subclass of simpy.Event would have a dictionary each.
    """

    __slots__ = ("callbacks", "time_ps")

    callbacks: list[Any] | None
    time_ps: int
    _ok: ClassVar[bool] = True
    told_again: ClassVar[bool] = False
    """Whether it follows from the state of its sender, who sends it again after a jump."""

    def exchange(self, state: State) -> None:
        """Name what it says."""


class Port(simpy.Event, Generic[M]):
    """The inbox of a process: an event that happens again and again.

    A process receives with ``message = yield port``. A SimPy event happens once and then
    resumes who waited; a port goes on with the process that waits here by itself, as often as
    messages come, which saves the receiver an event and most of a resumption.
    """

    def __init__(self, environment: simpy.Environment, name: str) -> None:
        super().__init__(environment)
        self.name = name
        self._process: Generator[simpy.Event, M, None] | None = None

    def __repr__(self) -> str:
        return f"Port({self.name})"

    def receive(self, message: M) -> None:
        """Hand a message to the process that waits here; it goes on until it waits again.

        Raises RuntimeError if no process waits, and what the process raises.
        """
        if self.process.send(message) is not self:
            raise RuntimeError(f"the process at port '{self.name}' waits for something else")

    @property
    def process(self) -> Generator[simpy.Event, M, None]:
        """The process that waits here; RuntimeError if none does."""
        if self._process is None:
            if not self.callbacks:
                raise RuntimeError(f"nobody receives at port '{self.name}'")
            self._process = self.callbacks.pop().__self__._generator  # type: ignore[attr-defined]
        return self._process


class Line(Generic[M]):
    """A connection from one sender to some ports, made before the run."""

    __slots__ = ("receivers", "to")

    def __init__(self, to: Iterable[Port[M]]) -> None:
        self.to = tuple(to)
        self.receivers: list[Any] = [port.receive for port in self.to]

    def go_straight(self) -> None:
        """Hand messages to the processes themselves from now on, once all of them wait.

        It saves a call for each reception; that a process waits for nothing but its port is
        then not looked at any more.
        """
        # The same list: messages that are on their way have it already.
        self.receivers[:] = [port.process.send for port in self.to]

    def shuffled(self, order: random.Random) -> "Line[M]":
        """Return the same connection with its ports in random order."""
        return Line(order.sample(self.to, len(self.to)))
