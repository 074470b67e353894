"""Turns what components report into blocks of records, in order of their ids.

Every execution of an instruction makes the same rows with other times, so a step is
kept as one line of integers and expanded in NumPy, a block at a time. Waits, clock
cycles and standby are rows of their own. Ids are given in the order of issue; the
rows of a step are reported when it is stored, in that order. Without sinks nothing
is kept.
"""

from array import array
from collections import deque
from collections.abc import Mapping, Sequence

from accelsim.errors import AccelsimError
from accelsim.model.expand import BARE_FIELDS, COUNTED, STEP_FIELDS, Expander
from accelsim.model.step import NO_CAUSE, Binding, Step
from accelsim.records import KINDS, Sink, Vocabulary

STEPS_PER_BLOCK = 4096
_MOST = 2**62


class Recorder:
    """Collects records and passes them to sinks in blocks."""

    def __init__(self, period_ps: int, sinks: Sequence[Sink]) -> None:
        self.vocabulary = Vocabulary()
        for kind in KINDS:  # so that the code of a kind is its place in KINDS
            self.vocabulary.code(kind)
        self._period_ps = period_ps
        self._sinks = sinks
        self._next_id = 0
        self._in_flight: deque[Step] = deque()
        self._expander = Expander(self.vocabulary, period_ps)
        self._steps = array("q")
        self._bare = array("q")

    def add_template(self, binding: Binding) -> None:
        """Register the rows of a binding, before the run."""
        binding.template = self._expander.add_template(binding)

    def issue(self, binding: Binding, image: int, now: int, cause: str, cause_id: int) -> Step:
        """Return a new step in flight whose records have ids from now on."""
        first = self._next_id
        self._next_id += len(binding.rows)
        step = Step(binding, image, now, first, self.vocabulary.code(cause), cause_id)
        if self._sinks:
            self._in_flight.append(step)
        return step

    def complete(self, step: Step) -> None:
        """Report a step that is stored, and those that waited for it to keep the order."""
        in_flight = self._in_flight
        while in_flight and in_flight[0].t_settled_ps >= 0:
            step = in_flight.popleft()
            self._steps.extend(
                (
                    step.binding.template,
                    step.image,
                    step.first_id,
                    step.t_issued_ps,
                    step.t_charged_ps,
                    step.t_settled_ps,
                    step.cause,
                    step.cause_id,
                )
            )
        if len(self._steps) >= STEPS_PER_BLOCK * STEP_FIELDS:
            self._flush()

    def wait(
        self,
        component: str,
        binding: Binding,
        image: int,
        interval: tuple[int, int],
        cause: tuple[str, int],
    ) -> int:
        """Report that a component waited to issue a step; return the record's id."""
        return self._row(component, "wait", interval, binding, image, cause)

    def clock(self, step: Step | None, since: int, until: int) -> None:
        """Report clock cycles that belong to a step."""
        if step is not None and until > since:
            cycles = (until - since) // self._period_ps
            cause = ("issue", step.first_id)
            self._row(
                "clock", "clock", (since, until), step.binding, step.image, cause, (cycles, 0, 0)
            )

    def idle_clock(self, since: int, until: int) -> None:
        """Report clock cycles with no image in flight."""
        if until > since:
            cycles = (until - since) // self._period_ps
            self._row(
                "clock", "standby", (since, until), None, -1, ("idle", NO_CAUSE), (cycles, 0, 0)
            )

    def standby(self, component: str, until: int, actions: Mapping[str, int]) -> None:
        """Report what a component counts from the start of the run while powered."""
        counts = tuple(actions.get(action, 0) for action in COUNTED)
        self._row(component, "standby", (0, until), None, -1, ("powered", NO_CAUSE), counts)

    def close(self) -> None:
        """Pass on what is left and close the sinks."""
        self._flush()
        for sink in self._sinks:
            sink.close()

    def _row(
        self,
        component: str,
        kind: str,
        interval: tuple[int, int],
        binding: Binding | None,
        image: int,
        cause: tuple[str, int],
        counts: tuple[int, ...] = (0, 0, 0),
    ) -> int:
        number = self._next_id
        self._next_id += 1
        if self._sinks:
            if max(counts) > _MOST:
                raise AccelsimError(f"{component} counts {max(counts):.3g}, more than 64 bits hold")
            code = self.vocabulary.code
            op, layer, step = "", "", -1
            if binding is not None:
                instruction = binding.instruction
                op, layer, step = instruction.op, instruction.layer, instruction.step
            self._bare.extend(
                (
                    number,
                    *interval,
                    code(component),
                    code(kind),
                    code(op),
                    step,
                    code(layer),
                    image,
                    code(cause[0]),
                    cause[1],
                    *counts,
                )
            )
        return number

    def _flush(self) -> None:
        if not self._sinks:
            return
        # Rows after the oldest step in flight wait for it, so that ids stay in order.
        last = self._in_flight[0].first_id if self._in_flight else self._next_id
        ready = len(self._bare)
        while ready and self._bare[ready - BARE_FIELDS] >= last:
            ready -= BARE_FIELDS
        steps, bare = self._steps, self._bare[:ready]
        self._steps, self._bare = array("q"), self._bare[ready:]
        if steps or bare:
            records = self._expander.expand(steps, bare)
            for sink in self._sinks:
                sink.write(records)
