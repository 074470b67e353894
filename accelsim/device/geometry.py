"""Shapes of the nanomagnet, a prism, a disc or an ellipse: volume, demagnetization factors.

Lengths in metres; the factors have no unit. A uniformly magnetized prism or disc has no
uniform field inside; the factors are the average, which is what a macrospin sees.
"""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Demagnetization:
    """Factors along length (x), width (y) and thickness (z); they sum to 1."""

    x: float
    y: float
    z: float


DISC, ELLIPSE, RECTANGLE = "disc", "ellipse", "rectangle"
SHAPES = (DISC, ELLIPSE, RECTANGLE)
"""Footprints of a magnet; a square is a rectangle of equal edges."""

_FOOTPRINT = {DISC: math.pi / 4, ELLIPSE: math.pi / 4, RECTANGLE: 1.0}
_ANGLES = 32  # of a quarter: exact to 1e-5 for an ellipse of 10 : 1


def footprint(shape: str) -> float:
    """Return the area of a shape's footprint as a share of length x width."""
    return _FOOTPRINT[shape]


def disc(diameter: float, thickness: float) -> Demagnetization:
    """Return the magnetometric demagnetization factors of a disc (lengths in m, > 0).

    A disc magnetized along its axis is a solenoid: the mean of B in it is mu0 M times
    Nagaoka's coefficient, so N_z is 1 minus that.

    References
    ----------
    L. Lorenz, Ann. Phys. 243, 161 (1879), and H. Nagaoka, J. Coll. Sci. Imp. Univ. Tokyo 27,
    art. 6 (1909), for the coefficient; R. I. Joseph, J. Appl. Phys. 37, 4639 (1966), for the
    factors of a cylinder.
    """
    diagonal = math.hypot(diameter, thickness)
    modulus, other = diameter / diagonal, thickness / diagonal
    first, second = _elliptic(modulus, other)
    ratio = (other / modulus) ** 2
    nagaoka = 4 / (3 * math.pi * other) * (ratio * (first - second) + second - modulus)
    axial = 1 - nagaoka
    return Demagnetization((1 - axial) / 2, (1 - axial) / 2, axial)


def ellipse(length: float, width: float, thickness: float) -> Demagnetization:
    """Return the magnetometric demagnetization factors of an elliptic cylinder (m, > 0).

    In wave numbers scaled to a circle, what the field along a direction adds is that of a disc
    of the extent that the ellipse has there: the factors are means over directions of a disc's,
    weighted by cos^2 and sin^2 of the direction before scaling.

    References
    ----------
    M. Beleggia et al., J. Phys. D 38, 3333 (2005), for the integral over wave numbers.
    """
    angle = (np.arange(_ANGLES) + 0.5) * math.pi / 2 / _ANGLES
    x, y = np.cos(angle) / length, np.sin(angle) / width
    square = x * x + y * y
    radial = np.array([disc(1 / root, thickness).x for root in np.sqrt(square).tolist()])
    along = float((2 * radial * x * x / square).mean())
    across = float((2 * radial * y * y / square).mean())
    return Demagnetization(along, across, 1 - along - across)


def _elliptic(modulus: float, other: float) -> tuple[float, float]:
    """Return the complete elliptic integrals K and E by the arithmetic-geometric mean.

    other: sqrt(1 - modulus^2), given apart so that it stays exact where it is small.
    """
    a, b, c = 1.0, other, modulus
    lost, weight = c * c / 2, 0.5
    while c > 1e-15 * a:
        a, b, c = (a + b) / 2, math.sqrt(a * b), (a - b) / 2
        weight *= 2
        lost += weight * c * c
    first = math.pi / (2 * a)
    return first, first * (1 - lost)


def prism(length: float, width: float, thickness: float) -> Demagnetization:
    """Return the magnetometric demagnetization factors of a prism (all lengths in m, > 0).

    References
    ----------
    A. Aharoni, "Demagnetizing factors for rectangular ferromagnetic prisms",
    J. Appl. Phys. 83, 3432 (1998), eq. 1, with a permutation of the axes for each factor.
    """
    return Demagnetization(
        x=_along_last(width, thickness, length),
        y=_along_last(thickness, length, width),
        z=_along_last(length, width, thickness),
    )


def _along_last(a: float, b: float, c: float) -> float:
    """Return the factor along c. Only ratios matter: edges stand for Aharoni's half edges."""
    diagonal = math.hypot(a, b, c)
    ab, bc, ca = math.hypot(a, b), math.hypot(b, c), math.hypot(c, a)
    volume = a * b * c
    logarithms = (
        (b * b - c * c) / (2 * b * c) * _log_ratio(diagonal, -a)
        + (a * a - c * c) / (2 * a * c) * _log_ratio(diagonal, -b)
        + b / (2 * c) * _log_ratio(ab, a)
        + a / (2 * c) * _log_ratio(ab, b)
        + c / (2 * a) * _log_ratio(bc, -b)
        + c / (2 * b) * _log_ratio(ca, -a)
    )
    powers = (
        (a**3 + b**3 - 2 * c**3) / (3 * volume)
        + (a * a + b * b - 2 * c * c) / (3 * volume) * diagonal
        + c / (a * b) * (ca + bc)
        - (ab**3 + bc**3 + ca**3) / (3 * volume)
    )
    return (logarithms + 2 * math.atan(a * b / (c * diagonal)) + powers) / math.pi


def _log_ratio(root: float, edge: float) -> float:
    """Return ln((root + edge) / (root - edge)), as an area tangent so that it stays exact."""
    return 2 * math.atanh(edge / root)
