"""The stochastic Landau-Lifshitz-Gilbert equation of many macrospins, in compiled code.

    dm/dt = -gamma/(1 + alpha^2) [m x B + alpha m x (m x B)],   B = drive + stiffness + thermal

in the sense of Stratonovich, by Heun's method: the thermal field of a step is the same in
predictor and corrector, and m is put back to length 1 after each step. In double
precision. Fields along m exert no torque, so stiffness enters as (0, -B_y m_y, -B_z m_z).
The thermal field of a step is not normal, but has the moments of a normal one up to the
fifth (`streams.field_draws`): more does not show in the distribution of m at the order of
this scheme, and three axes take one draw.

Magnets stand in blocks of BLOCK: (blocks, 3, BLOCK) for m. A block is worked on by one
thread and fits the nearest cache; its inner loop becomes vector instructions. What a
magnet does depends on its own numbers alone, never on blocks or threads.
"""

import math
from typing import Any

import numpy as np

from accelsim.compiled import compiled
from accelsim.device.streams import field_draws

BLOCK = 128
# Rows of the parameters of a block.
HARD, NORMAL, ALPHA, GAIN, THERMAL, HOLD, SWING, ALONG = range(8)
PARAMETERS = 8
# A field of no consequence, in T: it keeps components that decay away from becoming
# subnormal numbers, which processors are slow on.
TINY = 1e-30


@compiled(fastmath=True, error_model="numpy")
def _step(m: Any, parameters: Any, before: Any, after: Any, noise: Any) -> None:  # pragma: no cover
    """Advance a block by one step; before and after: the drive's shape at its two ends."""
    mx, my, mz = m[0], m[1], m[2]
    hard, normal, alpha, gain = parameters[0], parameters[1], parameters[2], parameters[3]
    thermal, hold, swing, along = parameters[4], parameters[5], parameters[6], parameters[7]
    nx, ny, nz = noise[0], noise[1], noise[2]
    for i in range(mx.shape[0]):
        a, h, ky, kz = alpha[i], gain[i], hard[i], normal[i]
        tx, ty = thermal[i] * nx[i] + along[i], thermal[i] * ny[i] + hold[i] + TINY
        tz = thermal[i] * nz[i] + TINY
        x, y, z = mx[i], my[i], mz[i]
        by, bz = ty + swing[i] * before - ky * y, tz - kz * z
        cx, cy, cz = y * bz - z * by, z * tx - x * bz, x * by - y * tx
        fx = -h * (cx + a * (y * cz - z * cy))
        fy = -h * (cy + a * (z * cx - x * cz))
        fz = -h * (cz + a * (x * cy - y * cx))
        u, v, w = x + fx, y + fy, z + fz
        by, bz = ty + swing[i] * after - ky * v, tz - kz * w
        cx, cy, cz = v * bz - w * by, w * tx - u * bz, u * by - v * tx
        x += 0.5 * (fx - h * (cx + a * (v * cz - w * cy)))
        y += 0.5 * (fy - h * (cy + a * (w * cx - u * cz)))
        z += 0.5 * (fz - h * (cz + a * (u * cy - v * cx)))
        inverse = 1.0 / math.sqrt(x * x + y * y + z * z)
        mx[i], my[i], mz[i] = x * inverse, y * inverse, z * inverse


@compiled(fastmath=True, error_model="numpy")
def _draw(streams: Any, draws: Any, noise: Any, more: Any) -> None:  # pragma: no cover - compiled
    """Fill noise with the sum of so many draws."""
    field_draws(streams, noise)
    for _ in range(1, draws):
        field_draws(streams, more)
        noise += more


@compiled(fastmath=True, error_model="numpy")
def advance(  # noqa: PLR0913, PLR0917 - a compiled kernel takes plain arrays
    m: Any, parameters: Any, shape: Any, streams: Any, draws: Any, every: Any, out: Any
) -> None:  # pragma: no cover - compiled
    """Advance a block by len(shape) - 1 steps; every so many, note m in out.

    draws: how many are summed for the thermal field of a step; 0: no thermal field.
    """
    noise = np.zeros((3, m.shape[1]), np.float32)
    more = np.zeros_like(noise)
    sample = 0
    for k in range(shape.shape[0] - 1):
        if draws:
            _draw(streams, draws, noise, more)
        _step(m, parameters, shape[k], shape[k + 1], noise)
        if every and (k + 1) % every == 0:
            out[sample] = m
            sample += 1
