"""What `accelsim study load` does: run, print, write files."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from accelsim.cli.consoles import plain_console
from accelsim.cli.header import print_changes
from accelsim.cli.progress import watching
from accelsim.cli.study_tasks import refuse_another, source_of, wrote
from accelsim.cli.tables import new_table
from accelsim.files import write_text
from accelsim.network import Network
from accelsim.plots.files import save
from accelsim.study.catalog import Setting
from accelsim.study.load import CONTEXTS, SATURATED, SHARES, LoadStudy, Plan, load_csv, study_load
from accelsim.study.load_figure import load_figure
from accelsim.study.values import parse_values
from accelsim.units import render
from accelsim.version import __version__


def plan_of(contexts: str, loads: str, process: str, images: int, seed: int) -> Plan:
    """Return what the study goes over; InputError for lists that are none."""
    chosen: Sequence[int] = CONTEXTS
    if contexts:
        found = parse_values(contexts, "contexts", points=4, whole=True, option="contexts")
        chosen = [int(value) for value in found]
    shares = parse_values(loads, "load", option="loads") if loads else SHARES
    return Plan(chosen, shares, process, images, seed)


def run_load(setting: Setting, network: Network, plan: Plan, *, force: bool) -> list[Path]:
    """Run a study of load; print the table, write CSV and figure; return these."""
    stem = setting.outdir / "load"
    lines = _header(setting, network, plan)
    if not force:
        refuse_another(stem.with_suffix(".csv"), lines)
    with watching() as watch:
        study = study_load(setting, network, plan, lambda done, all_, text: watch(text, done, all_))
    console = plain_console()
    print_changes(console, setting.load({}))
    console.print(load_table(study, network))
    write_text(stem.with_suffix(".csv"), lines + load_csv(study))
    source = source_of(setting, network, plan.images, [plan.seed])
    figure = load_figure(study, source, setting.width)
    return wrote([stem.with_suffix(".csv"), *save(figure, stem)])


def _header(setting: Setting, network: Network, plan: Plan) -> str:
    machine = setting.point({})
    return (
        f"# accelsim {__version__}: Latency under load\n"
        f"# network {network.name}, machine {machine.machine.name} {machine.hash}, "
        f"{machine.settings}\n"
        f"# {plan.process} arrivals, {plan.images} images, seed {plan.seed}, contexts "
        f"{', '.join(map(str, plan.contexts))}, loads {', '.join(f'{x:g}' for x in plan.shares)}\n"
    )


def load_table(study: LoadStudy, network: Network) -> Table:
    """Return the points, by contexts and load."""
    columns = (
        "contexts", "load", "rate", "mean", "+-", "wait", "p50", "p95", "p99", "max",
        "in system", "energy", "power",
    )  # fmt: skip
    table = new_table("Under load: time in system", right=columns, keys=2)
    for place, each in enumerate(study.points):
        load = each.load
        half = "" if load.in_system.half is None else render(load.in_system.half, "ps", 2)
        last = place + 1 == len(study.points) or study.points[place + 1].contexts != each.contexts
        table.add_row(
            str(each.contexts),
            f"{each.share:g}",
            render(each.rate, "Hz"),
            render(load.in_system.value, "ps", 4),
            half,
            render(load.waiting.value, "ps", 3),
            *(render(time, "ps", 3) for time in load.percentiles),
            f"{load.number:.3g}",
            render(each.energy_aJ, "aJ"),
            render(each.power_w, "W", 3),
            end_section=last,
        )
    capacity = ", ".join(
        f"{contexts}: {render(rate, 'Hz')}" for contexts, rate in study.capacity.items()
    )
    table.caption = (
        f"Network '{network.name}', {study.images:,} images, {study.process} arrivals, seed "
        f"{study.seed}. load: share of the rate at which the machine is saturated, by contexts: "
        f"{capacity}. mean +- half of its 95 % interval (20 batch means, warm-up left out); "
        "in system: images at a time, on average; energy: per image, standby included."
    )
    if study.is_saturated:
        table.caption += f" {SATURATED}."
    return table
