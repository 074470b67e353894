"""Exact fast-forward: a machine that is in a state where it has been before repeats itself.

After an image is done, the state of the machine relative to now is held against an earlier one
(the anchor). If both are equal, and images go on to arrive as they did in between, the same
follows again and again: what is reported in one more period is kept, and then the machine is moved
on by as many periods as arrivals allow. Nothing is estimated: records, sums and times are those of
the run event by event.

Arrivals allow it in two ways. Either each comes as long after the one a period earlier as the
period lasts, and as many wait; or images that get a context have always been waiting, so that the
machine is not concerned with when they came, as long as that goes on.

The anchor is moved up when as many images again are done as before (R. P. Brent, "An improved
Monte Carlo factorization algorithm", BIT 20, 176, 1980), so that any period is found, and looking
costs a comparison of a few numbers an image. States are only compared where these agree.
"""

from typing import NamedTuple

from accelsim.kernel import Exchanges, Known, Plain, Shift, Simulation, Writer
from accelsim.model.faults import FaultWatch
from accelsim.model.host import HostSource
from accelsim.model.sequencer import Sequencer
from accelsim.records.period import Stride
from accelsim.records.recorder import Recorder

LONGEST = 1 << 19
"""Records of a period, at most: they are held in memory."""
_LEAST = 2  # periods that are worth a jump
_FREE_MISSES, _DONE_PER_MISS = 8, 32
_NO_LIMIT = 1 << 62


class _Moment(NamedTuple):
    """When so many images were done.

    head, queued: of the host's queue. distance_ps: between the next two images. phase_ps: of the
    refresh.
    """

    done: int
    time_ps: int
    head: int
    queued: int
    distance_ps: int
    phase_ps: int
    next_id: int


