"""The device file: what a characterization derived, as a machine file takes it over.

`accelsim device characterize --output FILE` writes one; `device: FILE` in a machine file
(relative to it) or `--set device=FILE` names it. The machine's `timing` then is what the
physics needs at the machine's own clock, its `noise` and `cell` are the file's, and a key of
these on the command line still wins. `timing.needs: FILE` takes over the times alone: the cycles
stay, and are held against them.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from accelsim.config.response import ResponseSection
from accelsim.device.technologies import TECHNOLOGIES
from accelsim.device.technology import cycles
from accelsim.documents.constants import (
    FROM,
    Constant,
    Duration,
    Period,
    Range,
    Real,
    counted,
    one_of,
    real,
)
from accelsim.documents.document import Document, Location, dotted, read_document
from accelsim.documents.plain import mapping
from accelsim.documents.validation import Strict, says, validate
from accelsim.errors import InputError
from accelsim.files import is_file, sha256
from accelsim.resources import display, find, find_beside
from accelsim.units import UnitError, parse_period
from accelsim.wording import is_change

WHAT = "device file"
Share = Annotated[Real, real("of full scale", "0.02 of full scale", Range(zero=True))]


class Noise(Strict):
    """What a value suffers in a step. Standard deviations in units of the full scale (m = 1)."""

    readout_ktc: Annotated[Share, says("kT/C of the read-out node: standard deviation.")]
    write: Annotated[Share, says("kT/C of a write: standard deviation.")]
    shot: Annotated[
        Share | None, says("Shot noise of a read: standard deviation; without it, none.")
    ] = None
    read: Annotated[
        Share | None,
        says(
            "Noise of a read from the motion of the cell: standard deviation. A cell with a "
            "response has it by level."
        ),
    ] = None
    settling: Annotated[
        Duration | None,
        says(
            "Time constant of the approach to a new value. A cell with a response has it by level."
        ),
    ] = None


class DeviceTiming(Strict):
    """What the two phases need: times, and cycles of them at `clock`."""

    read_time: Annotated[Duration, says("Time that a read phase needs.")]
    write_time: Annotated[Duration, says("Time that a write phase needs.")]
    read_cycles: Annotated[
        Constant, counted("cycles"), says("Cycles of the read time at the clock of the file.")
    ]
    write_cycles: Annotated[
        Constant, counted("cycles"), says("Cycles of the write time at the clock of the file.")
    ]


class Origin(Strict):
    """Where the file comes from: what wrote it, from what, with which numerical choices."""

    program: Annotated[str, says("What wrote the file.")]
    machine: Annotated[str, says("Machine whose cell it is.")]
    seed: Annotated[int, says("Seed of the simulation.")]
    time_step: Annotated[Real, real("s", "1 ps"), says("Time step of the simulation.")]
    samples: Annotated[int, says("Cells simulated for each figure of noise.")]


class DeviceFile(Strict):
    """A device file, checked."""

    device: Annotated[str, says("Name of the cell.")]
    technology: Annotated[str, one_of(lambda: TECHNOLOGIES), says("Technology of the cell.")]
    origin: Annotated[Origin, says("Where the file comes from.")]
    clock: Annotated[Period, says("Clock at which cycles are told.")]
    precision: Annotated[
        Constant, counted("bits", most=8), says("Bits to which a value is settled.")
    ]
    timing: Annotated[DeviceTiming, says("What the two phases need.")]
    noise: Annotated[Noise, says("What a value suffers in a step.")]
    response: Annotated[
        ResponseSection | None, says("What a read sees of a written value, by level.")
    ] = None
    figures: Annotated[
        dict[str, object], says("Figures for readers, each {value, unit} or a list of them.")
    ] = Field(default_factory=dict)
    cell: Annotated[dict[str, object], says("Constants of the cell.")]


_CYCLES = ("read_cycles", "write_cycles")
TIMES = ("read_time", "write_time")
"""Keys of `timing` for the times that the two phases need."""
NEEDS, EVERYTHING = "needs", "timing, noise, cell"
"""What a machine takes over: the times alone, or all that the file derives."""


@dataclass(frozen=True)
class FoundDevice:
    """A device file that a machine names. name: of the file, without its folder."""

    name: str
    sha256: str
    device: DeviceFile


def apply_device(document: Document, name: object) -> FoundDevice:
    """Put what a device file says into a machine's document, in place of the key `device`.

    timing: what the phases need at the document's clock. noise, cell: as the file has them.

    Raises InputError if the file is not a device file, or of another technology.
    """
    place = document.where(("device",))
    found = read_device(document, ("device",), name)
    document.data["noise"] = found.device.noise
    _take_response(document, found)
    document.data["cell"] = deepcopy(found.device.cell)
    for key in ("noise", "response", "cell"):
        document.stands_at((key,), place)
    timing = document.data.setdefault("timing", {})
    period_ps = _period_ps(document)
    if period_ps is None or not isinstance(timing, dict):
        return found  # the schema says what is wrong with clock or timing
    had = [_count(timing.get(key)) for key in _CYCLES]
    for key, phase in zip(_CYCLES, TIMES, strict=True):
        needed: Constant = getattr(found.device.timing, phase)
        timing[key] = {
            "value": cycles(needed.value, period_ps),
            "unit": "cycles",
            "kind": "derived",
            "source": f"{found.name}: {phase} {needed.text}, in cycles of {period_ps} ps",
            FROM: [f"timing.{phase}", "clock"],
        }
        document.stands_at(("timing", key), place)
        document.stands_at(("timing", phase), place)
        timing.pop(phase, None)
    instead = {"instead_of": " and ".join(had)} if all(had) else {}
    _take_times(document, found, EVERYTHING, instead)
    del document.data["device"]
    return found


def apply_needs(document: Document) -> FoundDevice | None:
    """Put the times of the device file that `timing.needs` names into a machine's document.

    They are what the cycles are held against; times that the document has already win. None if
    it names no file. Raises InputError as `apply_device` does.
    """
    timing = document.data.get("timing")
    name = timing.get("needs") if isinstance(timing, dict) else None
    technology = document.data.get("technology")
    if name is None or not isinstance(technology, str) or technology not in TECHNOLOGIES:
        return None  # the schema says what is wrong with the technology
    found = read_device(document, ("timing", "needs"), name)
    _take_times(document, found, NEEDS)
    if document.data.get("response") is None:
        _take_response(document, found)
    return found


def _take_response(document: Document, found: FoundDevice) -> None:
    document.data.pop("response", None)
    if found.device.response is not None:
        document.data["response"] = found.device.response


def _count(raw: object) -> str:
    """Return a count of a document as text, "" for what is none."""
    value = raw.get("value") if isinstance(raw, dict) else raw
    return str(value) if isinstance(value, int) else ""


def _take_times(
    document: Document, found: FoundDevice, gives: str, more: Mapping[str, str] = {}
) -> None:
    timing = document.data["timing"]
    assert isinstance(timing, dict)  # noqa: S101 - for the type checker; callers looked
    timing.pop("needs", None)
    for key in TIMES:
        needed: Constant = getattr(found.device.timing, key)
        source = f"{found.name}: {needed.source}"
        timing.setdefault(key, mapping(needed) | {"source": source})
    origin = {"name": found.name, "sha256": found.sha256, "gives": gives, **more}
    document.data["device_file"] = origin


def read_device(document: Document, location: Location, name: object) -> FoundDevice:
    """Return the device file that a machine's document names at a location.

    Raises InputError if the file is not a device file, or of another technology.
    """
    place, key = document.where(location), dotted(location)
    if not isinstance(name, str) or not name:
        raise InputError(f"{place}: {key}: got {name!r}; expected the name of a device file")
    try:
        path = _found(name, None if is_change(place) else document.folder(location))
        digest = sha256(path)
    except InputError as error:
        raise InputError(f"{place}: {key}: {error}") from None
    device = _read(path, digest)
    technology = document.data.get("technology")
    if technology != device.technology:
        raise InputError(
            f"{place}: {key}: {display(path)} describes a cell of technology "
            f"'{device.technology}', and the machine is '{technology}'"
        )
    return FoundDevice(path.name, digest, device)


def _found(name: str, folder: Path | None) -> Path:
    """Return the device file of a name in a file of some folder; None: on the command line."""
    if folder is not None:
        return find_beside(name, folder, "configs/devices", WHAT)
    return Path(name) if is_file(Path(name)) else find(name, "configs/devices", WHAT)


@lru_cache(maxsize=64)
def _read(path: Path, digest: str) -> DeviceFile:  # noqa: ARG001 - another content, another entry
    return validate(DeviceFile, read_document(path))


def _period_ps(document: Document) -> int | None:
    clock = document.data.get("clock")
    fields = clock if isinstance(clock, dict) else {"value": clock}
    unit = fields.get("unit")
    text = f"{fields.get('value')} {unit}" if unit is not None else str(fields.get("value"))
    try:
        return parse_period(text)
    except UnitError:
        return None
