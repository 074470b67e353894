"""The studies of accuracy: cells, volume, bits, write time, conversion, dies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accelsim.config import (
    DeviceFile,
    Machine,
    load_machine,
    read_document,
    response_of,
    validate,
)
from accelsim.config.effects import EFFECTS
from accelsim.config.machine import Override
from accelsim.device.cell import IrmenDevice
from accelsim.device.result import write_device_file
from accelsim.device.technologies import characterize, magnet_cell
from accelsim.device.technology import Characterization, cycles
from accelsim.documents.plain import tree
from accelsim.errors import InputError
from accelsim.plots import COLUMN
from accelsim.study.conversion import over_conversion
from accelsim.study.dies import over_dies
from accelsim.study.points import Point, Study
from accelsim.study.values import parse_values
from accelsim.units import parse_period
from accelsim.wording import given

Progress = Callable[[str], None]
"""Called with what is being prepared."""

SMALLEST, LARGEST = 1530.0, 5400.0
_CUBIC_NM = 1e-27
# The shipped machine that others are compared with, and its technology.
_RIVAL = "charge"
_SETTLED_BY = (
    "Settled by: the criteria that call so many write cycles enough at 4 bits (docs/device.md). "
)
_OF_CELL = ("cell.", "device", "noise.", "timing.", "energy.", "clock")


@dataclass(frozen=True)
class Setting:
    """What every study starts from: a machine and where device files may be written.

    changes: of the user. values: what to go over instead of the study's own, as text. width: of
    the figure, inches.
    """

    config: str
    changes: Mapping[str, Override]
    outdir: Path
    values: str = ""
    clocks: Sequence[str] = ()
    width: float = COLUMN
    report: Progress = field(default=lambda _: None)

    @property
    def active(self) -> Mapping[str, Override]:
        """The effects that are on: all, unless the user or the machine file names some."""
        effects = self.load({}).effects
        chosen = effects is not None and effects.names()
        return {} if chosen or "effects.active" in self.changes else {"effects.active": "all"}

    def names(self, *more: str) -> str:
        """Return the effects that are on, and these, as `effects.active` takes them."""
        effects = self.load(self.active).effects
        names = effects.names() if effects is not None else ()
        return ", ".join(dict.fromkeys([*names, *more]))

    def load(self, changes: Mapping[str, Override]) -> Machine:
        """Load the machine with the user's changes and these."""
        return load_machine(self.config, {**self.changes, **changes})

    def point(self, changes: Mapping[str, Override], **where: str | float) -> Point:
        """Return a point of the machine with the user's changes and these."""
        every = {**self.changes, **changes}
        return Point(where, self.config, every, load_machine(self.config, every))

    def of_charge(self, changes: Mapping[str, Override], **where: str | float) -> Point:
        """Return a point of the charge-based machine; the user's changes of a cell are not its."""
        mine = {key: value for key, value in self.changes.items() if not key.startswith(_OF_CELL)}
        return Point(where, _RIVAL, every := {**mine, **changes}, load_machine(_RIVAL, every))


def over_cells(setting: Setting) -> Study:
    """Ideal cells and all effects: the machine, its smallest magnet, charge-based cells."""
    if setting.values:
        raise _over_no_values(setting, "cells")
    points, machine = [], setting.load({})
    for active in ("none", "all"):
        on = {"effects.active": active}
        points.append(setting.point(on, cell=machine.name, effects=active))
        if magnet_cell(machine) is not None:
            small = _of_volume(setting, SMALLEST * _CUBIC_NM)
            points.append(setting.point({**small, **on}, cell="smallest magnet", effects=active))
        if machine.technology != _RIVAL:
            points.append(setting.of_charge(on, cell="charge", effects=active))
    return Study(
        name="cells",
        title="Accuracy with ideal cells (effects none) and with all effects",
        columns=("cell", "effects"),
        points=points,
        x="cell",
        series="effects",
        note=(
            f"Smallest magnet: {SMALLEST:g} nm^3 (S2), characterized here; noise, settling, "
            "storage and cycles are its own."
        ),
    )


