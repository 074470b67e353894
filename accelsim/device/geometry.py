"""Demagnetization factors of a rectangular prism, the shape of the nanomagnet.

Lengths in metres; the factors have no unit. A uniformly magnetized prism has no uniform
field inside; the factors are the average, which is what a macrospin sees.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Demagnetization:
    """Factors along length (x), width (y) and thickness (z); they sum to 1."""

    x: float
    y: float
    z: float


def demagnetization(length: float, width: float, thickness: float) -> Demagnetization:
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