class Forward:
    """Looks for periods of a machine and skips them.

    machine: all of its blocks. skipped: images that were not run event by event.
    """

    def __init__(  # noqa: PLR0913 - given by name
        self,
        machine: Exchanges,
        *,
        known: Known,
        simulation: Simulation,
        source: HostSource,
        sequencer: Sequencer,
        recorder: Recorder,
        refresh_interval_ps: int | None,
        faults: FaultWatch | None = None,
    ) -> None:
        self.skipped = 0
        self._machine, self._known = machine, known
        self._simulation, self._recorder = simulation, recorder
        self._source, self._queue, self._sequencer = source, source.queue, sequencer
        self._interval_ps = refresh_interval_ps or 1
        self._faults, self._happened = faults, 0
        self._done = self._misses = self._until = 0
        self._now = self._next_id = 0
        self._sight = -1, -1
        self._anchor: _Moment | None = None
        self._state: list[Plain] = []
        self._stride: Stride | None = None

    def look(self) -> None:
        """Look, when an image is done, whether there is something to skip."""
        self._done += 1
        now, number = self._simulation.now_ps, self._recorder.next_id
        sight = now - self._now, number - self._next_id
        self._now, self._next_id = now, number
        if self._faults is not None and self._faults.happened != self._happened:
            self._begin_anew(self._faults)
        anchor = self._anchor
        if anchor is not None and self._stride is not None:
            self._wait(anchor, self._stride)
        elif anchor is not None and sight == self._sight and self._is_again(anchor):
            here = self._moment()
            self._recorder.start_tape()
            self._stride = self._between(anchor, here)
            self._drop(here, sight)
        elif self._done >= self._until:
            self._drop(self._moment(), sight)
            self._until = 2 * self._done

    def _begin_anew(self, faults: FaultWatch) -> None:
        """Forget what was seen: what happened since is no part of a period."""
        self._happened = faults.happened
        self._recorder.stop_tape()
        self._stride = self._anchor = None
        self._until = self._done

    def _is_again(self, anchor: _Moment) -> bool:
        """Tell whether what followed the anchor follows again, often enough to skip it."""
        here = self._moment()
        if (here.phase_ps, here.distance_ps) != (anchor.phase_ps, anchor.distance_ps):
            return False
        if here.next_id - anchor.next_id > LONGEST or self._periods(anchor, here) <= _LEAST:
            return False
        if (self._misses - _FREE_MISSES) * _DONE_PER_MISS > self._done:
            return False
        again = self._state_of(here) == self._state
        self._misses += not again
        return again

    def _drop(self, here: _Moment, sight: tuple[int, int]) -> None:
        self._anchor, self._state, self._sight = here, self._state_of(here), sight
        self._sequencer.slack_ps = _NO_LIMIT

    def _moment(self) -> _Moment:
        queue, now = self._queue, self._simulation.now_ps
        return _Moment(
            self._done,
            now,
            queue.head,
            len(queue),
            queue.distance(),
            now % self._interval_ps,
            self._recorder.next_id,
        )

    def _state_of(self, here: _Moment) -> list[Plain]:
        """Return the state of the machine, relative to the moment in which it is."""
        image = self._queue.next_image
        writer = Writer(self._known, here.time_ps, image, here.next_id, counted=False)
        self._machine.exchange(writer)
        return writer.data

    def _wait(self, anchor: _Moment, stride: Stride) -> None:
        """Let one period pass, and skip those that follow."""
        if self._done < anchor.done + stride.images:
            return
        here = self._moment()
        repeats = self._state_of(here) == self._state and self._between(anchor, here) == stride
        periods = self._periods(anchor, here) if repeats else 0
        if periods > 0 and self._recorder.repeat(periods, stride):
            in_step = self._is_in_step(anchor, here, stride)
            self._skip(periods, stride, anchor.time_ps, in_step=in_step)
        self._recorder.stop_tape()
        self._stride = self._anchor = None
        self._now, self._next_id = self._simulation.now_ps, self._recorder.next_id
        self._until = self._done

    def _between(self, anchor: _Moment, here: _Moment) -> Stride:
        return Stride(
            here.time_ps - anchor.time_ps,
            self._queue.stream.between(anchor.head, here.head),
            here.head - anchor.head,
            here.next_id - anchor.next_id,
        )

    def _periods(self, anchor: _Moment, here: _Moment) -> int:
        """Return how many periods like that between two moments may be skipped after them."""
        found = self._allowed(anchor, here)
        if self._faults is not None and found:
            found = min(found, self._undisturbed(self._faults, here, self._between(anchor, here)))
        return max(0, found)

    def _undisturbed(self, faults: FaultWatch, here: _Moment, by: Stride) -> int:
        """Return how many periods pass before something strikes, or hits an image."""
        time, most = faults.next_ps(), _NO_LIMIT
        if time is not None:
            most = (time - 1 - here.time_ps) // by.time_ps
        in_flight = {context.image for context in self._sequencer.contexts}
        for image in faults.awaited_images():
            place = self._queue.stream.place(image)
            if image in in_flight:
                return 0
            if place is not None and place >= here.head:
                most = min(most, (place - here.head) // by.images)
        return most

    def _allowed(self, anchor: _Moment, here: _Moment) -> int:
        """Return how many periods like that between two moments arrivals allow after them."""
        by, stream, end = self._between(anchor, here), self._queue.stream, self._queue.end
        images = here.done - anchor.done
        if not images == by.images > 0:
            return 0
        same = stream.regular(here.head, by.images, by.arrival_ps)
        if self._is_in_step(anchor, here, by):
            return max(0, (same - 1 - stream.together(end)) // by.images)
        slack = self._sequencer.slack_ps
        if slack <= 0:
            return 0
        # One image at least is left, so that the run does not end with a jump.
        most = (min(same, len(stream) - 1) - here.head) // by.images
        if by.arrival_ps > by.time_ps:
            most = min(most, (slack - 1) // (by.arrival_ps - by.time_ps))
        if end < len(stream):  # the last image is still to come then
            last = stream.time_ps(len(stream) - 1)
            most = min(most, (last - 1 - here.time_ps) // by.time_ps)
        return max(0, most)

    def _is_in_step(self, anchor: _Moment, here: _Moment, by: Stride) -> bool:
        """Tell whether arrivals repeat as the machine does; else it must not see them."""
        still_to_come = self._queue.end < len(self._queue.stream)
        return anchor.queued == here.queued and by.arrival_ps == by.time_ps and still_to_come

    def _skip(self, periods: int, by: Stride, since_ps: int, *, in_step: bool) -> None:
        queue = self._queue
        all_there = queue.end == len(queue.stream)
        lengths = (periods * by.time_ps, periods * by.images, periods * by.ids)
        self._machine.exchange(Shift(*lengths, since_ps))
        if all_there:
            queue.end = len(queue.stream)
        elif not in_step:
            queue.end = queue.stream.arrived(self._simulation.now_ps)
        self._source.resume()
        if self._faults is not None:
            self._faults.resume()
        self.skipped += periods * by.images
