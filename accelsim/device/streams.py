"""Random numbers: one stream for each magnet, so that results do not depend on threads.

A stream is a xoshiro128+ generator of four 32-bit words, seeded from (seed, magnet) by
SplitMix64. Nothing here calls a library function, so the compiler turns each loop over
streams into vector instructions. Numbers are in single precision. Two kinds are made:

* `normal_pairs`: normal numbers (Box and Muller), two of two draws, with a tail of 5.8
  standard deviations. For values that are seen themselves.
* `field_draws`: numbers with the moments of normal ones up to the fifth, three of one draw.
  For a thermal field, of which a magnet only ever sees the sum over many steps.

A scheme such as Heun's converges in distribution ("weakly") with any draws whose moments
are right up to the third for order 1, and up to the fifth for order 2 (Kloeden and Platen,
sections 14.1 and 14.2): the moments of what m has become after a time are those that normal
draws give, up to the error that the time step has anyway.

References
----------
D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM Trans.
Math. Softw. 47, 36 (2021).
G. L. Steele et al., "Fast splittable pseudorandom number generators", OOPSLA 2014.
G. E. P. Box, M. E. Muller, Ann. Math. Statist. 29, 610 (1958).
P. E. Kloeden, E. Platen, "Numerical Solution of Stochastic Differential Equations",
Springer 1992.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from accelsim.compiled import compiled

WORDS = 4
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)

Array = NDArray[Any]

_FLOAT = np.float32
_U32 = np.uint32
_LN2 = np.float32(0.6931471805599453)
_PI = np.float32(3.141592653589793)
# Bits of the float 2/3: numbers are split as 2^e f with f in [2/3, 4/3).
_TWO_THIRDS = np.int32(0x3F2AAAAB)
# x = u (c + d u^2) of a u that is even over the 1024 middles of [-1, 1]: c and d are the
# solution of <x^2> = 1, <x^4> = 3 for which x rises with u. Its sixth moment is 11.5 (of a
# normal number 15), its largest value 2.37.
FIELD_BITS = 10
_HALF = 1 << FIELD_BITS - 1
_LINEAR = np.float32(0.607828592534 / _HALF)
_CUBIC = np.float32(1.768601228011 / _HALF**3)
_DROP = np.int32(32 - FIELD_BITS)


def seed_streams(seed: int, first: int, count: int) -> NDArray[np.uint32]:
    """Return the states of the streams of magnets first .. first + count - 1.

    Shape (4, count). The state of a magnet depends on the seed and its number alone.
    """
    key = _mix(np.array([seed & (2**64 - 1)], np.uint64) + _GOLDEN)
    index = np.arange(first, first + count, dtype=np.uint64) * np.uint64(WORDS)
    words = [_mix(key + (index + np.uint64(word + 1)) * _GOLDEN) for word in range(WORDS)]
    return np.stack([(word >> np.uint64(32)).astype(np.uint32) for word in words])


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))


@compiled(fastmath=True, error_model="numpy")
def _next(a: Any, b: Any, c: Any, d: Any) -> Any:  # pragma: no cover - compiled
    """Return a generator's next state: xoshiro128's linear step."""
    shifted = _U32(b << _U32(9))
    c, d = _U32(c ^ a), _U32(d ^ b)
    b, a = _U32(b ^ c), _U32(a ^ d)
    return a, b, _U32(c ^ shifted), _U32(_U32(d << _U32(11)) | _U32(d >> _U32(21)))


@compiled(fastmath=True, error_model="numpy")
def _logarithm(x: Any) -> Any:  # pragma: no cover - compiled
    """Return ln x: with x = 2^e f, ln f as a series of the area tangent."""
    bits = np.float32(x).view(np.int32)
    exponent = np.int32(np.int32(bits - _TWO_THIRDS) >> np.int32(23))
    fraction = np.int32(bits - np.int32(exponent << np.int32(23))).view(np.float32) - _FLOAT(1)
    s = fraction / (_FLOAT(2) + fraction)
    q = s * s
    series = _FLOAT(1 / 7) + q * _FLOAT(1 / 9)
    series = _FLOAT(1 / 3) + q * (_FLOAT(1 / 5) + q * series)
    return _FLOAT(exponent) * _LN2 + _FLOAT(2) * s * (_FLOAT(1) + q * series)


@compiled(fastmath=True, error_model="numpy")
def _half_sine(h: Any) -> Any:  # pragma: no cover - compiled
    """Return sin h for abs(h) <= pi/2 (Taylor; error 6e-8)."""
    q = h * h
    series = _FLOAT(1 / 362880) - q * _FLOAT(1 / 39916800)
    series = _FLOAT(1 / 120) + q * (_FLOAT(-1 / 5040) + q * series)
    return h * (_FLOAT(1) + q * (_FLOAT(-1 / 6) + q * series))


@compiled(fastmath=True, error_model="numpy")
def _half_cosine(h: Any) -> Any:  # pragma: no cover - compiled
    """Return cos h for abs(h) <= pi/2 (Taylor; error 1e-8)."""
    q = h * h
    series = _FLOAT(-1 / 3628800) + q * _FLOAT(1 / 479001600)
    series = _FLOAT(-1 / 720) + q * (_FLOAT(1 / 40320) + q * series)
    return _FLOAT(1) + q * (_FLOAT(-1 / 2) + q * (_FLOAT(1 / 24) + q * series))


@compiled(fastmath=True, error_model="numpy")
def normal_pairs(streams: Array, out: Array) -> None:  # pragma: no cover - compiled
    """Advance the streams and fill out with standard normal numbers.

    streams: (4, magnets) uint32, changed. out: (2 k, magnets) float32.
    """
    # Draws first, all else in a loop of its own: a loop over more arrays is not vectorized,
    # because the compiler gives up on checking that they do not overlap.
    for pair in range(out.shape[0] // 2):
        _draw(streams, out[2 * pair], np.int32(8))
        _draw(streams, out[2 * pair + 1], np.int32(0))
        _box_muller(out[2 * pair], out[2 * pair + 1])


@compiled(fastmath=True, error_model="numpy")
def _draw(streams: Array, out: Array, drop: Any) -> None:  # pragma: no cover - compiled
    """Advance the streams by one draw each; note it without its lowest bits, as an int32."""
    s0, s1, s2, s3 = streams[0], streams[1], streams[2], streams[3]
    for i in range(streams.shape[1]):
        a, b, c, d = s0[i], s1[i], s2[i], s3[i]
        out[i] = _FLOAT(np.int32(_U32(a + d) >> _U32(drop)))
        s0[i], s1[i], s2[i], s3[i] = _next(a, b, c, d)


@compiled(fastmath=True, error_model="numpy")
def _box_muller(first: Array, second: Array) -> None:  # pragma: no cover - compiled
    """Turn 24 bits and a signed int32 into two normal numbers, in place."""
    for i in range(first.shape[0]):
        # Uniform in (0, 1); both ends are half a step away.
        uniform = (first[i] + _FLOAT(0.5)) * _FLOAT(2.0**-24)
        radius = np.sqrt(_FLOAT(-2) * _logarithm(uniform))
        # Half the angle, in [-pi/2, pi/2); then the formulas of the double angle.
        half = second[i] * (_FLOAT(2.0**-32) * _PI)
        sine, cosine = _half_sine(half), _half_cosine(half)
        first[i] = radius * (_FLOAT(1) - _FLOAT(2) * sine * sine)
        second[i] = radius * (_FLOAT(2) * sine * cosine)


@compiled(fastmath=True, error_model="numpy")
def field_draws(streams: Array, out: Array) -> None:  # pragma: no cover - compiled
    """Advance the streams by one draw each and fill out with numbers for a thermal field.

    Mean 0, variance 1, third moment 0, fourth 3, fifth 0: independent on each axis.
    streams: (4, magnets) uint32, changed. out: (3, magnets) float32.
    """
    s0, s1, s2, s3 = streams[0], streams[1], streams[2], streams[3]
    x, y, z = out[0], out[1], out[2]
    for i in range(streams.shape[1]):
        a, b, c, d = s0[i], s1[i], s2[i], s3[i]
        draw = _U32(a + d)
        s0[i], s1[i], s2[i], s3[i] = _next(a, b, c, d)
        # Ten bits for each axis, from the top: the lowest bits of this generator are its
        # weakest, and the last two are left alone.
        x[i] = _cubic(draw)
        y[i] = _cubic(_U32(draw << _U32(FIELD_BITS)))
        z[i] = _cubic(_U32(draw << _U32(2 * FIELD_BITS)))


@compiled(fastmath=True, error_model="numpy")
def _cubic(draw: Any) -> Any:  # pragma: no cover - compiled
    """Return the number that the top bits of a draw stand for."""
    u = _FLOAT(np.int32(draw) >> _DROP) + _FLOAT(0.5)
    return u * (_LINEAR + _CUBIC * u * u)
