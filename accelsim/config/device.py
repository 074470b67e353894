"""The device file: what a characterization derived, as a machine file takes it over.

`accelsim device characterize --output FILE` writes one; `device: FILE` in a machine file
(relative to it) or `--set device=FILE` names it. The machine's `timing` then is what the
physics needs at the machine's own clock, and a `timing` key on the command line still wins.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from accelsim.device.technologies import TECHNOLOGIES
from accelsim.device.technology import cycles
from accelsim.documents.constants import (
    Constant,
    Duration,
    Period,
    Range,
    Real,
    counted,
    one_of,
    real,
)
from accelsim.documents.document import Document, read_document
from accelsim.documents.validation import Strict, validate
from accelsim.errors import InputError
from accelsim.resources import find
from accelsim.units import UnitError, parse_period

WHAT = "device file"
Share = Annotated[Real, real("of full scale", "0.02 of full scale", Range(zero=True))]


class Noise(Strict):
    """What a value suffers in a step. Standard deviations in units of the full scale (m = 1).

    read: of a read-out value, from the magnet's motion. readout_ktc: kT/C of the read-out
    node. write: kT/C of a write. settling: time constant of the approach to a new value.
    """

    read: Share
    readout_ktc: Share
    write: Share
    settling: Duration


class DeviceTiming(Strict):
    """What the two phases need: times, and cycles of them at `clock`."""

    read_time: Duration
    write_time: Duration
    read_cycles: Annotated[Constant, counted("cycles")]
    write_cycles: Annotated[Constant, counted("cycles")]


class Origin(Strict):
    """Where the file comes from: what wrote it, from what, with which numerical choices."""

    program: str
    machine: str
    seed: int
    time_step: Annotated[Real, real("s", "1 ps")]
    samples: int


class DeviceFile(Strict):
    """A device file, checked. `figures` is for readers: {value, unit} or lists of them."""

    device: str
    technology: Annotated[str, one_of(lambda: TECHNOLOGIES)]
    origin: Origin
    clock: Period
    precision: Annotated[Constant, counted("bits", most=8)]
    timing: DeviceTiming
    noise: Noise
    figures: dict[str, object] = Field(default_factory=dict)
    cell: dict[str, object]


def apply_device(document: Document, name: object) -> None:
    """Put what a device file says into a machine's document, in place of the key `device`.

    timing: what the phases need at the document's clock. noise: as the file has it.

    Raises InputError if the file is not a device file, or of another technology.
    """
    place = document.where(("device",))
    if not isinstance(name, str) or not name:
        raise InputError(f"{place}: device: got {name!r}; expected the name of a device file")
    path = Path(name) if place.startswith("--set") else document.path.parent / name
    try:
        source = read_document(path if path.is_file() else find(name, "configs/devices", WHAT))
    except InputError as error:
        raise InputError(f"{place}: device: {error}") from None
    device = validate(DeviceFile, source)
    technology = document.data.get("technology")
    if technology != device.technology:
        raise InputError(
            f"{place}: device: {source.name} describes a cell of technology "
            f"'{device.technology}', and the machine is '{technology}'"
        )
    period_ps = _period_ps(document)
    timing = document.data.setdefault("timing", {})
    if period_ps is None or not isinstance(timing, dict):
        return  # the schema says what is wrong with clock or timing
    for key, phase in (("read_cycles", "read_time"), ("write_cycles", "write_time")):
        needed: Constant = getattr(device.timing, phase)
        timing[key] = {
            "value": cycles(needed.value, period_ps),
            "unit": "cycles",
            "kind": "derived",
            "source": f"{source.name}: {phase} {needed.text}, in cycles of {period_ps} ps",
        }
        document.places[("timing", key)] = place
    document.data["noise"] = device.noise
    del document.data["device"]


def _period_ps(document: Document) -> int | None:
    clock = document.data.get("clock")
    fields = clock if isinstance(clock, dict) else {"value": clock}
    unit = fields.get("unit")
    text = f"{fields.get('value')} {unit}" if unit is not None else str(fields.get("value"))
    try:
        return parse_period(text)
    except UnitError:
        return None
