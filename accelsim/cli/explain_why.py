"""What `accelsim explain` begins with: what limits the run, and what other machines would do."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from rich.console import Console
from rich.table import Table

from accelsim.analysis.limits import CONTEXTS, ISSUE_SLOT, IntervalLimit, LatencyLimit
from accelsim.cli.explain_tables import PJ, cycles
from accelsim.cli.tables import new_table
from accelsim.reports.explanation import offered_rate
from accelsim.reports.whatif import Trial, WhatIf
from accelsim.runs import RecordedRun
from accelsim.runs.outcomes import accuracies_of, accuracy_cells
from accelsim.units import PS_PER_S, render

_PHASES = {
    "write": ("settling", "write phases"),
    "read": ("integration in the read phase", "read phases"),
    "convert": ("converters", "conversions"),
    "digital": ("the digital engine", "its read phases"),
    "issue": ("the issue slot", "issues"),
    "wait": ("waits for others", "waits for others"),
}
_SHORT = "*"


def print_limits(
    console: Console,
    run: RecordedRun,
    latency: LatencyLimit,
    own: IntervalLimit | None,
    found: WhatIf,
) -> None:
    """Print what limits the latency and the throughput. own: of the run, if images waited."""
    for line in (
        _latency_line(latency, run.machine.period_ps),
        *_throughput_lines(run, own, found),
        *_contexts_line(found, run.machine.period_ps),
        *_accuracy_line(run),
    ):
        console.print(line, markup=False)


def _latency_line(limit: LatencyLimit, period_ps: int) -> str:
    """Say which phase is most of the critical path: 'Limited by settling: ...'."""
    words, named = _PHASES[limit.phase]
    others = [
        f"{_PHASES[phase][1]} {cycles(time, period_ps)}"
        for phase, time in limit.parts_ps.items()
        if time and phase != limit.phase
    ]
    rest = f" ({', '.join(others)})" if others else ""
    return (
        f"Limited by {words}: {named} are {cycles(limit.parts_ps[limit.phase], period_ps)} of "
        f"{cycles(limit.latency_ps, period_ps)} cycles of image {limit.image}{rest}."
    )


def _throughput_lines(run: RecordedRun, own: IntervalLimit | None, found: WhatIf) -> Iterator[str]:
    """Say what sets the interval of the run, or would if images always waited."""
    limit = own or (None if found.base is None else found.base.limit)
    if limit is None:
        yield f"Throughput: not simulated, {found.why_none}."
        return
    period = run.machine.period_ps
    when = "" if own else ", if images always wait"
    yield (
        f"Throughput: an image every {_interval(limit, period)} cycles{when}, limited by "
        f"{_limit_words(limit, period)}."
    )
    rate = offered_rate(run)
    if rate is not None and limit.interval_ps:
        yield _load_line(rate, limit.interval_ps)


def _interval(limit: IntervalLimit, period_ps: int) -> str:
    """Return an interval in cycles; 'about' where departures do not repeat."""
    if limit.interval_ps is None:
        return "unknown number of"
    return f"{'' if limit.repeats else 'about '}{cycles(limit.interval_ps, period_ps)}"


def _limit_words(limit: IntervalLimit, period_ps: int) -> str:
    busy = f"{cycles(float(limit.busy_ps), period_ps)} cycles an image"
    if limit.by != CONTEXTS:
        return f"{_named(limit)}, busy {busy}"
    return (
        f"{limit.contexts} image{'s' * (limit.contexts > 1)} in flight (sequencer.contexts); "
        f"busiest: {_named(limit)}, {busy}"
    )


def _named(limit: IntervalLimit) -> str:
    """Return the busiest unit in words: 'the issue slot'."""
    return "the issue slot" if limit.group == ISSUE_SLOT else limit.group


def _load_line(rate: float, interval_ps: float) -> str:
    """Hold what arrives against what the machine takes."""
    most = PS_PER_S / interval_ps
    share = 100 * rate / most
    limits = "arrivals limit it" if share < 100 else "it cannot keep up"
    return (
        f"Load: {render(rate, 'images/s')} arrive, {share:.1f} % of the "
        f"{render(most, 'images/s')} that the machine takes: {limits}."
    )


def _contexts_line(found: WhatIf, period_ps: int) -> Iterator[str]:
    """Say how the interval falls with images in flight, and what stops it."""
    by_number = {
        number: trial.limit
        for number, trial in found.contexts().items()
        if trial.limit.interval_ps is not None
    }
    if len(by_number) < 2:
        return
    first = next(iter(by_number.values()))
    parts = [
        f"{number}: {_interval(limit, period_ps)}{_times(first, limit)}"
        for number, limit in by_number.items()
    ]
    then = next(((n, limit) for n, limit in by_number.items() if limit.by != CONTEXTS), None)
    end = "" if then is None else f"; from {then[0]} on the limit is {_named(then[1])}"
    yield f"Cycles an image by images in flight, simulated: {', '.join(parts)}{end}."


def _times(first: IntervalLimit, limit: IntervalLimit) -> str:
    """Return by what the throughput is multiplied: ' (x 3)'."""
    gain = Fraction(first.interval_ps or 0) / Fraction(limit.interval_ps or 1)
    return "" if gain == 1 else f" (x {float(gain):.3g})"


def _accuracy_line(run: RecordedRun) -> Iterator[str]:
    for tenant, share in accuracies_of(run).items():
        if share is not None:
            of = f" of {tenant}" if tenant else ""
            yield f"Accuracy{of}: {100 * share:.2f} %, {accuracy_cells(run)}."


def print_what_if(console: Console, found: WhatIf) -> None:
    """Print what latency and throughput would be, key by key."""
    if not found.trials or found.base is None:
        console.print(f"What if: not simulated, {found.why_none}.", markup=False)
        return
    console.print(what_if_table(found, found.base))
    for change, why in found.refused.items():
        console.print(f"{change}: {why}", markup=False)


def what_if_table(found: WhatIf, base: Trial) -> Table:
    """Return the trials, a line each. base: the run's own machine, as the first line."""
    table = new_table(
        "What if one key changes: compiled and simulated, images always wait",
        left=("key", "kind", "limited by"),
        right=("change", "latency", "interval", "pJ"),
        order=("key", "change", "kind", "latency", "interval", "pJ", "limited by"),
        spare=("kind",),
    )
    for trial in (base, *found.trials):
        interval = trial.limit.interval_ps
        table.add_row(
            ", ".join(trial.changes) or "as it is",
            ", ".join(_values(trial)),
            ", ".join(trial.kinds),
            render(trial.latency_ps, "ps"),
            "" if interval is None else render(interval, "ps"),
            f"{trial.energy_aJ / PJ:,.2f}",
            trial.limit.by.removeprefix("sequencer, ")
            if trial.limit.by != CONTEXTS
            else "contexts",
            end_section=trial is base,
        )
    table.caption = " ".join(_notes(found))
    return table


def _values(trial: Trial) -> Iterator[str]:
    mark = _SHORT if trial.new_warnings else ""
    for a, b in trial.changes.values():
        (number, *unit), last = a.split(), b.split()
        yield f"{number if unit == last[1:] else a} to {b}{mark}"


def _notes(found: WhatIf) -> Iterator[str]:
    yield "pJ: energy per image, standby included. Limited by, the interval (from image to image)."
    for trial in found.trials:
        if trial.needed:
            yield f"{_listed({key: b for key, (_, b) in trial.changes.items()})} has to have"
            yield f"{_listed(trial.needed)}."
    if any(trial.new_warnings for trial in found.trials):
        yield f"{_SHORT} Less time than the cell needs, or another warning: accelsim run"
        yield "--set KEY=VALUE says it, and the accuracy."


def _listed(values: Mapping[str, object]) -> str:
    return ", ".join(f"{key}={value}" for key, value in values.items())
