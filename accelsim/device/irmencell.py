"""The `cell:` section of a machine of IRMEN cells; the physics of each is in docs/device.md."""

from typing import Annotated, ClassVar, Self

from pydantic import model_validator

from accelsim.device.geometry import SHAPES
from accelsim.device.storage import CHARGE, HELD, REMANENT, STORAGES
from accelsim.device.technology import (
    Capacitance,
    Cell,
    Current,
    Fraction,
    Length,
    RealTime,
    Resistance,
    Voltage,
)
from accelsim.documents.constants import Constant, Range, Real, counted, one_of, problem, real
from accelsim.documents.validation import says

MAGNETIZATION, ENVELOPE, AS_READ = "magnetization", "envelope", "as_read"
CRITERIA = (MAGNETIZATION, ENVELOPE, AS_READ)
"""When a write counts as settled: see `criteria`."""
_LEAK = ("me_resistivity", "me_permittivity")
_GRAINS = (
    "remanent_share", "grains", "remanent_polarization", "coercive_field", "coercive_spread",
    "grain_attempt_time",
)  # fmt: skip
_RETURN = ("return_sheet_resistance", "return_length")
_NEEDED = {HELD: (), CHARGE: _LEAK, REMANENT: (*_LEAK, *_GRAINS)}


class IrmenCell(Cell):
    """The spintronic cell: nanomagnet, magnetoelectric (ME) write, inverse-Rashba (IR) read."""

    criterion: Annotated[str, one_of(lambda: CRITERIA), says("When a write counts as settled.")]
    shape: Annotated[str, one_of(lambda: SHAPES), says("Shape of the magnet, seen from above.")]
    length: Annotated[Length, says("Length of the magnet, along its easy axis.")]
    width: Annotated[Length, says("Width of the magnet.")]
    thickness: Annotated[Length, says("Thickness of the magnet.")]
    saturation_magnetization: Annotated[
        Real, real("A/m", "1.7 MA/m"), says("Saturation magnetization Ms.")
    ]
    anisotropy: Annotated[
        Real, real("J/m^3", "45 kJ/m^3"), says("Uniaxial anisotropy K along the length.")
    ]
    damping: Annotated[Real, real("", "0.01", Range(most=1.0)), says("Gilbert damping alpha.")]
    interface_anisotropy: Annotated[
        Real,
        real("J/m^2", "1 mJ/m^2", Range(zero=True)),
        says("Perpendicular anisotropy of both interfaces together."),
    ] = Real(0.0, "J/m^2", "0 J/m^2", "assumed", "Not stated: none")
    attempt_time: Annotated[
        RealTime, says("Attempt time of the Neel-Arrhenius lifetime of the magnet's direction.")
    ]
    me_coefficient: Annotated[
        Real, real("s/m", "3.34e-8 s/m"), says("Magnetoelectric (ME) coefficient.")
    ]
    me_layer_thickness: Annotated[Length, says("Thickness of the ME layer.")]
    me_capacitance: Annotated[Capacitance, says("Capacitance of the ME layer.")]
    write_voltage: Annotated[Voltage, says("Voltage across the ME layer that writes level 1.")]
    write_resistance: Annotated[
        Resistance,
        says(
            "Resistance of OTA output and access transistor, through which the ME layer is charged."
        ),
    ]
    drive_limit: Annotated[
        Real,
        real("", "1.2", Range(most=4.0)),
        says("Level beyond which the output of an OTA does not go."),
    ]
    storage: Annotated[str, one_of(lambda: STORAGES), says("What holds a level without power.")] = (
        HELD
    )
    me_resistivity: Annotated[
        Annotated[Real, real("Ohm m", "10 GOhm m")] | None,
        says("Resistivity of the ME layer (storage charge, remanent)."),
    ] = None
    me_permittivity: Annotated[
        Annotated[Real, real("", "4000")] | None,
        says("Relative permittivity of the ME layer (storage charge, remanent)."),
    ] = None
    access_conductance: Annotated[
        Annotated[Real, real("S", "1 pS", Range(zero=True))] | None,
        says("Conductance of the access switch that is off; without it, 0."),
    ] = None
    remanent_share: Annotated[
        Fraction | None, says("Share of a level that the grains hold (storage remanent).")
    ] = None
    grains: Annotated[
        Annotated[Constant, counted("grains")] | None,
        says("Ferroelectric grains of a cell (storage remanent)."),
    ] = None
    remanent_polarization: Annotated[
        Annotated[Real, real("C/m^2", "0.05 C/m^2")] | None,
        says("Remanent polarization of the grains (storage remanent)."),
    ] = None
    coercive_field: Annotated[
        Annotated[Real, real("V/m", "1 MV/m")] | None,
        says("Mean switching field of the grains (storage remanent)."),
    ] = None
    coercive_spread: Annotated[
        Annotated[Real, real("", "0.2", Range(most=0.3))] | None,
        says("Standard deviation of the switching field over its mean (storage remanent)."),
    ] = None
    grain_barrier: Annotated[
        Annotated[Real, real("eV", "1.8 eV")] | None,
        says(
            "Mean barrier of a grain; without it, remanent polarization x coercive field x volume."
        ),
    ] = None
    grain_attempt_time: Annotated[
        RealTime | None, says("Attempt time of a grain (storage remanent).")
    ] = None
    supply_voltage: Annotated[Voltage, says("Supply that drives the read current.")]
    read_current: Annotated[Current, says("Current of a read.")]
    barrier_resistance_area: Annotated[
        Real,
        real("Ohm m^2", "45 pOhm m^2", Range(zero=True)),
        says("Resistance of the tunnel barrier times its area."),
    ]
    magnet_resistivity: Annotated[
        Real, real("Ohm m", "200 nOhm m"), says("Resistivity of the magnet.")
    ]
    return_sheet_resistance: Annotated[
        Resistance | None,
        says(
            "Sheet resistance of a lateral return path of the read current; without it, not "
            "modelled."
        ),
    ] = None
    return_length: Annotated[Length | None, says("Length of that return path.")] = None
    spin_injection_efficiency: Annotated[
        Fraction, says("Share of the read current that is polarized along the magnet.")
    ]
    ir_length: Annotated[Length, says("Inverse Rashba-Edelstein (IR) length.")]
    ir_resistivity: Annotated[
        Real, real("Ohm m", "100 uOhm m"), says("Resistivity of the IR layer.")
    ]
    ir_layer_thickness: Annotated[Length, says("Thickness of the IR layer.")]
    readout_capacitance: Annotated[Capacitance, says("Capacitance of the read-out node.")]

    of_storage: ClassVar[frozenset[str]] = frozenset(
        ("storage", *_LEAK, *_GRAINS, "grain_barrier", "access_conductance")
    )

    @model_validator(mode="after")
    def _storage_is_told(self) -> Self:
        """Refuse a storage whose constants are missing."""
        for key in _NEEDED[self.storage]:
            if getattr(self, key) is None:
                raise problem(f"missing key '{key}'; the storage '{self.storage}' needs it")
        return self

    @model_validator(mode="after")
    def _return_path_is_whole(self) -> Self:
        """Refuse one of the two constants of the return path without the other."""
        missing = [key for key in _RETURN if getattr(self, key) is None]
        if len(missing) == 1:
            (given,) = set(_RETURN) - set(missing)
            raise problem(
                f"missing key '{missing[0]}' beside it; a return path has a sheet resistance and "
                "a length, and one that is not modelled neither",
                given,
            )
        return self
