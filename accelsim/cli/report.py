"""What `accelsim run` prints: schedule, energy, published figures, digits, files."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.columns import Columns
from rich.console import Console
from rich.table import Table
from rich.text import Text

from accelsim.analysis import NO_INTERVAL, NOT_MODELLED_TO_LABEL, Figure, ScheduleRow
from accelsim.cli.classification_report import print_classification
from accelsim.cli.faults_report import faults_line
from accelsim.cli.header import print_changes
from accelsim.cli.load_report import load_table
from accelsim.cli.power_report import power_table
from accelsim.cli.step_lines import folded, lines_of, numbers
from accelsim.cli.tables import new_table
from accelsim.cli.tenants_report import (
    arbitration_line,
    schedules_of,
    tenants_table,
    values_of,
    workload_of,
)
from accelsim.config import Machine
from accelsim.config.checks import notes_of, warnings_of
from accelsim.config.origins import constants_of, kind_with_weakest
from accelsim.documents.constants import PUBLISHED
from accelsim.network import Published
from accelsim.quantities import heading, label
from accelsim.reports.runs import energy_shares
from accelsim.resources import display
from accelsim.simulation import Result
from accelsim.units import render
from accelsim.values import Values

_SHOWN_DIGITS = 20
_SHOWN_WRONG = 8


def print_report(console: Console, result: Result, seed: int) -> None:
    """Print a result. seed: of its run."""
    machine, stats = result.machine, result.stats
    print_warnings(console, machine)
    images = int(stats.images.value)
    console.print(
        Text(machine.name, style="bold"),
        Text(
            f": {machine.description}\n"
            f"{workload_of(result)} on it, {images} image{'s' * (images > 1)}, "
            f"clock period {render(machine.period_ps, 'ps')}, "
            f"{machine.sequencer.contexts.value} in flight"
        ),
        sep="",
    )
    print_changes(console, machine, seed)
    console.print()
    for title, rows in schedules_of(result):
        console.print(_schedule(title, rows, machine.period_ps))
    console.print(_summary(result))
    if result.tenants:
        console.print(arbitration_line(result))
        console.print(tenants_table(result))
    if stats.faults is not None:
        console.print(faults_line(stats.faults), markup=False)
    if stats.load is not None:
        console.print(load_table(stats.load))
    if stats.power is not None:
        console.print(power_table(stats.power))
    console.print(
        Columns(
            [
                _energy("Energy per image, by block", "block", _blocks(result), result),
                _energy("Energy per image, by layer", "layer", _layers(result), result),
            ],
            padding=(0, 4),
        )
    )
    if stats.classification is not None:
        print_classification(console, result, stats.classification)
    published = [fig for fig in result.network.published if fig.machine == machine.name]
    if published and not result.tenants:
        console.print(_published(result, published))
    for values, no_values, whose in values_of(result):
        _print_digits(console, result, values, no_values, whose)
    left_out = stats.not_modelled if stats.classification is None else NOT_MODELLED_TO_LABEL
    console.print(f"Not modelled: {'; '.join(left_out)}.", style="dim")
    if result.outdir is not None:
        console.print(f"Run directory: {display(result.outdir)}")


def print_warnings(console: Console, machine: Machine, name: str = "") -> None:
    """Print what is wrong with a machine, and what its figures follow from. name: to say whose."""
    whose = f"{name}: " if name else ""
    lines = [f"warning: {whose}{text}" for text in warnings_of(machine)]
    lines += [f"Note: {whose}{text}." for text in notes_of(machine)]
    for line in lines:
        console.print(line, markup=False)
    if lines:
        console.print()


_COUNTS: dict[str, Callable[[ScheduleRow], int]] = {
    "cells written": lambda row: row.cells_written,
    "cells read": lambda row: row.cells_read,
    "tap-cycles": lambda row: row.tap_cycles,
}


def _schedule(title: str, rows: Sequence[ScheduleRow], period: int) -> Table:
    """Return the steps; of a long program lines of many, with fewer columns."""
    lines = lines_of(rows)
    is_folded = len(lines) < len(rows)
    counts = {"tap-cycles": _COUNTS["tap-cycles"]} if is_folded else _COUNTS
    how_many = "number" if is_folded else "lanes"
    order = ("step", "op", "layer", "cycles", how_many, *counts, "energy, pJ")
    left = ("op", "layer")
    right = [name for name in order if name not in left]
    table = new_table(title, left=left, right=right, order=order)
    for line in lines:
        start, end = min(row.t_start_ps for row in line), max(row.t_end_ps for row in line)
        table.add_row(
            numbers(line),
            line[0].op,
            line[0].layer,
            f"{start // period}-{end // period}",
            f"{len(line):,}" if is_folded else str(line[0].lanes),
            *_sums(line, counts.values()),
            end_section=line is lines[-1],
        )
    cycles = str((max(row.t_end_ps for row in rows) - rows[0].t_start_ps) // period)
    number = f"{len(rows):,}" if is_folded else ""
    table.add_row("", "total", "", cycles, number, *_sums(rows, counts.values()))
    if is_folded:
        each = "Each: accelsim explain RUN --full, and ledger.csv."
        table.caption = folded(len(rows), len(lines), each)
    return table


def _sums(
    rows: Sequence[ScheduleRow], counts: Iterable[Callable[[ScheduleRow], int]]
) -> Iterator[str]:
    yield from (f"{sum(map(count, rows)):,}" for count in counts)
    yield f"{sum(row.energy_aJ for row in rows) / 1e6:.4f}"


def _summary(result: Result) -> str:
    stats = result.stats
    in_system, longest = stats.time_in_system.value, stats.time_in_system_max.value
    figures = {
        "latency": f"{render(stats.latency.value, 'ps')} "
        f"({stats.cycles_per_image.value:,g} cycles)",
        "energy_per_image": render(stats.energy_per_image.value, "aJ"),
        "time_in_system": f"{render(in_system, 'ps')} from arrival, "
        f"{render(longest, 'ps')} at most",
        "throughput": f"{render(stats.throughput.value, 'images/s')}, fill and drain included",
        "initiation_interval": _interval(stats.initiation_interval),
    }
    if stats.load is not None or result.skipped:
        figures["fast-forward"] = _fast_forward(result)
    return "".join(f"{heading(name):<19}  {text}\n" for name, text in figures.items())


def _fast_forward(result: Result) -> str:
    """Say how many images were not run event by event, or why all were."""
    images = int(result.stats.images.value)
    if not result.skipped:
        return f"none, event by event: {result.not_skipped}"
    return f"{result.skipped:,} of {images:,} images repeat others, and were skipped: exact"


def _interval(interval: Figure | None) -> str:
    if interval is None:
        return NO_INTERVAL
    return f"{render(interval.value, 'ps')}, the steady state"


def _energy(title: str, of: str, energies: dict[str, int], result: Result) -> Table:
    table = new_table(title, left=(of,), right=("pJ", "share"))
    images = int(result.stats.images.value)
    total = result.ledger.total_aJ
    for name, energy in energies.items():
        share = 100 * energy / total if total else 0.0
        table.add_row(name, f"{energy / images / 1e6:.3f}", f"{share:.1f} %")
    table.columns[0].footer = "total"
    table.columns[1].footer = f"{total / images / 1e6:.3f}"
    table.show_footer = True
    return table


def _blocks(result: Result) -> dict[str, int]:
    return dict(sorted(result.ledger.block_aJ.items(), key=lambda item: -item[1]))


def _layers(result: Result) -> dict[str, int]:
    layers = dict(result.ledger.layer_aJ)
    standby = layers.pop("standby", 0)
    return layers | {"standby": standby}


def _published(result: Result, published: Iterable[Published]) -> Table:
    table = new_table(
        "Against the published figures",
        left=("figure", "published", "this run", "rests on", "source"),
    )
    for figure in published:
        unit = "ps" if figure.figure == "latency" else "aJ"
        value = getattr(result.stats, figure.figure).value
        table.add_row(
            label(figure.figure),
            f"{figure.relation} {figure.text}",
            render(value, unit),
            _timing_kinds(result, figure) if unit == "ps" else _energy_kinds(result),
            figure.source,
        )
    return table


def _timing_kinds(result: Result, figure: Published) -> str:
    """Return the kinds of clock and cycles, and which was chosen in view of the figure."""
    constants = constants_of(result.machine)
    keys = {
        "clock": "clock",
        "read cycles": "timing.read_cycles",
        "write cycles": "timing.write_cycles",
    }
    chosen = {
        key: f", in view of {figure.text}"
        for key in keys.values()
        if f"{PUBLISHED}{figure.id}" in constants[key].aims
    }
    return ", ".join(
        f"{name} ({kind_with_weakest(constants, key)}{chosen.get(key, '')})"
        for name, key in keys.items()
    )


def _energy_kinds(result: Result) -> str:
    """Return the share of the energy that rests on prices of each kind."""
    shares = energy_shares(result).items()
    return ", ".join(f"{100 * share:.1f} % {kind}" for kind, share in shares)


def _print_digits(
    console: Console, result: Result, values: Values | None, no_values: str, whose: str
) -> None:
    if values is None:
        console.print(f"{whose}No values: {no_values}; schedule and energy only.")
        return
    if values.predicted is None:
        console.print(f"{whose}No classes: the network has no fully-connected layer at its end.")
        return
    console.print(_digits(values, whose))
    if values.accuracy is not None:
        console.print(
            f"{whose}Accuracy: {values.correct} of {len(values.images)} "
            f"({100 * values.accuracy:.2f} %), {result.cells}, "
            "fully-connected layer outside",
            markup=False,
        )
        console.print(_mistakes(values))


def _digits(values: Values, whose: str) -> Table:
    assert values.predicted is not None  # noqa: S101 - for the type checker; the caller looked
    shown = min(_SHOWN_DIGITS, len(values.images))
    table = new_table(
        f"{whose}Digits (the first {shown})" if shown < len(values.images) else f"{whose}Digits",
        left=("image",),
        right=[str(number) for number in values.images[:shown]],
    )
    for column in table.columns[1:]:
        column.min_width = 1
    table.padding = (0, 0, 0, 0)
    if values.labels is not None:
        table.add_row("label", *(str(label) for label in values.labels[:shown]))
    cells = [Text("predicted")]
    for place in range(shown):
        wrong = values.labels is not None and values.labels[place] != values.predicted[place]
        cells.append(Text(str(values.predicted[place]), style="bold red" if wrong else ""))
    table.add_row(*cells)
    return table


def _mistakes(values: Values) -> str:
    assert values.predicted is not None  # noqa: S101
    assert values.labels is not None  # noqa: S101
    wrong = (values.predicted != values.labels).nonzero()[0]
    if not len(wrong):
        return ""
    listed = "; ".join(
        f"image {values.images[place]}: {values.labels[place]} as {values.predicted[place]}"
        for place in wrong[:_SHOWN_WRONG]
    )
    more = f"; and {len(wrong) - _SHOWN_WRONG} more" if len(wrong) > _SHOWN_WRONG else ""
    return f"Wrong: {listed}{more}\n"
