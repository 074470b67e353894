"""Compiled loops of the values engine: noise, weighing with a gain for every synapse, settling.

Everything is done image by image, from numbers that belong to the image alone, so that no
result depends on batches or threads. Arrays are float32 and C-contiguous.
"""

from typing import Any

import numpy as np

from accelsim.compiled import compiled
from accelsim.device.streams import WORDS, normal_pairs

STREAMS = 32
"""Random streams side by side: what lets the generator use vector instructions."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_FLOAT = np.float32
_ONE = np.float32(1)


@compiled(error_model="numpy")
def _mix(z: Any) -> Any:  # pragma: no cover - compiled
    """Return SplitMix64's output function of a state."""
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))


@compiled(error_model="numpy")
def _seed(states: Any, seed: Any, image: Any, draw: Any) -> None:  # pragma: no cover - compiled
    """Set the states of the streams of one draw of one image."""
    key = _mix(np.uint64(seed) + _GOLDEN)
    key = _mix(key + (np.uint64(image) + np.uint64(1)) * _GOLDEN)
    key = _mix(key + (np.uint64(draw) + np.uint64(1)) * _GOLDEN)
    for pair in range(WORDS // 2):
        for i in range(STREAMS):
            z = _mix(key + np.uint64(WORDS // 2 * i + pair + 1) * _GOLDEN)
            states[2 * pair, i] = np.uint32(z >> np.uint64(32))
            states[2 * pair + 1, i] = np.uint32(z & np.uint64(0xFFFFFFFF))


@compiled(error_model="numpy")
def draw_normal(
    states: Any, noise: Any, seed: Any, image: Any, draw: Any
) -> None:  # pragma: no cover
    """Fill noise (rows, STREAMS) with the normal numbers of a draw of an image."""
    _seed(states, seed, image, draw)
    normal_pairs(states, noise)


@compiled(error_model="numpy")
def room(count: Any) -> Any:  # pragma: no cover - compiled
    """Return room for so many normal numbers, (rows, STREAMS)."""
    return np.empty((2 * ((count + 2 * STREAMS - 1) // (2 * STREAMS)), STREAMS), np.float32)


@compiled(fastmath=True, error_model="numpy")
def add_noise(
    values: Any, variance: Any, seed: Any, images: Any, draw: Any
) -> None:  # pragma: no cover - compiled
    """Add normal numbers to values (images, n), in place.

    variance: of each value, (images, n) or (1, n) for all images alike. seed, images[k] and
    draw name the numbers that row k gets.
    """
    count = values.shape[1]
    states, noise = np.empty((WORDS, STREAMS), np.uint32), room(count)
    flat = noise.reshape(-1)
    for k in range(values.shape[0]):
        draw_normal(states, noise, seed, images[k], draw)
        row, each = values[k], variance[k if variance.shape[0] > 1 else 0]
        for i in range(count):
            row[i] += np.sqrt(each[i]) * flat[i]


@compiled(fastmath=True, error_model="numpy")
def entry(value: Any, half: Any) -> Any:  # pragma: no cover - compiled
    """Return the nearest entry of a table over -1 to 1, whose middle is entry `half`."""
    value = max(value, -_ONE)
    value = min(value, _ONE)
    return np.int32(value * half + (half + _FLOAT(0.5)))


@compiled(fastmath=True, error_model="numpy")
def read(
    values: Any, table: Any, seed: Any, images: Any, draw: Any
) -> None:  # pragma: no cover - compiled
    """Add the noise of a read to values (images, n), in place: a table over -1 to 1."""
    count = values.shape[1]
    states, noise = np.empty((WORDS, STREAMS), np.uint32), room(count)
    flat = noise.reshape(-1)
    half = _FLOAT(table.shape[0] - 1) / _FLOAT(2)
    for k in range(values.shape[0]):
        draw_normal(states, noise, seed, images[k], draw)
        row = values[k]
        for i in range(count):
            row[i] += table[entry(row[i], half)] * flat[i]


@compiled(fastmath=True, error_model="numpy")
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
                gather(seen, source[k, plane], windows[t])
                if shared:
                    for m in range(maps):
                        _accumulate(flat[k, m], weights[m, plane, t], flat_seen)
                else:
                    _accumulate(flat[k, plane], weights[plane, 0, t], flat_seen)


@compiled(fastmath=True, error_model="numpy")
def _accumulate(out: Any, weight: Any, seen: Any) -> None:  # pragma: no cover - compiled
    for j in range(out.shape[0]):
        out[j] += weight[j] * seen[j]


@compiled(fastmath=True, error_model="numpy")
def weigh_own(
    total: Any, variance: Any, source: Any, weights: Any, windows: Any, table: Any
) -> None:  # pragma: no cover - compiled
    """Do as `weigh` does for planes that are not shared, and add the variance of the reads.

    variance: as total, of the noise that comes with it, where one synapse reads each cell.
    table: variance of a read for values from -1 to 1.
    """
    images, maps, rows, cols = total.shape
    flat = total.reshape(images, maps, rows * cols)
    spread = variance.reshape(images, maps, rows * cols)
    seen = np.empty((rows, cols), np.float32)
    flat_seen = seen.reshape(-1)
    half = _FLOAT(table.shape[0] - 1) / _FLOAT(2)
    for k in range(images):
        for plane in range(maps):
            out, noise = flat[k, plane], spread[k, plane]
            for t in range(weights.shape[2]):
                gather(seen, source[k, plane], windows[t])
                weight = weights[plane, 0, t]
                for i in range(out.shape[0]):
                    value, w = flat_seen[i], weight[i]
                    out[i] += w * value
                    noise[i] += w * w * table[entry(value, half)]


@compiled(error_model="numpy")
def gather(seen: Any, plane: Any, window: Any) -> None:  # pragma: no cover - compiled
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


@compiled(fastmath=True, error_model="numpy")
def write(  # noqa: PLR0913, PLR0917 - a compiled kernel takes plain arrays
    levels: Any, old: Any, variance: Any, limit: Any, tables: Any, which: Any, motion: Any,
    seed: Any, images: Any, draw: Any,
) -> None:  # fmt: skip # pragma: no cover - compiled
    """Add noise to levels that are driven, and turn them into the values that reads will give.

    levels: (images, maps, n), changed. old: what the cells held; the levels themselves if nothing
    is left of it. variance: of the noise, in the shape of levels or (1, maps, n), beside that of
    the magnet's motion. tables, motion: as of `cells.Cells.packed`, which[k] the table of image k.
    seed, images[k] and draw name the normal numbers of image k.
    """
    maps, count = levels.shape[1], levels.shape[2]
    top = _FLOAT(limit)
    states, noise = np.empty((WORDS, STREAMS), np.uint32), room(maps * count)
    flat = noise.reshape(-1)
    for k in range(levels.shape[0]):
        draw_normal(states, noise, seed, images[k], draw)
        for m in range(maps):
            like = m if tables.shape[1] > 1 else 0
            row, before, table = levels[k, m], old[k, m], tables[which[k], like]
            each = variance[k if variance.shape[0] > 1 else 0, m]
            _add(row, before, each, motion[like], flat[m * count : (m + 1) * count], top)
            _store(row, before, table, top)


@compiled(fastmath=True, error_model="numpy")
def _add(
    row: Any, before: Any, each: Any, motion: Any, noise: Any, top: Any
) -> None:  # pragma: no cover - compiled
    # A loop of its own, without tables: those would keep all of it from vector instructions.
    for i in range(row.shape[0]):
        own = frozen(motion, min(max(row[i], -top), top), before[i])
        row[i] += np.sqrt(max(each[i] + own, _FLOAT(0))) * noise[i]


@compiled(fastmath=True, error_model="numpy")
def frozen(motion: Any, level: Any, before: Any) -> Any:  # pragma: no cover - compiled
    """Return the variance of a write by the magnet's motion, a polynomial: motion (3, 7)."""
    own = _FLOAT(0)
    for power in range(2, -1, -1):
        c = motion[power]
        part = c[3] + level * (c[4] + level * (c[5] + level * c[6]))
        part = c[0] + level * (c[1] + level * (c[2] + level * part))
        own = part + before * own
    return own


@compiled(fastmath=True, error_model="numpy")
def _store(row: Any, before: Any, table: Any, top: Any) -> None:  # pragma: no cover - compiled
    scale = _FLOAT(table.shape[0] - 1) / (top + top)
    for i in range(row.shape[0]):
        at = (min(max(row[i], -top), top) + top) * scale
        j = np.int32(at)
        f = at - _FLOAT(j)
        row[i] = table[j, 0] + f * table[j, 1] + before[i] * (table[j, 2] + f * table[j, 3])
