"""What the files of the program hold, and what each part of it means, from the code."""

import dataclasses
from collections.abc import Callable, Iterator

from pydantic import BaseModel

from accelsim import errors
from accelsim.analysis import stats
from accelsim.compiler.instruction import Bias, Instruction, Kernel, Operand, Program
from accelsim.config.device import DeviceFile
from accelsim.config.schema import machine_schema
from accelsim.energy import Ledger
from accelsim.network.schema import NetworkFile
from accelsim.records import KINDS, columns, reasons
from accelsim.runs.directory import Recorded
from accelsim.trace import schema as trace
from docs.generate.schemas import keys_of, said_of
from docs.generate.tables import listed

MACHINES = ("irmen", "charge")
SCHEMAS: dict[str, type[BaseModel]] = {
    "network": NetworkFile,
    "device": DeviceFile,
    "manifest": Recorded,
    **{name: machine_schema(name) for name in MACHINES},
}
_OF_PROGRAM = {
    "": Program,
    "instructions[].": Instruction,
    "instructions[].operands[].": Operand,
    "instructions[].operands[].kernel.": Kernel,
    "instructions[].bias.": Bias,
}
_OF_STATS: dict[str, Callable[..., object]] = {
    "load": stats.load_figures,
    "power": stats.power_figures,
    "faults": stats.fault_figures,
}


def undescribed() -> list[str]:
    """Return what the reference has no meaning for, each with where it is."""
    parts = {
        "trace": trace_columns(),
        "kinds": kinds(),
        "reasons": why(),
        "stats.json": figures(),
        "ledger.csv": ledger_columns(),
        "program.json": program_keys(),
        "exit codes": exit_codes(),
    }
    for name, schema in SCHEMAS.items():
        parts[name] = {key.name: key.meaning for key in keys_of(schema)}
    return [f"{where}: {name}" for where, part in parts.items() for name in part if not part[name]]


def trace_columns() -> dict[str, str]:
    """Return the meaning of each column of a trace."""
    found = listed(trace.__doc__ or "", "Columns")
    # Beside a name its type comes first.
    return {name: found.get(name, "").partition(" ")[2].strip() for name in trace.SCHEMA.names}


def kinds() -> dict[str, str]:
    """Return the meaning of each kind of record."""
    found = listed(columns.__doc__ or "", "Kinds")
    return {name: found.get(name, "") for name in KINDS}


def why() -> dict[str, str]:
    """Return the meaning of each reason."""
    found = listed(reasons.__doc__ or "", "Reasons")
    return {name: found.get(name, "") for name in reasons.REASONS}


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
    for above, schema in (("", stats.Stats), ("energy.", stats.Energy)):
        found = listed(schema.__doc__ or "", "Attributes")
        for field in dataclasses.fields(schema):
            yield f"{above}{field.name}", found.get(field.name, "")
    for above, make in _OF_STATS.items():
        for name, meaning in listed(make.__doc__ or "", "Figures").items():
            yield f"{above}.{name}", meaning


def program_keys() -> dict[str, str]:
    """Return the meaning of each key of program.json."""
    return {
        f"{above}{field.name}": said_of(part).get(field.name, "")
        for above, part in _OF_PROGRAM.items()
        for field in dataclasses.fields(part)
    }
