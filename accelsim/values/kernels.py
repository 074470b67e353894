"""Compiled loops of the values engine: noise, weighing with a gain for every synapse, settling.

Everything is done image by image, from numbers that belong to the image alone, so that no
result depends on batches or threads. Arrays are float32 and C-contiguous.
"""

from typing import Any

import numpy as np
from numba import njit

from accelsim.device.streams import WORDS, normal_pairs

STREAMS = 128
"""Random streams side by side: what lets the generator use vector instructions."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_ONE = np.float32(1)


@njit(nogil=True, cache=True, error_model="numpy")
def _mix(z: Any) -> Any:  # pragma: no cover - compiled
    """Return SplitMix64's output function of a state."""
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))


@njit(nogil=True, cache=True, error_model="numpy")
def _seed(states: Any, seed: Any, image: Any, draw: Any) -> None:  # pragma: no cover - compiled
    """Set the states of the streams of one draw of one image."""
    key = _mix(np.uint64(seed) + _GOLDEN)
    key = _mix(key + (np.uint64(image) + np.uint64(1)) * _GOLDEN)
    key = _mix(key + (np.uint64(draw) + np.uint64(1)) * _GOLDEN)
    for word in range(WORDS):
        for i in range(STREAMS):
            z = _mix(key + np.uint64(WORDS * i + word + 1) * _GOLDEN)
            states[word, i] = np.uint32(z >> np.uint64(32))


@njit(nogil=True, cache=True, error_model="numpy")
def add_noise(
    values: Any, sigma: Any, seed: Any, images: Any, draw: Any
) -> None:  # pragma: no cover - compiled
    """Add normal numbers to values (images, n), in place.

    sigma: standard deviation of each value, (n,). seed, images[k] and draw name the numbers
    that row k gets.
    """
    count = values.shape[1]
    rows = 2 * ((count + 2 * STREAMS - 1) // (2 * STREAMS))
    states = np.empty((WORDS, STREAMS), np.uint32)
    noise = np.empty((rows, STREAMS), np.float32)
    flat = noise.reshape(-1)
    for k in range(values.shape[0]):
        _seed(states, seed, images[k], draw)
        normal_pairs(states, noise)
        row = values[k]
        for i in range(count):
            row[i] += sigma[i] * flat[i]


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def weigh(
    total: Any, source: Any, weights: Any, windows: Any, shared: Any
) -> None:  # pragma: no cover - compiled
    """Add weights x source to total, (images, maps, rows, cols).

    source: (images, planes, ...). weights: weight x gain of each destination cell's
    synapse, (maps, planes, taps, rows x cols), with one plane unless shared. windows: a row
    a tap: first and last + 1 window row, source row of window row 0, the same for columns,
    and the two steps. What a tap sees is gathered first, so that the sums are over whole maps.
    """
    images, maps, rows, cols = total.shape
    flat = total.reshape(images, maps, rows * cols)
    seen = np.empty((rows, cols), np.float32)
    flat_seen = seen.reshape(-1)
    for k in range(images):
        for plane in range(source.shape[1]):
            for t in range(weights.shape[2]):
                _gather(seen, source[k, plane], windows[t])
                if shared:
                    for m in range(maps):
                        _accumulate(flat[k, m], weights[m, plane, t], flat_seen)
                else:
                    _accumulate(flat[k, plane], weights[plane, 0, t], flat_seen)


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def _accumulate(out: Any, weight: Any, seen: Any) -> None:  # pragma: no cover - compiled
    for j in range(out.shape[0]):
        out[j] += weight[j] * seen[j]


@njit(nogil=True, cache=True, error_model="numpy")
def _gather(seen: Any, plane: Any, window: Any) -> None:  # pragma: no cover - compiled
    """Copy what a tap sees of a plane for each window cell; 0 outside of the plane."""
    first, last, top, begin, end, left, row_step, col_step = window
    if first > 0 or begin > 0 or last < seen.shape[0] or end < seen.shape[1]:
        seen[:] = 0
    for i in range(first, last):
        row, out = plane[i * row_step + top], seen[i]
        if col_step == 1:
            for j in range(begin, end):
                out[j] = row[j + left]
        else:
            for j in range(begin, end):
                out[j] = row[j * col_step + left]


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def settle(target: Any, old: Any, residual: Any) -> None:  # pragma: no cover - compiled
    """Clip targets (images, n) to [-1, 1]; leave a share of the old content in each.

    residual: the share, one for each image. In place.
    """
    for k in range(target.shape[0]):
        share = np.float32(residual[k])
        for i in range(target.shape[1]):
            value = min(max(target[k, i], -_ONE), _ONE)
            target[k, i] = value + share * (old[k, i] - value)
