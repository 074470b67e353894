"""What the files of the program hold, and what each part of it means, from the code."""

import dataclasses
from collections.abc import Callable, Iterator

from pydantic import BaseModel

from accelsim import errors
from accelsim.analysis import stats
from accelsim.compiler.instruction import Bias, Instruction, Kernel, Operand, Program
from accelsim.config.device import DeviceFile
from accelsim.config.schema import machine_schema
from accelsim.documents.keys import keys_of
from accelsim.energy import Ledger
from accelsim.network.schema import NetworkFile
from accelsim.network.tenants import TenantsFile
from accelsim.quantities import QUANTITIES
from accelsim.records.columns import KIND_MEANINGS
from accelsim.records.reasons import REASON_MEANINGS
from accelsim.runs.directory import Hashed, Partial, Recorded, RecordedTenant
from accelsim.runs.kept import KeptTrace
from accelsim.trace import schema as trace
from docs.generate.tables import listed, said_of

MACHINES = ("irmen", "charge")
SCHEMAS: dict[str, type[BaseModel]] = {
    "network": NetworkFile,
    "tenants": TenantsFile,
    "device": DeviceFile,
    **{name: machine_schema(name) for name in MACHINES},
}
_OF_PROGRAM = {
    "": Program,
    "instructions[].": Instruction,
    "instructions[].operands[].": Operand,
    "instructions[].operands[].kernel.": Kernel,
    "instructions[].bias.": Bias,
}
OF_LOAD = (
    "warm_up",
    "time_in_system_mean",
    "time_in_system_half_width",
    "wait_mean",
    "time_in_system_p50",
    "time_in_system_p95",
    "time_in_system_p99",
    "time_in_system_max",
    "images_in_system",
    "queue_length",
    "queue_length_max",
    "arrival_rate",
    "power",
    "deadlines",
    "deadline_misses",
)
_OF_MANIFEST = {
    "": Recorded,
    "tenants[].": RecordedTenant,
    "files.FILE.": Hashed,
    "trace.": KeptTrace,
    "partial.": Partial,
}
_OF_STATS: dict[str, Callable[..., object]] = {
    "power": stats.power_figures,
    "faults": stats.fault_figures,
}


def undescribed() -> list[str]:
    """Return what the reference has no meaning for, each with where it is."""
    parts = {
        "trace": trace_columns(),
        "kinds": KIND_MEANINGS,
        "reasons": REASON_MEANINGS,
        "manifest.json": manifest_keys(),
        "stats.json": figures(),
        "ledger.csv": ledger_columns(),
        "program.json": program_keys(),
        "exit codes": exit_codes(),
    }
    for name, schema in SCHEMAS.items():
        parts[name] = {key.key: key.meaning for key in keys_of(schema)}
    return [f"{where}: {name}" for where, part in parts.items() for name in part if not part[name]]


def trace_columns() -> dict[str, str]:
    """Return the meaning of each column of a trace."""
    found = listed(trace.__doc__ or "", "Columns")
    # Beside a name its type comes first.
    return {name: found.get(name, "").partition(" ")[2].strip() for name in trace.SCHEMA.names}


def exit_codes() -> dict[str, str]:
    """Return the meaning of each exit code of the command."""
    return listed(errors.__doc__ or "", "Exit codes")


def ledger_columns() -> dict[str, str]:
    """Return the meaning of each column of ledger.csv."""
    return listed(Ledger.csv.__doc__ or "", "Columns")


def figures() -> dict[str, str]:
    """Return the meaning of each figure of stats.json."""
    return dict(_figures())


def _figures() -> Iterator[tuple[str, str]]:
    """Give those of every run, then those of a stream, of power states and of faults."""
    for above, schema in (("", stats.Stats), ("energy.", stats.Energy)):
        said = said_of(schema)
        for field in dataclasses.fields(schema):
            own = QUANTITIES.get(field.name) if not above else None
            yield f"{above}{field.name}", own.meaning if own else said.get(field.name, "")
    for name in OF_LOAD:
        yield f"load.{name}", QUANTITIES[name].meaning
    for above, make in _OF_STATS.items():
        for name, meaning in listed(make.__doc__ or "", "Figures").items():
            yield f"{above}.{name}", meaning


def manifest_keys() -> dict[str, str]:
    """Return the meaning of each key of manifest.json."""
    return {
        f"{above}{name}": said_of(part).get(name, "")
        for above, part in _OF_MANIFEST.items()
        for name in part.model_fields
    }


def program_keys() -> dict[str, str]:
    """Return the meaning of each key of program.json."""
    return {
        f"{above}{field.name}": said_of(part).get(field.name, "")
        for above, part in _OF_PROGRAM.items()
        for field in dataclasses.fields(part)
    }
