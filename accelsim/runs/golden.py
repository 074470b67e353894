"""Golden traces: CSV files that a run is held to, and that say what they were made from.

The header of a golden trace has lines such as

    # machine: irmen
    # set: timing.write_cycles=3
    # network: mnist

A machine or network is the name of one that ships, or a path from the folder of the golden
trace. With them a golden trace is replayed without knowing anything else.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from accelsim.compiler import compile_network
from accelsim.config import load_machine
from accelsim.config.machine import Override, parse_changes
from accelsim.errors import InputError
from accelsim.network import load_network
from accelsim.resources import display, names
from accelsim.runs.arrivals import recover_arrivals
from accelsim.runs.machines import as_shipped
from accelsim.runs.sources import NamedTrace
from accelsim.simulation import execute
from accelsim.trace import TraceFile, read_csv, write_csv
from accelsim.trace.diff import TraceDiff, diff_traces
from accelsim.version import __version__

UNKNOWN = "unknown"
_KEYS = ("machine", "set", "network")


@dataclass(frozen=True)
class Provenance:
    """What the header of a golden trace says of machine and network; "" where it does not."""

    machine: str = ""
    changes: tuple[str, ...] = ()
    network: str = ""


def read_provenance(lines: Iterable[str]) -> Provenance:
    """Return what header lines say."""
    found: dict[str, list[str]] = {key: [] for key in _KEYS}
    for line in lines:
        key, colon, value = line.partition(":")
        if colon and key in found and value.strip() != UNKNOWN:
            found[key].append(value.strip())
    machine, network = ("".join(found[key][:1]) for key in ("machine", "network"))
    return Provenance(machine, tuple(found["set"]), network)


def write_golden(
    path: Path, source: NamedTrace, notes: Iterable[str] = (), machine: str = ""
) -> None:
    """Write a trace as a golden trace, whole or not at all.

    machine: its file as the header is to name it; without, one that ships with changes. notes:
    lines for the header, below those that say where the trace comes from. Raises InputError for a
    run of tenants, and if the file cannot be written.
    """
    if source.run is not None and not source.run.tenancy.is_alone:
        names = ", ".join(source.run.tenancy.names)
        raise InputError(f"{source.name}: has tenants ({names}); a golden trace is of one network")
    lines = [f"Golden trace, made by accelsim {__version__}.", *_header(path, source, machine)]
    lines += ["Times in integer ps, energy in integer aJ; columns: accelsim.trace.SCHEMA.", *notes]
    trace = source.trace if source.run is None else source.run.trace
    write_csv(path, trace.batches(), lines)


def replay_golden(
    path: Path,
    machine: str | None = None,
    workload: str | None = None,
    changes: Mapping[str, Override] | None = None,
) -> TraceDiff:
    """Run what a golden trace was made from, for its images as they arrived, and compare.

    machine, workload: in place of what the header names. changes: of the machine, on top.
    The golden trace is `a` of the comparison. Raises InputError if neither says what to run.
    """
    table, lines = read_csv(path)
    trace, header = TraceFile.of(table, display(path), checked=True), read_provenance(lines)
    with _blaming(path, blamed=machine is None):
        made_on = parse_changes(list(header.changes)) if machine is None else {}
        design = load_machine(
            machine or _place(path, header.machine, "machine", "configs"),
            made_on | dict(changes or {}),
        )
    with _blaming(path, blamed=workload is None):
        network = load_network(workload or _place(path, header.network, "network", "workloads"))
    program = compile_network(network, design)
    execution = execute(design, program, recover_arrivals(trace))
    return diff_traces(trace, TraceFile.of(execution.read_trace(), "the replay"))


@contextmanager
def _blaming(path: Path, *, blamed: bool) -> Iterator[None]:
    """Let errors of what a header says name the file that it is in."""
    try:
        yield
    except InputError as error:
        name = display(path)
        if not blamed or str(error).startswith(name):
            raise
        raise InputError(f"{name}: its header: {error}") from None


def _header(path: Path, source: NamedTrace, machine: str) -> list[str]:
    lines = []
    made_of = None if machine or source.machine is None else as_shipped(source.machine)
    if made_of is None:
        lines.append(f"machine: {machine or UNKNOWN}")
    else:
        lines.append(f"machine: {made_of[0]}")
        lines += [f"set: {key}={value}" for key, value in made_of[1].items()]
    place = {} if source.network is None else source.network(path.parent)
    lines.append(f"network: {place.get('shipped') or place.get('path') or UNKNOWN}")
    return lines


def _place(path: Path, named: str, what: str, folder: str) -> str | Path:
    """Return a machine or network that a header names: one that ships, or a path from there."""
    if not named:
        option = "--machine" if what == "machine" else "--workload"
        raise InputError(
            f"{display(path)}: its header names no {what} (a line '# {what}: NAME or FILE'); "
            f"give {option}"
        )
    return named if named in names(folder) else path.parent / named
