"""What all blocks have in common: a port, a process, a part in instructions, a state of rest."""

from collections.abc import Iterator
from typing import Protocol

from accelsim.compiler import ContextPlan, Instruction
from accelsim.kernel import Message, Port, Process, State
from accelsim.model.binding import Part


class Block(Protocol):
    """A block of the machine: a process that alone writes its state.

    Others read the state only at the moment of decision (see `kernel.environment`).
    """

    inbox: Port[Message]

    def run(self) -> Process:
        """Do whatever a message asks for, for as long as messages come."""

    def exchange(self, state: State) -> None:
        """Name what may change while it runs; see `kernel.state`."""

    def unrest(self) -> Iterator[str]:
        """Give a line for everything that keeps the block from being at rest."""


class Worker(Block, Protocol):
    """A block that takes part in steps."""

    def part(self, number: int, instruction: Instruction, context: ContextPlan) -> Part | None:
        """Return the part in an instruction of a context; None if it has none.

        number: by which the block will know the binding in messages.
        """


class Closing(Protocol):
    """A block that has something to report when the run is over."""

    def close(self, end_ps: int) -> None:
        """Report what lasted until the end of the run."""
