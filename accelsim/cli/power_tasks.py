"""What `accelsim study power` does: run, print, write files."""

from fractions import Fraction
from pathlib import Path

from rich.table import Table

from accelsim.cli.consoles import plain_console
from accelsim.cli.progress import watching
from accelsim.cli.study_tasks import refuse_another, wrote
from accelsim.cli.tables import new_table
from accelsim.config.machine import parse_changes
from accelsim.config.power import POLICIES
from accelsim.files import write_text
from accelsim.network import Network
from accelsim.plots.files import save
from accelsim.study.captions import Source, machine_text
from accelsim.study.power import Plan, PowerStudy, power_csv, rates_of, study_power
from accelsim.study.power_figure import power_figure
from accelsim.units import render
from accelsim.version import __version__


def plan_of(rates: str, images: int, changes: list[str] | None) -> Plan:
    """Return what the study goes over; InputError for rates that are none."""
    return Plan(rates_of(rates.split(",") if rates else ()), images, parse_changes(changes or []))


def run_power(
    network: Network, plan: Plan, outdir: Path, width: float, *, force: bool
) -> list[Path]:
    """Run a study of power; print the tables, write CSV and figure; return these."""
    path = (outdir / "power").with_suffix(".csv")
    lines = _header(network, plan)
    if not force:
        refuse_another(path, lines)
    with watching() as watch:
        study = study_power(network, plan, lambda done, all_, text: watch(text, done, all_))
    console = plain_console()
    if plan.changes:
        console.print(f"Changed: {_changes(plan, ', ')}", markup=False)
    console.print(energy_table(study))
    console.print(break_even_table(study))
    write_text(path, lines + power_csv(study))
    figure = power_figure(study, source_of(network, plan), width)
    return wrote([path, *save(figure, outdir / "power")])


def source_of(network: Network, plan: Plan) -> Source:
    """Return what the caption of a figure says the results are of."""
    machine = machine_text("irmen by what holds its levels, and charge", plan.changes)
    return Source(network.name, plan.images, (), machine)


def _header(network: Network, plan: Plan) -> str:
    rates = ", ".join(rate_text(rate) for rate in plan.rates)
    keys = _changes(plan, " ") or "as shipped"
    return (
        f"# accelsim {__version__}: Energy per image against the rate of images\n"
        f"# network {network.name}, machines irmen (by cell.storage) and charge, {keys}\n"
        f"# {plan.images} images at {rates}\n"
    )


def _changes(plan: Plan, between: str) -> str:
    return between.join(f"{key}={value}" for key, value in plan.changes.items())


def rate_text(rate: float | Fraction) -> str:
    """Return a rate in Hz, or in images an hour below one a second."""
    return f"{float(3600 * rate):.4g}/h" if rate < 1 else render(float(rate), "Hz", 4)


def energy_table(study: PowerStudy) -> Table:
    """Return the energy of an image by machine, rate and policy."""
    columns = ("rate", *(policy.replace("_", " ") for policy in POLICIES), "oracle does")
    table = new_table("Energy per image, rest included", left=("machine",), right=columns)
    for machine in study.break_even:
        rows = [study.of(machine, policy) for policy in POLICIES]
        for place, points in enumerate(zip(*rows, strict=True)):
            oracle = points[-1]
            does = "off" if oracle.off else "gated" if oracle.gated else "stays"
            table.add_row(
                "" if place else machine,
                rate_text(oracle.rate),
                *(render(point.energy_aJ, "aJ", 4) for point in points),
                does,
                end_section=place + 1 == len(rows[0]),
            )
    return table


def break_even_table(study: PowerStudy) -> Table:
    """Return from how long a rest on each state pays."""
    columns = ("gated", "off", "off or gated", "wakes in", "words")
    table = new_table("A state pays in rests from", left=("machine",), right=columns)
    for machine, found in study.break_even.items():
        times = (found.gated, found.off, found.off_or_gated)
        table.add_row(
            machine,
            *("never" if time is None else render(time, "ps", 4) for time in times),
            render(found.waking_ps, "ps"),
            str(found.words),
        )
    table.caption = (
        "gated, off: instead of staying active; gate after and off after wait so long. wakes in: "
        "from off, after a rest just so long, with so many words restored."
    )
    return table
