"""What a scope, and maps in the SRAM, need of a machine file, and what they cannot have beside."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from accelsim.config.digital import CLASSIFICATION, SRAM
from accelsim.config.faults import POWER_FAILURE
from accelsim.config.power import ALWAYS_ON
from accelsim.documents.constants import problem

if TYPE_CHECKING:
    from accelsim.config.schema import Machine


def wrong_parts(machine: "Machine") -> Iterator[PydanticCustomError]:
    """Give what is missing, and what does not go together."""
    yield from _missing(machine)
    maps = machine.maps
    if maps is None:
        return
    if maps.digital_ops and maps.memory != SRAM:
        yield problem(
            f"got '{maps.digital}' with maps.memory {maps.memory}; expected maps.memory {SRAM}: "
            "the digital engine works on codes in the SRAM",
            "maps",
            "digital",
        )
    if maps.memory == SRAM:
        yield from _beside_sram(machine)


def _missing(machine: "Machine") -> Iterator[PydanticCustomError]:
    maps, why = machine.maps, ""
    if machine.scope == CLASSIFICATION:
        why = "scope is classification"
    elif maps is not None and (maps.memory == SRAM or maps.digital_ops):
        why = "maps.memory is sram"
    for key in ("converters", "digital") if why else ():
        if getattr(machine, key) is None:
            shown = "configs/mixed_signal.yaml shows one"
            yield problem(f"missing section '{key}'; {why} ({shown})", key)


def _beside_sram(machine: "Machine") -> Iterator[PydanticCustomError]:
    if machine.converters is not None and not machine.converters.dac:
        yield problem("missing section 'dac'; maps.memory is sram", "converters", "dac")
    if machine.spill is not None:
        yield problem(
            "maps.memory is sram; expected no such section: maps that find no plane go to the SRAM",
            "host",
            "spill",
        )
    if machine.power is not None and machine.power.policy != ALWAYS_ON:
        yield problem(
            f"got {machine.power.policy} with maps.memory sram; expected {ALWAYS_ON}: what the "
            "SRAM and the digital engine cost and lose in a power state is not modelled",
            "power",
            "policy",
        )
    if machine.faults is not None and machine.faults.has(POWER_FAILURE):
        number = [fault.kind for fault in machine.faults.events].index(POWER_FAILURE)
        yield problem(
            "got 'power_failure' with maps.memory sram; expected another: what the SRAM loses "
            "without a supply is not modelled",
            "faults",
            "events",
            number,
            "kind",
        )
