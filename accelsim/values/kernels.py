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
_FLOAT = np.float32
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

    sigma: standard deviation of each value, (images, n) or (1, n) for all images alike. seed,
    images[k] and draw name the numbers that row k gets.
    """
    count = values.shape[1]
    rows = 2 * ((count + 2 * STREAMS - 1) // (2 * STREAMS))
    states = np.empty((WORDS, STREAMS), np.uint32)
    noise = np.empty((rows, STREAMS), np.float32)
    flat = noise.reshape(-1)
    for k in range(values.shape[0]):
        _seed(states, seed, images[k], draw)
        normal_pairs(states, noise)
        row, deviation = values[k], sigma[k if sigma.shape[0] > 1 else 0]
        for i in range(count):
            row[i] += deviation[i] * flat[i]


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
def store(  # noqa: PLR0913, PLR0917 - a compiled loop takes plain arrays
    target: Any, old: Any, limit: Any, mean: Any, carry: Any, which: Any
) -> None:  # pragma: no cover - compiled
    """Turn levels driven (images, n) into the values that reads will give, in place.

    old: what the cells held. limit, mean, carry: of `tables.Tables`, carry (T, M, M) with
    which[k] the table of row k.
    """
    top = np.float32(limit)
    last, scale = np.int32(mean.shape[0] - 2), np.float32(mean.shape[0] - 1) / (top + top)
    points = np.int32(carry.shape[1])
    tables = carry.reshape(carry.shape[0], -1)
    end, step = points - np.int32(2), np.float32(points - 1) / _FLOAT(2)
    for k in range(target.shape[0]):
        row, before, table = target[k], old[k], tables[which[k]]
        for i in range(row.shape[0]):
            at = (min(max(row[i], -top), top) + top) * scale
            j = min(np.int32(at), last)
            value = mean[j] + (at - _FLOAT(j)) * (mean[j + 1] - mean[j])
            at = (min(max(before[i], -_ONE), _ONE) + _ONE) * step
            a = min(np.int32(at), end)
            share = at - _FLOAT(a)
            at = (value + _ONE) * step
            b = min(np.int32(at), end)
            rest = at - _FLOAT(b)
            low = a * points + b
            high = low + points
            left = table[low] + rest * (table[low + 1] - table[low])
            right = table[high] + rest * (table[high + 1] - table[high])
            row[i] = value + left + share * (right - left)


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def store_plain(target: Any, limit: Any, mean: Any) -> None:  # pragma: no cover - compiled
    """Do as `store` where nothing is left of what the cells held."""
    top = np.float32(limit)
    last, scale = np.int32(mean.shape[0] - 2), np.float32(mean.shape[0] - 1) / (top + top)
    for k in range(target.shape[0]):
        row = target[k]
        for i in range(row.shape[0]):
            at = (min(max(row[i], -top), top) + top) * scale
            j = min(np.int32(at), last)
            row[i] = mean[j] + (at - _FLOAT(j)) * (mean[j + 1] - mean[j])


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def look_up(out: Any, values: Any, table: Any) -> None:  # pragma: no cover - compiled
    """Set out, of the shape (n,), to a table over values from -1 to 1."""
    last, scale = np.int32(table.shape[0] - 2), _FLOAT(table.shape[0] - 1) / _FLOAT(2)
    for i in range(out.shape[0]):
        at = (min(max(values[i], -_ONE), _ONE) + _ONE) * scale
        j = min(np.int32(at), last)
        out[i] = table[j] + (at - _FLOAT(j)) * (table[j + 1] - table[j])
