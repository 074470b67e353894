"""Printed tables of a characterization and of a sweep."""

from collections.abc import Iterable

from rich.table import Table

from accelsim.cli.tables import new_table
from accelsim.device.characterize import ChargeResult, IrmenResult, settling_bits
from accelsim.device.result import NOISE_TIMES, figures_of
from accelsim.device.settling import BITS
from accelsim.device.sweep import COLUMNS, Point

Result = IrmenResult | ChargeResult


def tables(name: str, result: Result) -> Iterable[Table]:
    """Return the tables of a characterization: figures, settling, noise, timing."""
    yield _figures(f"{name}: the cell", figures_of(result))
    if isinstance(result, IrmenResult):
        yield _settling(result)
        yield _noise(result)
    else:
        yield _charge_settling(result)
    yield _timing(result)


def _new(title: str, first: str, *others: str) -> Table:
    table = new_table(title, left=(first,), right=others)
    for column in table.columns:
        column.no_wrap = False
    return table


def _figures(title: str, figures: dict[str, object]) -> Table:
    table = _new(title, "figure", "value", "unit")
    table.columns[2].justify = "left"
    for key, entry in figures.items():
        if isinstance(entry, dict):
            table.add_row(key.replace("_", " "), f"{entry['value']:g}", str(entry["unit"]))
    return table


def _settling(result: IrmenResult) -> Table:
    table = _new(
        "Settling to half a step, ns",
        "bits", "charging (read)", "full swing (write)", "any step", "which", "whole, any step",
    )  # fmt: skip
    charging = {bits: read for bits, read, _ in settling_bits(result)}
    for bits in BITS:
        old, new = result.settling.worst_step[bits - 1]
        table.add_row(
            str(bits),
            f"{charging[bits] / 1e3:.3f}",
            f"{result.settling.at(bits) * 1e9:.3f}",
            f"{result.settling.worst[bits - 1] * 1e9:.3f}",
            f"{old:+.2f} to {new:+.2f}",
            f"{result.sequence.worst[bits - 1] * 1e9:.3f}",
            style="bold" if bits == result.timing.precision else "",
        )
    return table


def _noise(result: IrmenResult) -> Table:
    noise = result.noise
    chosen = (0, len(noise.levels) // 2, len(noise.levels) - 1)
    table = _new(
        f"Read-out noise after the RC, of full scale (+-{100 * noise.error:.1f} %)",
        "read time, ns", "signal", *(f"level {noise.levels[row]:.2g}" for row in chosen), "rms",
    )  # fmt: skip
    for time in NOISE_TIMES:
        index = int(abs(noise.times - time).argmin())
        table.add_row(
            f"{time * 1e9:g}",
            f"{noise.signal[index]:.3f}",
            *(f"{noise.sigma[row, index]:.4f}" for row in chosen),
            f"{noise.rms(time):.4f}",
        )
    return table


def _charge_settling(result: ChargeResult) -> Table:
    table = _new("Settling to half a step, ns", "bits", "cell (read)", "memory (write)")
    for bits, read, write in settling_bits(result):
        bold = "bold" if bits == result.timing.precision else ""
        table.add_row(str(bits), f"{read / 1e3:.3f}", f"{write / 1e3:.3f}", style=bold)
    return table


def _timing(result: Result) -> Table:
    timing = result.timing
    title = f"At {timing.precision} bits, {timing.period_ps} ps a cycle"
    table = _new(title, "phase", "needs, ps", "cycles")
    table.add_row("read", str(timing.read_ps), str(timing.read_cycles))
    table.add_row("write", str(timing.write_ps), str(timing.write_cycles))
    return table


def sweep_table(points: list[Point]) -> Table:
    """Return the table of a sweep over volumes."""
    table = _new("Size and stability", *(name.replace("_", " ") for name, _ in COLUMNS))
    for point in points:
        table.add_row(*(f"{value(point):.4g}" for _, value in COLUMNS))
    return table
