"""What `accelsim explain` prints of what is behind the handoff."""

from rich.console import Console
from rich.table import Table

from accelsim.cli.tables import new_table
from accelsim.records.reasons import sentence
from accelsim.reports.label import LabelReport, explain_label
from accelsim.runs import RecordedRun
from accelsim.units import render

_PJ = 10**6


def print_label(console: Console, run: RecordedRun, image: int) -> None:
    """Print what an image takes behind the handoff, and what it costs."""
    report = explain_label(run, image)
    console.print(_path(report))
    console.print(
        f"From the handoff at {render(report.handed_off_ps, 'ps')} to the label: the "
        f"{len(report.path)} records add up to {report.latency_ps:,} ps exactly."
    )
    console.print()
    console.print(_actions(report))
    if report.images > 1:
        console.print(
            f"This image {float(report.total_aJ) / _PJ:,.4f} pJ with its part of leakage; mean of "
            f"the run {_mean(run):,.4f} pJ."
        )
    console.print()
    print_shares(console, run)


def print_label_in_short(console: Console, run: RecordedRun, image: int) -> None:
    """Print a line on what is behind the handoff, if the run goes on there."""
    if run.goes_on:
        report = explain_label(run, image)
        console.print(
            f"Behind the handoff: {render(report.latency_ps, 'ps')} and "
            f"{float(report.total_aJ) / _PJ:,.1f} pJ more to the label: accelsim explain RUN "
            "classification."
        )


def print_shares(console: Console, run: RecordedRun) -> None:
    """Print how busy the units behind the handoff are, and what waited for them on average."""
    figures = run.stats["classification"]["behind_handoff"]
    console.print(
        f"Busy share up to the last label: ADC {100 * figures['adc_utilization']['value']:.1f} %, "
        f"engine {100 * figures['engine_utilization']['value']:.1f} %."
    )
    waits = {
        "results for the ADC": "conversion_wait",
        "codes for the engine": "compute_wait",
        "handoffs for a place at the boundary": "handoff_wait",
    }
    parts = [
        f"{what} {render(figures[name]['value'], 'ps')}"
        for what, name in waits.items()
        if figures[name]["value"]
    ]
    console.print(f"Mean waits: {', '.join(parts) or 'none'}.")


def _mean(run: RecordedRun) -> float:
    figures = run.stats["classification"]["behind_handoff"]
    return float(figures["energy_per_image"]["value"]) / _PJ


def _path(report: LabelReport) -> Table:
    table = new_table(
        f"Behind the handoff, image {report.image}",
        left=("what", "layer", "by", "why"),
        right=("step", "from", "time"),
        order=("step", "what", "layer", "by", "from", "time", "why"),
    )
    for record in report.path:
        what = record.kind if record.kind == "wait" else record.op
        table.add_row(
            str(record.step), what, record.layer, record.component.partition(".")[2],
            render(record.t_start_ps, "ps"), render(record.duration_ps, "ps"),
            sentence(record.cause, record.resource),
        )  # fmt: skip
    return table


def _actions(report: LabelReport) -> Table:
    table = new_table(
        "Energy behind the handoff, per image", left=("action", "quoted", "kind"),
        right=("count", "pJ"), order=("action", "count", "quoted", "kind", "pJ"),
    )  # fmt: skip
    for one in (*report.charges, *report.standby):
        share = one.action.energy_aJ / one.images / _PJ
        count = f"{one.action.count:,}" if one.images == 1 else f"{one.action.count:,} in the run"
        table.add_row(
            one.action.action, count, one.constant.quoted, one.constant.kind, f"{share:.3f}"
        )
    table.columns[0].footer = "total"
    table.columns[4].footer = f"{float(report.total_aJ) / _PJ:.3f}"
    table.show_footer = True
    return table
