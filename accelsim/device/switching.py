"""How often a macrospin changes its easy direction, in theory: rates and attempt times.

Transition-state theory counts every passage of the barrier as a switch, and so bounds the
rate from above. With a well at each end of x and a saddle at each end of y,

    rate = 2 f exp(-Delta),   f: Kittel's frequency at rest

What is lost of it, at any damping (W. F. Brown, IEEE Trans. Magn. 15, 1196 (1979); V. I.
Mel'nikov, S. V. Meshkov, J. Chem. Phys. 85, 1018 (1986); P.-M. Dejardin et al., Phys. Rev. E
63, 021102 (2001); W. T. Coffey, Y. P. Kalmykov, J. Appl. Phys. 112, 121301 (2012)):

    rate = 2 f exp(-Delta) (lambda/w) A(d)^2/A(2 d)
    ln A(d) = 1/(2 pi) integral of ln(1 - exp(-d (x^2 + 1/4)))/(x^2 + 1/4) over all x

lambda: the growth of what leaves the saddle; w: the same without damping. d: energy lost to
damping from one saddle to the next, in kT. The path between them without damping is a great
circle, on which abs(m x B) = sqrt(B_y (B_z - B_y)) sin(angle from y), so that

    d = alpha (Ms V/kT) integral of abs(m x B) ds = 4 alpha Delta sqrt(B_z/B_y - 1)

For small d, A(d)^2/A(2 d) is d/2: the magnet waits for energy, not for the barrier. All of
it holds for exp(Delta) >> 1; corrections are of the order of 1/Delta.
"""

import math

import numpy as np

from accelsim.device.magnet import Magnet

# The integrand has fallen to exp(-40) where d x^2 is 40.
_POINTS, _FALLEN = 200_000, 40.0


def shortest_attempt_time(magnet: Magnet) -> float:
    """Return 1/(2 f) in s: by transition-state theory no attempt time is shorter."""
    return 1 / (2 * magnet.kittel_frequency())


def attempt_time(magnet: Magnet) -> float:
    """Return tau_0 in s of a mean time tau_0 exp(Delta) between switches, by theory.

    Not of what `cell.attempt_time` says, which is a choice of the machine file.
    """
    kept = _growth(magnet) * _depopulation(dissipated(magnet))
    return shortest_attempt_time(magnet) / kept


def dissipated(magnet: Magnet) -> float:
    """Return d, the energy in kT that is lost between one saddle and the next."""
    ratio = magnet.normal_stiffness / magnet.hard_stiffness
    return 4 * magnet.damping * magnet.stability * math.sqrt(ratio - 1)


def _growth(magnet: Magnet) -> float:
    """Return lambda/w of the saddle: 1 without damping, less with it (Kramers, Brown)."""
    alpha, out = magnet.damping, magnet.hard_stiffness
    up = magnet.normal_stiffness - out
    product, total = out * up, alpha * (out + up)
    rate = math.sqrt(total * total / 4 + product) - alpha * (up - out) / 2
    return rate / math.sqrt(product) / (1 + alpha * alpha)


def _depopulation(d: float) -> float:
    """Return A(d)^2/A(2 d), in which the logarithms join to one of tanh.

    With x = tan(angle)/2 the weight dx/(x^2 + 1/4) is that of the angle, doubled.
    """
    edge = math.atan(2 * math.sqrt(_FALLEN / d + 1))
    angle = edge * ((np.arange(_POINTS) + 0.5) / _POINTS * 2 - 1)
    exponent = d / (4 * np.cos(angle) ** 2)
    values = np.log(np.tanh(exponent / 2))
    return math.exp(float(values.mean()) * 2 * edge / math.pi)
