"""The tables of `accelsim explain` that go step by step, or record by record.

Of a long program the steps of an op of a layer are one line.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.table import Table

from accelsim.analysis.critical import StepPath
from accelsim.analysis.dependencies import Record
from accelsim.analysis.stalls import QUEUE, together
from accelsim.analysis.sums import Total
from accelsim.cli.explain_tables import PJ, cycles
from accelsim.cli.step_lines import OfStep, folded, lines_of, numbers
from accelsim.cli.tables import new_table
from accelsim.records.reasons import (
    BUSY,
    FAULTY,
    IN_USE,
    REFRESHING,
    UNCONVERTED,
    UNSETTLED,
    UNWRITTEN,
    sentence,
)
from accelsim.reports import explanation as why
from accelsim.runs import RecordedRun

_SHARES: dict[str, Callable[[StepPath], int]] = {
    "wait": lambda step: step.wait_ps,
    "issue": lambda step: step.issue_ps,
    "read": lambda step: step.read_ps,
    "write": lambda step: step.write_ps,
}


def steps_table(
    report: why.LatencyReport,
    run: RecordedRun,
    energy: why.EnergyReport | None = None,
    *,
    full: bool = False,
) -> Table:
    """Return the critical path step by step, with the energy of each if it is given.

    full: a line for each step, however many there are; else, of many, those of a layer and op
    together, and nothing of what each waited for.
    """
    period, path = run.machine.period_ps, report.path
    lines = lines_of(path.steps, full=full)
    is_folded = len(lines) < len(path.steps)
    used = [name for name, share in _SHARES.items() if any(map(share, path.steps))]
    paid = ["pJ"] if energy else []
    last = [] if is_folded else ["begins when"]
    number = ["number"] if is_folded else []
    table = new_table(
        f"Why {cycles(path.latency_ps, period)} cycles: the critical path, in cycles",
        left=("op", "layer", *last),
        right=("step", "at", *number, *used, *paid),
        order=("step", "op", "layer", "at", *number, *used, *paid, *last),
    )
    energies = _by_step(energy)
    for line in lines:
        start, end = min(step.t_start_ps for step in line), max(step.t_end_ps for step in line)
        began, ended = (cycles(time - path.t_start_ps, period) for time in (start, end))
        spent = sum(energies.get(step.step, 0) for step in line)
        table.add_row(
            numbers(line),
            line[0].op,
            layer_of(run, line),
            f"{began}-{ended}",
            *([f"{len(line):,}"] if is_folded else []),
            *_on_path(line, used, period),
            *([f"{spent / PJ:.4f}"] if energy else []),
            *([] if is_folded else [_begins(line[0], report)]),
            end_section=line is lines[-1],
        )
    table.add_row(
        "",
        "total",
        "",
        cycles(path.latency_ps, period),
        *([f"{len(path.steps):,}"] if is_folded else []),
        *_on_path(path.steps, used, period),
        *([f"{energy.spent.total_aJ / PJ:.4f}"] if energy else []),
        *([] if is_folded else [""]),
    )
    if is_folded:
        each = "Each, and what it waited for: --full."
        table.caption = folded(len(path.steps), len(lines), each)
    return table


def layer_of(run: RecordedRun, line: Sequence[OfStep]) -> str:
    """Return the layer of a line, and of a step that has one to itself its tile."""
    step = line[0].step if len(line) == 1 else None
    return run.layer_of(step, line[0].layer)


def _on_path(steps: Sequence[StepPath], names: Iterable[str], period_ps: int) -> list[str]:
    """Return the time of each share, in cycles."""
    return [cycles(sum(map(_SHARES[name], steps)), period_ps) for name in names]


def _by_step(energy: why.EnergyReport | None) -> dict[int, int]:
    if energy is None:
        return {}
    return {key[0]: sum(row.values()) for key, row in energy.spent.steps.items()}


def _begins(step: StepPath, report: why.LatencyReport) -> str:
    """Say what a step waited for last, or that it waited for nothing."""
    if not step.waits:
        return "the image's turn" if step is report.path.steps[0] else "the step before is issued"
    last = step.waits[-1]
    return ended(last, report)


def _follows(step: StepPath) -> str:
    """Name the record whose end the step waited for last."""
    return f"after record {step.waits[-1].cause_id}" if step.waits else ""


def ended(wait: Record, report: why.LatencyReport) -> str:
    """Say what ended a wait: 'settled: circuit_a.lane0.bank.plane0'."""
    words = {
        UNSETTLED: "settled",
        BUSY: "free",
        IN_USE: "read",
        UNWRITTEN: "written",
        REFRESHING: "refreshed",
        FAULTY: "fault over",
        UNCONVERTED: "converted",
    }
    text = f"{words[wait.cause]}: {wait.resource}" if wait.resource else f"over: {wait.cause}"
    cause = report.causes.get(-1 if wait.cause_id is None else wait.cause_id)
    if cause is None:
        return text
    if cause.image is None:
        return f"{text} ({cause.kind} of {cause.component}, record {cause.id})"
    return f"{text} (image {cause.image}, step {cause.step}, record {cause.id})"


def path_table(report: why.LatencyReport, run: RecordedRun) -> Table:
    """Return the critical path record by record."""
    period, path = run.machine.period_ps, report.path
    table = new_table(
        f"Critical path of image {path.image}, record by record",
        left=("kind", "component", "why"),
        right=("record", "step", "start ps", "ps"),
        order=("record", "step", "kind", "component", "start ps", "ps", "why"),
    )
    table.columns[3].no_wrap = True
    reasons = {step.step: _follows(step) for step in path.steps}
    seen: set[int] = set()
    for record in path.path:
        step = record.step or 0
        why_now = "" if step in seen else reasons[step]
        seen.add(step)
        if record.kind == "settle":
            why_now = f"after record {record.cause_id}"
        elif record.kind == "wait":
            cause = report.causes.get(-1 if record.cause_id is None else record.cause_id)
            whose = f", image {cause.image}, step {cause.step}" if cause else ""
            why_now = f"{sentence(record.cause, record.resource)}: record {record.cause_id}{whose}"
        table.add_row(
            str(record.id),
            str(step),
            record.kind,
            record.component,
            str(record.t_start_ps),
            str(record.duration_ps),
            why_now,
            end_section=record is path.path[-1],
        )
    total = cycles(path.latency_ps, period)
    table.add_row("", "", "total", "", "", str(path.latency_ps), f"{total} cycles")
    return table


@dataclass(frozen=True)
class _Waits:
    """What was waited before a step."""

    step: int
    op: str
    layer: str
    total: Total


def stalls_table(report: why.StallReport, run: RecordedRun, *, full: bool = False) -> Table:
    """Return wait time by step; full: a line for each step, however many there are."""
    period = run.machine.period_ps
    sums = together(
        (stall for stall in report.stalls if stall.where != QUEUE), "step", "op", "layer"
    )
    waits = [
        _Waits(int(str(step)), str(op), str(layer), total)
        for (step, op, layer), total in sums.items()
    ]
    waits.sort(key=lambda each: each.step)
    lines = lines_of(waits, full=full)
    is_folded = len(lines) < len(waits)
    number = ["number"] if is_folded else []
    table = new_table(
        "Waits before each step, all images",
        left=("op", "layer"),
        right=("step", *number, "waits", "cycles", "per image", "longest"),
        order=("step", "op", "layer", *number, "waits", "cycles", "per image", "longest"),
    )
    for line in lines:
        total = sum((each.total for each in line), Total())
        table.add_row(
            numbers(line),
            line[0].op,
            layer_of(run, line),
            *([f"{len(line):,}"] if is_folded else []),
            f"{total.records:,}",
            cycles(total.time_ps, period),
            cycles(total.time_ps / report.images, period),
            cycles(total.longest_ps, period),
        )
    if is_folded:
        table.caption = folded(len(waits), len(lines), "Each: --full.")
    return table
