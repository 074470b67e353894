"""What `accelsim explain` says of waits: an image's own, contention, and those of the start."""

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Console

from accelsim.analysis.stalls import BEFORE, FLIGHT, MEANINGS, QUEUE, Stall, parts, together
from accelsim.cli.explain_tables import cycles
from accelsim.reports import explanation as why
from accelsim.reports.explanation import has_load
from accelsim.runs import RecordedRun

_Times = Mapping[str, int]


def print_waits(console: Console, report: why.StallReport, run: RecordedRun) -> None:
    """Print the mean waits of an image; those of a common arrival at time 0 apart."""
    for line in _lines(report, run):
        console.print(line)


def _lines(report: why.StallReport, run: RecordedRun) -> Iterator[str]:
    def listed(times: _Times) -> str:
        shown = sorted(times.items(), key=lambda item: -item[1])
        return ", ".join(
            f"{mean(time)} for {MEANINGS.get(reason, reason)}" for reason, time in shown if time
        )

    def mean(time_ps: int) -> str:
        return cycles(time_ps / report.images, run.machine.period_ps)

    whose = f"an image, mean of {report.images:,}" if report.images > 1 else "the image"
    own = listed(_by_reason(report.stalls, FLIGHT)) or "no waits"
    yield f"Waits of {whose}: of {mean(report.in_flight_ps)} cycles in flight, {own}."
    fill, before = _by_reason(report.fill, BEFORE), _by_reason(report.stalls, BEFORE)
    contention = listed({reason: time - fill.get(reason, 0) for reason, time in before.items()})
    if contention:
        yield f"Before its load: {contention}."
    queue = _by_reason(report.stalls, QUEUE)
    if has_load(run):
        if queue:
            yield f"In the host's queue: {listed(queue)}."
        return
    waited = [
        f"{mean(sum(times.values()))} {where}"
        for times, where in (
            (queue, "in the host's queue"),
            (fill, "before the loads of the first images"),
        )
        if any(times.values())
    ]
    if waited:
        yield (
            f"Only as all {report.images:,} images come at once, and in no latency: "
            f"{', '.join(waited)}."
        )


def _by_reason(stalls: Iterable[Stall], where: str) -> dict[str, int]:
    sums = together((each for each in parts(stalls) if each.where == where), "reason")
    return {str(reason): total.time_ps for (reason,), total in sums.items()}
