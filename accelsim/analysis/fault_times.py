"""What values have to know of what went wrong in a run: late writes, and planes not refreshed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from accelsim.analysis.faults import Strike
from accelsim.config import Machine
from accelsim.config.faults import LATE_SETTLE, MISSED_REFRESH, POWER_FAILURE, Fault
from accelsim.records import StepTimes
from accelsim.records.steptimes import Lapse, LateWrite
from accelsim.topology import component


def with_faults(
    times: StepTimes, strikes: Sequence[Strike], machine: Machine, first: int
) -> StepTimes:
    """Return the times of steps with what faults did. first: number of the first image."""
    events = [] if machine.faults is None else machine.faults.events
    for noticed in (True, False):
        late = [
            _late(strike, events[strike.event], machine.period_ps, first)
            for strike in strikes
            if _is_late(events[strike.event], noticed)
        ]
        if late:
            times = times.struck(late, noticed)
    lapses = tuple(_lapses(strikes, events, machine))
    return replace(times, lapses=lapses) if lapses else times


def _is_late(event: Fault, noticed: bool) -> bool:
    return event.kind == LATE_SETTLE and (event.detected is not False) is noticed


def _late(strike: Strike, event: Fault, period_ps: int, first: int) -> LateWrite:
    cycles = 0 if event.cycles is None else event.cycles.value
    lane = component(strike.path).lane or 0
    return LateWrite(strike.image - first, strike.step - 1, lane, cycles * period_ps)


def _lapses(
    strikes: Sequence[Strike], events: Sequence[Fault], machine: Machine
) -> Iterator[Lapse]:
    """Give the times in which planes were not refreshed as they should be, by place."""
    interval = machine.banks.refresh_interval
    if interval is None:
        return
    every = tuple(place.value for place in machine.topology.places)
    found: list[Lapse] = []
    for strike in sorted(strikes, key=lambda each: each.at_ps):
        event, at = events[strike.event], strike.at_ps
        until, places = at + interval.value, every
        if event.kind == MISSED_REFRESH:
            places = (str(component(strike.path).place),)
        elif event.kind == POWER_FAILURE and event.duration is not None:
            until += event.duration.value + machine.period_ps  # up to a clock edge
        else:
            continue
        found += (Lapse(place, at, until, at - interval.value) for place in places)
    for place in every:
        own = [lapse for lapse in found if lapse.place == place]
        yield from _joined(own, machine.period_ps)


def _joined(lapses: Sequence[Lapse], period_ps: int) -> list[Lapse]:
    """Join lapses of a place between which nothing was refreshed, but for rounding to edges."""
    found: list[Lapse] = []
    for lapse in lapses:
        if found and lapse.since_ps <= found[-1].until_ps + period_ps:
            until = max(found[-1].until_ps, lapse.until_ps)
            found[-1] = found[-1]._replace(until_ps=until)
        else:
            found.append(lapse)
    return found
