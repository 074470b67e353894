"""What `accelsim explain` prints: one screen with what matters, or one metric in full."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from accelsim.cli.chain import chain_lines
from accelsim.cli.explain_label import print_label, print_label_in_short
from accelsim.cli.explain_load import print_load, print_load_in_short
from accelsim.cli.explain_steps import path_table, stalls_table, steps_table
from accelsim.cli.explain_tables import (
    PJ,
    actions_table,
    causes_table,
    cycles,
    groups_table,
    layers_table,
    sensitivity_table,
    units_table,
)
from accelsim.cli.explain_waits import print_waits
from accelsim.cli.explain_why import print_limits, print_what_if
from accelsim.cli.header import print_changes
from accelsim.reports import chains
from accelsim.reports import explanation as why
from accelsim.reports.sources import provenance_of_run
from accelsim.reports.whatif import in_short, what_if
from accelsim.resources import display
from accelsim.runs import RecordedRun, tenant_of
from accelsim.units import render

OF_RUN = ("stalls", "utilization", "load")
"""Metrics that are of the whole run, not of one image."""
# Lines of different slack that are worth a screen.
_MOST_SLACKS = 4
_WIDTH = 80


@dataclass(frozen=True)
class Shown:
    """What is to be printed. reference: the run was made for this and has no folder."""

    run: RecordedRun
    image: int
    full: bool
    reference: bool


def print_explanation(console: Console, shown: Shown, metric: str | None) -> None:
    """Print one metric, or one screen with what matters of each."""
    printers = {
        "latency": _latency,
        "energy": _energy,
        "stalls": _stalls,
        "utilization": _utilization,
        "load": _load,
        "classification": lambda *_: print_label(console, shown.run, shown.image),
    }
    _head(console, shown, of_run=metric in OF_RUN)
    if metric is None:
        _all(console, shown)
    else:
        printers[metric](console, shown)


def _head(console: Console, shown: Shown, *, of_run: bool) -> None:
    run = shown.run
    images = int(run.manifest["images"])
    where = "simulated for this explanation" if shown.reference else display(run.path)
    first = int(run.manifest["first_image"])
    of = f" of {first} to {first + images - 1}" if images > 1 else ""
    tenant = tenant_of(run, shown.image)
    which = f"image {shown.image}{of}{f', of {tenant}' if tenant else ''}"
    if of_run:
        which = f"images {first} to {first + images - 1}" if images > 1 else f"image {first}"
    console.print(
        Text(run.machine.name, style="bold"),
        f" on {run.manifest['workload']}, {which}, clock period "
        f"{render(run.machine.period_ps, 'ps')} ({where})",
        sep="",
    )
    print_changes(console, run.machine, int(run.manifest["seed"]))


def _mean(console: Console, shown: Shown, report: why.EnergyReport) -> None:
    """Say how the image's energy relates to what `run` prints, if there are more images."""
    if report.images > 1:
        tenant = tenant_of(shown.run, shown.image)
        stats = shown.run.stats["tenants"][tenant] if tenant else shown.run.stats
        mean = stats["energy_per_image"]["value"] / PJ
        whose = f"{tenant}'s, without it," if tenant else "the run"
        console.print(
            f"This image {float(report.total_aJ) / PJ:,.4f} pJ with its part of standby; mean of "
            f"{whose} {mean:,.4f} pJ (a clock cycle belongs to the step issued last)."
        )


def _all(console: Console, shown: Shown) -> None:
    run = shown.run
    latency = why.explain_latency(run, shown.image)
    energy, busy = why.explain_energy(run, shown.image), why.explain_utilization(run)
    print_limits(console, run, *why.explain_limits(run, latency, busy), in_short(run))
    console.print()
    console.print(steps_table(latency, run, energy, full=shown.full))
    _sum_of_path(console, latency, run)
    console.print()
    console.print(actions_table(energy, brief=True))
    console.print("Where the prices come from: accelsim explain energy.")
    _free(console, energy)
    _mean(console, shown, energy)
    console.print()
    print_waits(console, why.explain_stalls(run), run)
    _busy_line(console, busy)
    print_label_in_short(console, run, shown.image)
    if why.has_load(run):
        console.print()
        print_load_in_short(console, why.explain_load(run))


def _latency(console: Console, shown: Shown) -> None:
    report = why.explain_latency(shown.run, shown.image)
    found = what_if(shown.run)
    busy = why.explain_utilization(shown.run)
    print_limits(console, shown.run, *why.explain_limits(shown.run, report, busy), found)
    console.print()
    print_what_if(console, found)
    console.print()
    if shown.full:
        console.print(path_table(report, shown.run))
    else:
        console.print(steps_table(report, shown.run))
    _sum_of_path(console, report, shown.run)
    _slack(console, report, shown)
    if not shown.full:
        console.print("Every record of the path, and the slack of each beside it: --full")
    print_label_in_short(console, shown.run, shown.image)
    _rests(console, shown, "latency")