def over_volume(setting: Setting) -> Study:
    """Size and stability: noise, settling and cycles follow from the magnet."""
    _magnet_cell(setting)
    default = f"{SMALLEST:g}..{LARGEST:g}"
    volumes = parse_values(setting.values or default, "volume in nm^3", points=9, most=1e5)
    points = []
    for volume in volumes:
        stability = _device(setting, volume * _CUBIC_NM).magnet.stability
        changes = {**_of_volume(setting, volume * _CUBIC_NM), **setting.active}
        points.append(setting.point(changes, volume_nm3=volume, stability_kT=round(stability, 2)))
    return Study(
        name="volume",
        title="Accuracy against magnet volume and stability",
        columns=("volume_nm3", "stability_kT"),
        points=points,
        x="volume_nm3",
        note=(
            "Length and width alike; a step has the cycles that each cell needs at 4 bits, "
            "so small, slower magnets take longer."
        ),
    )


def over_bits(setting: Setting) -> Study:
    """Bits of a synapse's weight, with and without the other effects."""
    bits = parse_values(setting.values or "1..8", "weight bits", points=8, whole=True)
    names = setting.names("weight_bits")
    every = len(names.split(",")) == len(EFFECTS)
    active = {"weight_bits": "weight_bits", "all" if every else names: names}
    points = [
        setting.point(
            {"effects.weight_bits": int(number), "effects.active": on},
            weight_bits=int(number),
            effects=text,
        )
        for text, on in active.items()
        for number in bits
    ]
    return Study(
        name="bits",
        title="Accuracy against weight bits",
        columns=("effects", "weight_bits"),
        points=points,
        x="weight_bits",
        series="effects",
        note=(
            "Weights are rounded as they are loaded, not trained again: those that were trained "
            "for some bits are on that grid already, and other bits are at a disadvantage. "
            "One bit here is three levels: -1, 0 and 1 times the largest weight."
        ),
    )


def over_effects(setting: Setting) -> Study:
    """Leave out one effect after the other: what limits accuracy."""
    if setting.values:
        raise _over_no_values(setting, "effects")
    names = setting.names().split(", ")
    chosen = {"all of them": names}
    chosen |= {f"without {name}": [each for each in names if each != name] for name in names}
    points = [
        setting.point({"effects.active": ", ".join(on) or "none"}, effects=text)
        for text, on in chosen.items()
    ]
    points.append(setting.point({"effects.active": "none"}, effects="none"))
    return Study(
        name="effects",
        title="Accuracy with all effects but one: what limits it",
        columns=("effects",),
        points=points,
        x="effects",
        note="Digits, dies and noise are the same in all rows, so that differences are surer.",
    )


def over_write(setting: Setting) -> Study:
    """Write cycles and clock: what a shorter write costs in accuracy, and saves in time."""
    _refuse_set(setting, ("clock", "timing.", "noise.read"), "write")
    lengths = parse_values(setting.values or "1..5", "write cycles", points=5, whole=True)
    machine = setting.load({})
    clocks = setting.clocks or ("500 MHz", "1 GHz", "2 GHz")
    periods = [parse_period(clock) for clock in clocks]
    if len(set(periods)) < len(periods):
        raise InputError(f"{given('clock')}: two of {', '.join(clocks)} are the same")
    setting.report("characterizing the cell")
    result = characterize(machine) if machine.cell is not None else None
    points = []
    for clock in clocks:
        changes = {"clock": clock, **_at_clock(machine, result, clock), **setting.active}
        needed = _by_criterion(result, setting.load(changes))
        for number in lengths:
            where: dict[str, str | float] = {"clock": clock, "write_cycles": int(number)}
            if needed:
                where["settled_by"] = _enough(needed, int(number))
            points.append(setting.point({**changes, "timing.write_cycles": int(number)}, **where))
    return Study(
        name="write",
        title="Accuracy against latency and energy: write cycles and clock",
        columns=tuple(points[0].coordinates),
        points=points,
        x="latency_ps",
        series="clock",
        note=(
            "Read cycles are those that the cell needs at the clock, and the read-out's noise "
            "is that after them; the write settles for as long as its cycles last. "
            f"{_SETTLED_BY if 'settled_by' in points[0].coordinates else ''}"
            "Prices follow the clock as in every run: those per time (taps, reads, static power, "
            "leakage) in proportion to its period, those per event or cycle not."
        ),
    )


def over_variation(setting: Setting) -> Study:
    """Monte Carlo over dies: gains of the synapses."""
    default = "0,0.01,0.02,0.05,0.1,0.15,0.2"
    shares = parse_values(setting.values or default, "relative deviation", zero=True, most=1)
    return _monte_carlo(setting, "variation", "synapse_variation", shares)


