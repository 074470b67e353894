"""The tables of `accelsim explain`."""

from rich.table import Table

from accelsim.analysis.prices import PricedAction
from accelsim.analysis.stalls import parts, together
from accelsim.cli.tables import new_table
from accelsim.config.energy_by_value import BY_VALUE
from accelsim.reports import explanation as why
from accelsim.runs import RecordedRun
from accelsim.units import render

PJ = 1e6
_SHOWN = 12


def cycles(time_ps: float, period_ps: int) -> str:
    """Return a time in cycles: '42', or '2.5' where it is not whole."""
    number = time_ps / period_ps
    if 0 < number < 0.005:
        return "<0.01"
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def actions_table(report: why.EnergyReport, *, brief: bool = False) -> Table:
    """Return count x price of each action that costs something; brief: without sources.

    price: what one count cost at the run's clock, in the mean where values decide. quoted: what
    the machine file says.
    """
    total = report.spent.total_aJ
    last = "quoted" if brief else "quoted; source of the price"
    by_value = [one.action.action for one in report.charges if one.action.apart_aJ is not None]
    model = f"energy.model {BY_VALUE}" if by_value else "count x price"
    table = new_table(
        f"Where {total / PJ:,.4f} pJ go: {model}",
        left=("action", "kind", last),
        right=("count", "price", "pJ", "share"),
        order=("action", "count", "price", "pJ", "share", "kind", last),
    )
    for column in table.columns[:6]:
        column.no_wrap = True
    for one in report.charges:
        if one.action.price_aJ:
            table.add_row(
                one.action.action,
                f"{one.action.count:,}",
                _price(one.action),
                f"{one.action.energy_aJ / PJ:,.4f}",
                _percent(one.action.energy_aJ, total),
                one.constant.kind,
                one.constant.quoted if brief else f"{one.constant.quoted}; {one.constant.source}",
            )
    if by_value:
        table.caption = (
            f"By value: {' and '.join(by_value)}, what weights and values make of the quoted "
            "price; ~ is the mean of a count. The others: count x price."
        )
    return table


def _price(action: PricedAction) -> str:
    """Return what a count cost; '~' before the mean of what values decide."""
    if action.apart_aJ is None:
        return render(action.price_aJ, "aJ")
    return f"~{render(action.apart_aJ / action.count, 'aJ')}"


def sensitivity_table(report: why.EnergyReport) -> Table:
    """Return how the total moves with each calibrated or assumed price."""
    total = report.total_aJ
    table = new_table(
        f"If one price is 10 % lower or higher ({float(total) / PJ:,.4f} pJ per image now)",
        left=("price", "kind"),
        right=("moves the total by, pJ", "to, if lower", "to, if higher"),
    )
    for one in (*report.charges, *report.standby):
        if one.constant.kind in ("calibrated", "assumed") and one.action.price_aJ:
            moved = one.moved_aJ
            table.add_row(
                one.action.action,
                one.constant.kind,
                f"{float(moved) / PJ:,.4f}",
                f"{float(total - moved) / PJ:,.4f}",
                f"{float(total + moved) / PJ:,.4f}",
            )
    return table


def layers_table(report: why.EnergyReport, run: RecordedRun, *, full: bool) -> Table:
    """Return energy by layer (or step) and action, pJ."""
    names = [one.action.action for one in report.charges if one.action.energy_aJ]
    first = ("step", "op", "layer") if full else ("layer",)
    table = new_table(
        f"Energy by {'step' if full else 'layer'} and action, pJ",
        left=first,
        right=(*names, "total"),
    )
    rows: dict[tuple[str, ...], dict[str, int]] = {}
    for (step, op, layer), energies in report.spent.steps.items():
        name = (str(step), op, run.layer_of(step, layer)) if full else (layer,)
        row = rows.setdefault(name, {})
        for action, energy in energies.items():
            row[action] = row.get(action, 0) + energy
    for key, row in rows.items():
        cells = [row.get(name, 0) for name in names]
        table.add_row(*key, *(f"{cell / PJ:.4f}" for cell in (*cells, sum(row.values()))))
    return table


def causes_table(report: why.StallReport, run: RecordedRun, *, full: bool) -> Table:
    """Return wait time by reason and resource; waits for unsettled planes in their two parts."""
    sums = together(parts(report.stalls), "where", "reason", "resource")
    shown = list(sums.items())[: None if full else _SHOWN]
    table = new_table(
        "Waits by cause, all images, in cycles",
        left=("where", "reason", "resource"),
        right=("waits", "cycles", "longest", "per image"),
        order=("where", "reason", "resource", "waits", "cycles", "longest", "per image"),
    )
    table.columns[2].no_wrap = True
    period = run.machine.period_ps
    for (where, reason, resource), total in shown:
        table.add_row(
            str(where),
            str(reason),
            str(resource),
            f"{total.records:,}",
            cycles(total.time_ps, period),
            cycles(total.longest_ps, period),
            cycles(total.time_ps / report.images, period),
        )
    if len(shown) < len(sums):
        table.caption = f"and {len(sums) - len(shown)} more: --full"
    return table


def groups_table(report: why.UtilizationReport) -> Table:
    """Return busy shares by sort of unit."""
    table = new_table(
        f"Busy share of {render(report.makespan_ps, 'ps')}, %",
        left=("units", "phase"),
        right=("number", "slots", "all", "least busy", "most busy"),
    )
    for group in report.groups:
        shares = (group.share, group.least, group.most)
        table.add_row(
            group.name,
            group.phase,
            str(group.units),
            str(group.slots),
            *(f"{100 * share:.2f}" for share in shares),
        )
    table.caption = (
        "slots: planes, ports or steps that the units serve at once; a share is of all their slots."
    )
    return table


def units_table(report: why.UtilizationReport) -> Table:
    """Return busy time of every unit."""
    table = new_table(
        "Every unit",
        left=("unit", "what", "phase"),
        right=("slots", "busy ps", "%"),
    )
    for unit in report.units:
        table.add_row(
            unit.unit,
            unit.group,
            unit.phase,
            str(unit.slots),
            f"{unit.busy_ps:,}",
            f"{100 * unit.share(report.makespan_ps):.2f}",
        )
    return table


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0.0 %"
