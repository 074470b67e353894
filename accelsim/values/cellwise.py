"""Compiled loops for cells that differ: as those of `kernels`, with numbers for each cell.

Arrays are float32 and C-contiguous; what a cell has of its own is an array over cells.
"""

from typing import Any

import numpy as np

from accelsim.compiled import compiled
from accelsim.device.streams import WORDS
from accelsim.values.kernels import STREAMS, draw_normal, entry, frozen, gather, room

_FLOAT = np.float32


@compiled(fastmath=True, error_model="numpy")
def read_each(  # noqa: PLR0913, PLR0917 - a compiled kernel takes plain arrays
    values: Any, table: Any, motion: Any, readout: Any, seed: Any, images: Any, draw: Any
) -> None:  # pragma: no cover - compiled
    """Add the noise of a read to values (images, n), in place.

    table: variance of a nominal magnet's motion for values from -1 to 1. motion: factor of it,
    (n,). readout: variance beside it, (n,).
    """
    count = values.shape[1]
    states, noise = np.empty((WORDS, STREAMS), np.uint32), room(count)
    flat = noise.reshape(-1)
    half = _FLOAT(table.shape[0] - 1) / _FLOAT(2)
    for k in range(values.shape[0]):
        draw_normal(states, noise, seed, images[k], draw)
        row = values[k]
        for i in range(count):
            row[i] += np.sqrt(motion[i] * table[entry(row[i], half)] + readout[i]) * flat[i]


@compiled(fastmath=True, error_model="numpy")
def weigh_own_each(  # noqa: PLR0913, PLR0917 - a compiled kernel takes plain arrays
    total: Any, variance: Any, source: Any, weights: Any, squares: Any, windows: Any, table: Any
) -> None:  # pragma: no cover - compiled
    """Do as `kernels.weigh_own`; squares: of the weights, times the source's factor of motion."""
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
                weight, square = weights[plane, 0, t], squares[plane, 0, t]
                for i in range(out.shape[0]):
                    value = flat_seen[i]
                    out[i] += weight[i] * value
                    noise[i] += square[i] * table[entry(value, half)]


@compiled(fastmath=True, error_model="numpy")
def write_each(  # noqa: PLR0913, PLR0917 - a compiled kernel takes plain arrays
    levels: Any, old: Any, variance: Any, most: Any, reach: Any, tables: Any, which: Any,
    motion: Any, drive: Any, shift: Any, tilt: Any, factor: Any, seed: Any, images: Any, draw: Any,
) -> None:  # fmt: skip # pragma: no cover - compiled
    """Do as `kernels.write` for cells of their own.

    most: the level beyond which no drive goes. drive: factor of the level; shift, tilt: of the
    mean's change with stability and with a tilt; factor: of the variance of motion, (maps, n).
    tables: over levels from -reach to reach, straight on beyond them; last the two changes.
    """
    maps, count = levels.shape[1], levels.shape[2]
    top, end = _FLOAT(most), _FLOAT(reach)
    states, noise = np.empty((WORDS, STREAMS), np.uint32), room(maps * count)
    flat = noise.reshape(-1)
    for k in range(levels.shape[0]):
        draw_normal(states, noise, seed, images[k], draw)
        for m in range(maps):
            like = m if tables.shape[1] > 1 else 0
            row, before, table = levels[k, m], old[k, m], tables[which[k], like]
            each, mine = variance[k if variance.shape[0] > 1 else 0, m], motion[like]
            part = flat[m * count : (m + 1) * count]
            _add_each(row, before, each, mine, part, top, drive[m], factor[m])
            _store_each(row, before, table, top, end, drive[m], shift[m], tilt[m])


@compiled(fastmath=True, error_model="numpy")
def _add_each(  # noqa: PLR0913, PLR0917 - a compiled kernel takes plain arrays
    row: Any, before: Any, each: Any, motion: Any, noise: Any, top: Any, drive: Any, factor: Any
) -> None:  # pragma: no cover - compiled
    for i in range(row.shape[0]):
        level = min(max(row[i], -top), top) * drive[i]
        own = factor[i] * frozen(motion, min(max(level, -top), top), before[i])
        row[i] += np.sqrt(max(each[i] + own, _FLOAT(0))) * noise[i]


@compiled(fastmath=True, error_model="numpy")
def _store_each(  # noqa: PLR0913, PLR0917 - a compiled kernel takes plain arrays
    row: Any, before: Any, table: Any, top: Any, end: Any, drive: Any, shift: Any, tilt: Any
) -> None:  # pragma: no cover - compiled
    scale = _FLOAT(table.shape[0] - 1) / (end + end)
    last = np.int32(table.shape[0] - 2)
    for i in range(row.shape[0]):
        at = (min(max(row[i], -top), top) * drive[i] + end) * scale
        j = min(max(np.int32(at), np.int32(0)), last)
        f = at - _FLOAT(j)
        row[i] = (
            table[j, 0] + f * table[j, 1]
            + before[i] * (table[j, 2] + f * table[j, 3])
            + shift[i] * (table[j, 4] + f * table[j, 5])
            + tilt[i] * (table[j, 6] + f * table[j, 7])
        )  # fmt: skip