def over_stuck(setting: Setting) -> Study:
    """Monte Carlo over dies: cells stuck at -1 or 1."""
    default = "0,0.0001,0.0003,0.001,0.003,0.01,0.03"
    shares = parse_values(setting.values or default, "share of stuck cells", zero=True, most=1)
    return _monte_carlo(setting, "stuck", "stuck_cells", shares)


STUDIES: Mapping[str, Callable[[Setting], Study]] = {
    "cells": over_cells,
    "volume": over_volume,
    "bits": over_bits,
    "effects": over_effects,
    "write": over_write,
    "variation": over_variation,
    "dies": over_dies,
    "conversion": over_conversion,
    "stuck": over_stuck,
}
"""The studies by name."""


def _monte_carlo(setting: Setting, name: str, key: str, shares: Sequence[float]) -> Study:
    title = {"synapse_variation": "synapse variation", "stuck_cells": "share of stuck cells"}[key]
    on = {"effects.active": setting.names(key)}
    points = [setting.point({**on, f"effects.{key}": share}, **{key: share}) for share in shares]
    return Study(
        name=name,
        title=f"Accuracy against {title}, over dies",
        columns=(key,),
        points=points,
        x=key,
        note="Each seed is a die of its own, with its own noise.",
    )


def _by_criterion(result: Characterization | None, machine: Machine) -> Mapping[str, int | None]:
    """Return the write cycles by each criterion at a machine's clock; none without criteria."""
    return result.write_cycles_by(response_of(machine)) if result else {}


def _enough(needed: Mapping[str, int | None], number: int) -> str:
    """Name the criteria by which so many write cycles are enough: names, all or none."""
    names = [name for name, need in needed.items() if need and need <= number]
    return "all" if len(names) == len(needed) else ", ".join(names) or "none"


def _at_clock(
    machine: Machine, result: Characterization | None, clock: str
) -> Mapping[str, Override]:
    """Return what a clock changes: read cycles, and the noise after them."""
    period_ps = parse_period(clock)
    changes: dict[str, Override] = {}
    scheduled_ps = machine.timing.read_cycles.value * machine.period_ps
    read_cycles = cycles(result.timing.read_ps if result else scheduled_ps, period_ps)
    changes["timing.read_cycles"] = read_cycles
    return changes


def _over_no_values(setting: Setting, study: str) -> InputError:
    return InputError(
        f"{given('values', setting.values)}: the study of {study} goes over no values"
    )


def _refuse_set(setting: Setting, keys: Sequence[str], study: str) -> None:
    for key in setting.changes:
        if key.startswith(tuple(keys)):
            raise InputError(f"{given('set', key)}: the study '{study}' sets this itself")


def _magnet_cell(setting: Setting) -> IrmenDevice:
    machine = setting.load({})
    device = magnet_cell(machine)
    if device is None:
        raise InputError(
            f"study of the magnet's volume: machine '{machine.name}' has no spintronic cell; "
            "configs/irmen.yaml has one"
        )
    return device


def _device(setting: Setting, volume: float) -> IrmenDevice:
    return _magnet_cell(setting).with_volume(volume)


def _of_volume(setting: Setting, volume: float) -> Mapping[str, Override]:
    """Return the changes to a square magnet of a volume in m^3, characterized once."""
    device = _device(setting, volume)
    edge = f"{device.magnet.length * 1e9:.6g} nm"
    # The barrier is that of the machine: a smaller one needs a supply that drives the current.
    supply = max(device.cell.supply_voltage.value, device.stack.supply_needed)
    shape: dict[str, Override] = {
        "cell.length": edge,
        "cell.width": edge,
        "cell.supply_voltage": f"{supply:.4g} V",
    }
    path = setting.outdir / "devices" / f"irmen-{volume / _CUBIC_NM:g}nm3.yaml"
    machine = setting.load(shape)
    if not _describes(path, machine):
        setting.report(f"characterizing {volume / _CUBIC_NM:g} nm^3")
        result = characterize(machine)
        write_device_file(machine, result, path)
    return {"device": str(path), **shape}


def _describes(path: Path, machine: Machine) -> bool:
    """Tell whether a device file that an earlier study wrote is of this cell and clock."""
    if not path.is_file() or machine.cell is None:
        return False
    try:
        device = validate(DeviceFile, read_document(path))
    except InputError:
        return False
    return device.cell == tree(machine.cell) and device.clock.value == machine.period_ps