def _sum_of_path(console: Console, report: why.LatencyReport, run: RecordedRun) -> None:
    path, period = report.path, run.machine.period_ps
    patterns: dict[str, int] = {}
    for step in path.steps:
        parts = (
            (step.wait_ps, "wait"),
            (step.issue_ps, "issue"),
            (step.read_ps, "read"),
            (step.write_ps, "write"),
        )
        text = " + ".join(f"{cycles(time, period)} {name}" for time, name in parts if time)
        patterns[text] = patterns.get(text, 0) + 1
    formula = " + ".join(f"{number} x ({text})" for text, number in patterns.items() if text)
    console.print(
        f"{formula} = {cycles(path.latency_ps, period)} cycles; the path's {len(path.path)} "
        f"records add up to {path.latency_ps:,} ps exactly."
    )
    if path.before_ps:
        console.print(
            f"Before it: {cycles(path.before_ps, period)} cycles in the queue or for the load "
            "port, not in the latency."
        )


def _slack(console: Console, report: why.LatencyReport, shown: Shown) -> None:
    period = shown.run.machine.period_ps
    numbers = report.path.rest.kinds()
    if shown.full:
        for one in report.path.rest:
            record = one.record
            console.print(
                f"  slack {cycles(one.slack_ps, period):>5}  record {record.id}: {record.kind} of "
                f"step {record.step} at {record.component}"
            )
        return
    if 0 in numbers:
        tight = _counted(numbers.pop(0))
        console.print(f"No slack, as critical as the path (other lanes and units): {tight}.")
    for slack in sorted(numbers)[:_MOST_SLACKS]:
        console.print(f"Slack of {cycles(slack, period)} cycles: {_counted(numbers[slack])}.")
    if len(numbers) > _MOST_SLACKS:
        console.print(f"More slack: {len(numbers) - _MOST_SLACKS} further values, with --full.")
    if report.path.foreign:
        console.print("A wait for another image absorbs slack: it ends when that image lets go.")


def _counted(kinds: Counter[str]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in kinds.items())


def _energy(console: Console, shown: Shown) -> None:
    report = why.explain_energy(shown.run, shown.image)
    console.print(actions_table(report))
    _free(console, report)
    _mean(console, shown, report)
    console.print()
    console.print(sensitivity_table(report))
    exact = "Exact" if not shown.run.machine.energy.by_values else "Exact but for rounding"
    console.print(
        f"{exact}: energy is linear in each price. Assumed constants that are no price (clock, "
        "cycles, lanes)\nmove the counts, not linearly, and are left out: "
        "run again with --set KEY=VALUE."
    )
    console.print()
    console.print(layers_table(report, shown.run, full=shown.full))
    print_label_in_short(console, shown.run, shown.image)
    _rests(console, shown, "energy_per_image")


def _rests(console: Console, shown: Shown, figure: str) -> None:
    """Say what a figure rests on: the nearest constants, or with --full all to the root."""
    graph = provenance_of_run(shown.run.machine)
    if not shown.full:
        console.print(f"Rests on {chains.rests(graph, figure)}.")
        return
    console.print("Rests on, to the root:")
    for line in chain_lines(graph, figure, _WIDTH):
        console.print(line)


def _free(console: Console, report: why.EnergyReport) -> None:
    free = [one for one in report.charges if not one.action.price_aJ]
    if free:
        listed = ", ".join(f"{one.action.action} ({one.constant.kind})" for one in free)
        console.print(f"Counted at a price of 0: {listed}.")
    if report.standby_aJ:
        share = float(report.standby_aJ / report.images)
        console.print(
            "Standby of the run (leakage, refresh, power states, idle clock): "
            f"{report.standby_aJ / PJ:,.4f} pJ"
            f", {share / PJ:,.4f} pJ per image."
        )


def _stalls(console: Console, shown: Shown) -> None:
    report = why.explain_stalls(shown.run)
    print_waits(console, report, shown.run)
    console.print()
    console.print(causes_table(report, shown.run, full=shown.full))
    console.print(stalls_table(report, shown.run, full=shown.full))


def _busy_line(console: Console, report: why.UtilizationReport) -> None:
    busiest = sorted(report.groups, key=lambda group: -group.share)
    parts: Iterable[str] = (
        f"{group.name} {100 * group.share:.1f} %"
        for group in busiest
        if group.name.startswith(("sequencer", "arrays", "datapath")) and group.share
    )
    idle = [group.name for group in busiest if not group.share]
    never = f"; never used: {', '.join(idle)}" if idle else ""
    console.print(f"Busy share of the run: {', '.join(parts)}{never}.")


def _load(console: Console, shown: Shown) -> None:
    print_load(console, why.explain_load(shown.run))


def _utilization(console: Console, shown: Shown) -> None:
    report = why.explain_utilization(shown.run)
    console.print(groups_table(report))
    if shown.full:
        console.print(units_table(report))
