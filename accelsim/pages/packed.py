"""Columns of numbers as a page carries them: one block, compressed, as base64 text.

Of each column there is its type, place and length. Numbers are little-endian, as in every
browser's arrays; `web/packed.js` reads them.
"""

import base64
import gzip
from typing import Any

import numpy as np

Columns = dict[str, np.ndarray[Any, Any]]
_ALIGNED = 8


def packed(columns: Columns) -> tuple[dict[str, Any], str]:
    """Return of each column its type, its place in bytes and its length, and the block."""
    places, parts, size = {}, [], 0
    for name, column in columns.items():
        numbers = column.astype(column.dtype.newbyteorder("<"))
        raw = numbers.tobytes()
        places[name] = [numbers.dtype.name, size, len(numbers)]
        parts.append(raw + bytes(-len(raw) % _ALIGNED))
        size += len(parts[-1])
    block = gzip.compress(b"".join(parts), compresslevel=6, mtime=0)
    return places, base64.b64encode(block).decode("ascii")
