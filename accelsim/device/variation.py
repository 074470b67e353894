"""What differs from cell to cell of a die: geometry and material, and what follows from it.

Six constants of a cell have a distribution, log-normal and independent of one another and of
the neighbours': the edge (length and width together), the thickness and the anisotropy of the
magnet, the conversion length of the IR layer, the thickness of the ME layer, the length over the
width of the magnet. The tilt of its easy axis in the plane is normal, about none. What is common
to a die is trimmed away (write voltage, gain of the OTAs); a single cell is not.

All cells share the voltages. So a cell's drive is alpha_ME V / t over its own Bk; its read
current follows from the supply and its own barrier; its ME capacitance goes with area over
thickness of the layer. To first order each factor of a cell (FACTORS) is a product of powers
of its constants: the exponents are logarithmic derivatives of the device's own functions.

A tilted magnet rests along its axis, so that level 0 is read as the tilt, and levels of either
sign are off alike (`equilibrium.leaning`). The sign is that of the side of x which it lies on. That
side is taken as fixed on a die: drawn with the tilt, whose distribution is even.

Left out: the damping, Ms and the barrier, which stay as they are; gradients over a die; writes
near saturation, which draw the side anew, the tilt's favoured; powers of the tilt beyond the
first.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from accelsim.device.cell import IrmenDevice
from accelsim.device.equilibrium import boltzmann_mean, leaning
from accelsim.device.geometry import DISC, ELLIPSE
from accelsim.device.technology import Floats
from accelsim.documents.constants import Range, Real, real
from accelsim.documents.validation import Strict, says

TILT = "tilt"
Deviation = Annotated[Real, real("", "0.02", Range(most=0.3, zero=True))]


class IrmenVariation(Strict):
    """The `variation:` section of a machine file: standard deviations within a die."""

    edge: Annotated[Deviation, says("Relative deviation of length and width together.")]
    thickness: Annotated[Deviation, says("Relative deviation of the thickness.")]
    anisotropy: Annotated[Deviation, says("Relative deviation of the anisotropy.")]
    ir_length: Annotated[Deviation, says("Relative deviation of the IR length.")]
    me_layer_thickness: Annotated[
        Deviation, says("Relative deviation of the thickness of the ME layer.")
    ]
    aspect_ratio: Annotated[Deviation, says("Relative deviation of length over width.")]
    tilt: Annotated[
        Real,
        real("rad", "0.01 rad", Range(most=0.3, zero=True)),
        says("Deviation of the easy axis in the plane."),
    ]

    @property
    def deviations(self) -> tuple[float, ...]:
        """The standard deviations, in the order of VARIED."""
        return tuple(getattr(self, name).value for name in VARIED)


VARIED = tuple(IrmenVariation.model_fields)
"""What varies, in the order of a cell's draws."""

FACTORS = ("drive", "output", "stability", "motion", "readout", "write")
"""Factors of a cell against the nominal one.

drive: field over Bk at a common write voltage. output: voltage at the end of a read of m_y = 1.
stability: Delta. motion: variance of m_y as a read sees it. readout: variance of kT/C and shot
noise over the cell's own output squared. write: variance of the voltage that a write leaves.
"""

_STEP = 0.01
_PARTS = 250
_SMALL = 0.01


@dataclass(frozen=True, eq=False)
class Spread:
    """How the cells of a die differ.

    deviations: of what is in VARIED, (V,). exponents: (FACTORS, V). nominal: the cell that they
    are about. dwell: time in s that a magnet has at a level before it was read.
    """

    nominal: IrmenDevice
    deviations: Floats
    exponents: Floats
    dwell: float

    @classmethod
    def of(
        cls, device: IrmenDevice, deviations: ArrayLike, phases: tuple[float, float]
    ) -> "Spread":
        """Return the spread of a cell of some deviations, (V,).

        phases: of a read and of a write, in s. A read sees the magnet half a read phase after it
        began, on average.
        """
        read, write = phases
        each = np.asarray(deviations, float)
        return cls(device, each, exponents_of(device, read), write + read / 2)

    @property
    def drive_limit(self) -> float:
        """Level of the nominal cell beyond which no drive goes."""
        return self.nominal.cell.drive_limit.value

    def factors(self, normal: ArrayLike) -> Floats:
        """Return FACTORS of cells, (FACTORS, ...), from standard normal numbers, (V, ...)."""
        logarithms = self.deviations * self.exponents
        return np.asarray(np.exp(np.tensordot(logarithms, np.asarray(normal, float), axes=1)))

    def device(self, normal: ArrayLike) -> IrmenDevice:
        """Return a cell from its standard normal numbers, (V,)."""
        factors = np.exp(self.deviations * np.asarray(normal, float)).tolist()
        chosen = {name: f for name, f in zip(VARIED, factors, strict=True) if name != TILT}
        return varied(self.nominal, chosen)

    def tilts(self, normal: ArrayLike) -> Floats:
        """Return the tilts of cells in rad, (...), from standard normal numbers, (V, ...).

        Of magnets on the side of +x: of one on the other side, the negative.
        """
        place = VARIED.index(TILT)
        return np.asarray(self.deviations[place] * np.asarray(normal, float)[place])

    def softening(self, levels: ArrayLike) -> Floats:
        """Return how the mean of a read at levels moves with ln(Delta), of full scale."""
        at = np.asarray(levels, float)
        more, less = (boltzmann_mean(self.nominal, at, 1 + sign * _SMALL) for sign in (1, -1))
        return np.asarray((more - less) / (2 * _SMALL))

    def leaning(self, levels: ArrayLike) -> Floats:
        """Return how the mean of a read at levels moves with the tilt, of full scale a rad."""
        return leaning(self.nominal, levels, self.dwell)


