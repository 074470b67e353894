"""What `accelsim run` prints of tenants: the figures of each beside those of all."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.table import Table

from accelsim.analysis import Figure, ScheduleRow, Stats
from accelsim.cli.load_report import load_text
from accelsim.cli.tables import new_table
from accelsim.config.sections import FAIR, PRIORITY
from accelsim.energy import STANDBY
from accelsim.quantities import label
from accelsim.simulation import Result, TenantResult
from accelsim.units import render
from accelsim.values import Values

_SAID = {
    PRIORITY: "the highest priority first; a lower one may starve, as 'overtaken' shows",
    FAIR: "tenants in turn; priorities are not used",
}
_ALL = "all"
_LOAD = (
    "time_in_system_p50", "time_in_system_p95", "time_in_system_p99", "time_in_system_max",
    "queue_length",
)  # fmt: skip


def workload_of(result: Result) -> str:
    """Return what runs: 'mnist', or 'cam=mnist, mic=fashion'."""
    named = [f"{each.tenant.name}={each.tenant.network.name}" for each in result.tenants]
    return ", ".join(named) or result.network.name


def schedules_of(result: Result) -> Iterator[tuple[str, Sequence[ScheduleRow]]]:
    """Give title and steps of the first image, of each tenant that has one."""
    if not result.tenants:
        yield f"Schedule of image {result.times.first_image}", result.schedule
    for each in result.tenants:
        if each.times is not None:
            yield f"Schedule of image {each.times.first_image}, {each.tenant.name}", each.schedule


def values_of(result: Result) -> Iterator[tuple[Values | None, str, str]]:
    """Give values, or why there are none, and whose they are: of each tenant that has images."""
    if not result.tenants:
        yield result.values, result.no_values, ""
    for each in result.tenants:
        if each.times is not None:
            yield each.values, each.no_values, f"{each.tenant.name}: "


def arbitration_line(result: Result) -> str:
    """Say who goes first."""
    policy = result.machine.sequencer.policy
    said = _SAID.get(policy, "whoever came first; priorities are not used")
    return f"Arbitration: {policy} ({said})"


def tenants_table(result: Result) -> Table:
    """Return the figures of each tenant, and of all."""
    names = [each.tenant.name for each in result.tenants]
    table = new_table("Tenants", left=("figure",), right=(*names, _ALL))
    for name, cells in _rows(result):
        table.add_row(name, *cells)
    return table


def _rows(result: Result) -> Iterable[tuple[str, list[str]]]:
    tenants = result.tenants
    shares = [each.stats for each in tenants]

    def row(name: str, text: Callable[[Stats], str]) -> tuple[str, list[str]]:
        parts = ["-" if stats is None else text(stats) for stats in shares]
        return name, [*parts, text(result.stats)]

    contexts = str(result.machine.sequencer.contexts.value)
    yield "network", [*(each.tenant.network.name for each in tenants), ""]
    yield "contexts", [*(str(each.tenant.contexts or "shared") for each in tenants), contexts]
    if any(each.tenant.priority is not None for each in tenants):
        yield "priority", [*(_or_dash(each.tenant.priority) for each in tenants), ""]
    yield row("images", lambda stats: f"{stats.images.value:,}")
    yield row(label("latency"), lambda stats: render(stats.latency.value, "ps"))
    yield row(label("time_in_system"), lambda stats: render(stats.time_in_system.value, "ps"))
    if result.stats.load is not None:
        for key in _LOAD:
            yield row(label(key), lambda stats, key=key: _loaded(stats, key))  # type: ignore[misc]
        yield row(label("deadline_misses"), _missed)
        yield label("overtaken"), [*(_overtaken(each) for each in shares), ""]
    yield row(label("throughput"), lambda stats: render(stats.throughput.value, "images/s"))
    yield row(label("energy_per_image"), lambda stats: render(stats.energy_per_image.value, "aJ"))
    energies = result.ledger.tenant_aJ
    yield (
        label("energy"),
        [
            *(render(energies[each.tenant.name], "aJ") for each in tenants),
            render(result.ledger.total_aJ, "aJ"),
        ],
    )
    yield "  of it standby", [*("" for _ in tenants), render(energies[STANDBY], "aJ")]
    yield label("accuracy"), [*(_accuracy(each) for each in tenants), ""]


def _or_dash(number: int | None) -> str:
    return "-" if number is None else str(number)


def _loaded(stats: Stats, key: str) -> str:
    return load_text((stats.load or {}).get(key))


def _missed(stats: Stats) -> str:
    load = stats.load or {}
    if "deadlines" not in load:
        return "-"
    return f"{load['deadline_misses'].value:,} of {load['deadlines'].value:,}"


def _overtaken(stats: Stats | None) -> str:
    load: dict[str, Figure] = (stats.load if stats is not None else None) or {}
    if "overtaken" not in load:
        return "-"
    most = load["overtaken_max"].value
    return f"{load['overtaken'].value:,}" + (f", by up to {most:,}" if most else "")


def _accuracy(tenant: TenantResult) -> str:
    values = tenant.values
    return "-" if values is None or values.accuracy is None else f"{100 * values.accuracy:.2f} %"
