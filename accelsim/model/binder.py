"""Binds programs to contexts: connects the sequencer to the blocks of each step, before the run.

A program may have a hundred thousand instructions that each context binds, so lines, and the rows
that steps report, are made once for all instructions that have the same.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

from accelsim.collector import all_stay
from accelsim.compiler import ContextPlan, Instruction, Phases, Program
from accelsim.kernel import Line, Message, Port
from accelsim.model.binding import Binding, Claim, Common, Part, Rank, Stage, owner_of
from accelsim.model.block import Worker
from accelsim.records.recorder import Recorder
from accelsim.records.templates import Row
from accelsim.topology import CLOCK, SEQUENCER, context_path

_FIRST_SHARED = Rank(Stage.ROUTE)
_rank_of = itemgetter(0)


class Binder:
    """Binds instructions. line: makes a connection to some ports. sequencer: the inbox of it.

    phases: of instructions.
    """

    def __init__(
        self,
        workers: Sequence[Worker],
        sequencer: Port[Message],
        line: Callable[..., Line[Message]],
        recorder: Recorder,
        phases: Phases,
    ) -> None:
        self._phases = phases
        self._workers, self._sequencer = workers, sequencer
        self._line, self._recorder = line, recorder
        self._number = 0
        self._common: dict[int, Common] = {}
        self._lines: dict[tuple[Port[Message], ...], Line[Message]] = {}
        self._known: set[int] = set()
        self._issue = recorder.share([Row("issue", SEQUENCER, {"issue": 1})])
        self._cycles = recorder.share([Row("clock", CLOCK, {"clock_cycle": 1})], counted=True)

    def bind(self, plan: ContextPlan, program: Program) -> list[Binding]:
        """Bind a program for a context; programs of all contexts have to outlive this."""
        wait = self._recorder.share([Row("wait", context_path(plan.index), {})])
        with all_stay():
            return [self._bound(plan, instruction, wait) for instruction in program.instructions]

    def _bound(self, plan: ContextPlan, instruction: Instruction, wait: int) -> Binding:
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
            issued, charged = self._line_to(*parts), self._line_to(*parts, self._sequencer)
            common = self._common[id(instruction)] = Common(
                shared, issued, charged, self._phases.in_ps(instruction)
            )
        groups = sorted((each for part in parts.values() for each in part.groups), key=_rank_of)
        binding = Binding(
            number,
            plan.index,
            instruction,
            claims=own,
            groups=[group for _, group in groups],
            common=common,
        )
        self._register(binding, wait)
        return binding

    def _line_to(self, *ports: Port[Message]) -> Line[Message]:
        line = self._lines.get(ports)
        if line is None:
            line = self._lines[ports] = self._line(*ports)
        return line

    def _register(self, binding: Binding, wait: int) -> None:
        """Register the rows of all blocks, and the sequencer's, and what may be in the way."""
        owner, recorder, common = owner_of(binding.instruction), self._recorder, binding.common
        place = 1
        for group in binding.groups:
            if group.template < 0:
                group.place = place
                group.template = recorder.shared(group.acts.rows(recorder), owner, place)
            place += group.acts.number
        for claim in (*binding.claims, *common.claims):
            if id(claim) not in self._known:
                self._known.add(id(claim))
                recorder.know(claim.paths.values())
        if common.issuing < 0:
            common.issuing = recorder.shared(self._issue, owner)
        binding.waiting = recorder.shared(wait, owner)
        if common.cycles < 0:
            common.cycles = recorder.shared(self._cycles, owner)


def _claims(parts: Iterable[Part]) -> tuple[list[Claim], list[Claim]]:
    """Return claims in order: of planes, which are a context's own, and of what contexts share."""
    claims = sorted((each for part in parts for each in part.claims), key=_rank_of)
    own = [claim for rank, claim in claims if rank < _FIRST_SHARED]
    return own, [claim for _, claim in claims[len(own) :]]