def varied(device: IrmenDevice, factors: Mapping[str, float]) -> IrmenDevice:
    """Return a cell whose constants are those of another one times factors, by name of VARIED.

    None for the tilt, which is no factor. A disc that is not round any more is an ellipse.

    The voltages are common: the read current is what the supply drives through this cell's
    barrier. What the barrier leaves of the supply drops across something that does not vary.
    """
    magnet, cell = device.magnet, device.cell
    edge, layer = factors.get("edge", 1.0), factors.get("me_layer_thickness", 1.0)
    aspect = factors.get("aspect_ratio", 1.0)
    other = replace(
        magnet,
        shape=ELLIPSE if magnet.shape == DISC and aspect != 1 else magnet.shape,
        length=magnet.length * edge * math.sqrt(aspect),
        width=magnet.width * edge / math.sqrt(aspect),
        thickness=magnet.thickness * factors.get("thickness", 1.0),
        anisotropy=magnet.anisotropy * factors.get("anisotropy", 1.0),
    )
    barrier = device.stack.barrier_resistance
    total = max(cell.supply_voltage.value / cell.read_current.value, barrier)
    scales = {
        "ir_length": factors.get("ir_length", 1.0),
        "me_layer_thickness": layer,
        "me_capacitance": edge**2 / layer,
        "read_current": total / (total - barrier + barrier / edge**2),
    }
    constants = {key: scaled(getattr(cell, key), factor) for key, factor in scales.items()}
    return IrmenDevice(other, cell.model_copy(update=constants))


def scaled(constant: Real, factor: float) -> Real:
    """Return a constant times a factor."""
    return replace(constant, value=constant.value * factor)


def exponents_of(device: IrmenDevice, read_phase: float) -> Floats:
    """Return d ln(factor) / d ln(constant), (FACTORS, VARIED), for a read phase in s."""
    columns = []
    for name in VARIED:
        if name == TILT:
            columns.append(np.zeros(len(FACTORS)))
            continue
        up, down = (
            figures_of(varied(device, {name: 1 + sign * _STEP}), device, read_phase)
            for sign in (1, -1)
        )
        columns.append(np.log(up / down) / np.log((1 + _STEP) / (1 - _STEP)))
    return np.stack(columns, axis=1)


def figures_of(device: IrmenDevice, nominal: IrmenDevice, read_phase: float) -> Floats:
    """Return what FACTORS are ratios of, for one cell among nominal ones."""
    output = device.read_voltage * float(device.charging(read_phase, 0.0, 1.0))
    scale = device.full_scale / nominal.full_scale
    readout = (device.readout_ktc**2 + device.shot_noise**2) * scale**2
    action = device.back_action
    frozen = action / (1 + action) * device.saturation_voltage
    write = (device.write_ktc * device.full_scale_voltage) ** 2
    write += frozen**2 / (2 * device.magnet.stability)
    return np.array(
        [
            1 / device.saturation_voltage,
            output,
            device.magnet.stability,
            read_variance(device, read_phase),
            readout,
            write,
        ]
    )


def read_variance(device: IrmenDevice, read_phase: float, level: float = 0.0) -> float:
    """Return the variance of m_y as a read sees it, of a cell at rest at a level.

    Of small motion: the equilibrium variance kT/(Ms V B1), correlated in time as the damped
    precession of the linearized equation, through the two RCs of a read phase in s. B1 has the
    stiffness of the isolated capacitor.
    """
    from accelsim.device.response import read_weights  # noqa: PLC0415 - loads numba

    magnet = device.magnet
    one = magnet.stiffness_at(level) + device.back_action * magnet.hard_stiffness
    two, alpha, rate = magnet.normal_stiffness, magnet.damping, magnet.gilbert_rate
    mean = -rate * alpha * (one + two) / 2
    root = rate * np.sqrt(complex((alpha * (one - two)) ** 2 / 4 - one * two))
    weights = read_weights(device, read_phase, _PARTS)
    lag = np.arange(_PARTS) * read_phase / _PARTS
    turned = np.cosh(root * lag) + rate * alpha * (two - one) / 2 * np.sinh(root * lag) / root
    correlation = (np.exp(mean * lag) * turned).real
    apart = np.abs(np.subtract.outer(np.arange(_PARTS), np.arange(_PARTS)))
    variance = magnet.hard_stiffness / one / (2 * magnet.stability)
    return float(variance * (weights @ correlation[apart] @ weights))
