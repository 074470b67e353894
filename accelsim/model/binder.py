"""Binds programs to contexts: connects the sequencer to the blocks of each step, before the run."""

from collections.abc import Callable, Iterable, Sequence

from accelsim.compiler import ContextPlan, Instruction, Program
from accelsim.kernel import Line, Message, Port
from accelsim.model.binding import Binding, Claim, Common, Part, Rank, Stage
from accelsim.model.block import Worker
from accelsim.records.recorder import Recorder

_FIRST_SHARED = Rank(Stage.ROUTE)


class Binder:
    """Binds instructions. line: makes a connection to some ports. sequencer: the inbox of it."""

    def __init__(
        self,
        workers: Sequence[Worker],
        sequencer: Port[Message],
        line: Callable[..., Line[Message]],
        recorder: Recorder,
    ) -> None:
        self._workers, self._sequencer = workers, sequencer
        self._line, self._recorder = line, recorder
        self._number = 0
        self._common: dict[int, Common] = {}

    def bind(self, plan: ContextPlan, program: Program) -> list[Binding]:
        """Bind a program for a context; programs of all contexts have to outlive this."""
        return [self._bound(plan, instruction) for instruction in program.instructions]

    def _bound(self, plan: ContextPlan, instruction: Instruction) -> Binding:
        number = self._number
        self._number += 1
        parts = {
            worker.inbox: part
            for worker in self._workers
            if (part := worker.part(number, instruction, plan)) is not None
        }
        own, shared = _claims(parts.values())
        common = self._common.get(id(instruction))
        if common is None:
            issued, charged = self._line(*parts), self._line(*parts, self._sequencer)
            common = self._common[id(instruction)] = Common(shared, issued, charged)
        binding = Binding(number, plan.index, instruction, own, common)
        groups = [group for part in parts.values() for group in part.groups]
        binding.register(groups, self._recorder)
        return binding


def _claims(parts: Iterable[Part]) -> tuple[list[Claim], list[Claim]]:
    """Return claims in order: of planes, which are a context's own, and of what contexts share."""
    claims = sorted((each for part in parts for each in part.claims), key=lambda each: each[0])
    own = [claim for rank, claim in claims if rank < _FIRST_SHARED]
    return own, [claim for _, claim in claims[len(own) :]]
