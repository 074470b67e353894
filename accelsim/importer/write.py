"""The files that an import leaves: network file, weights, what nodes became, ranges of layers."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from accelsim.files import new_files
from accelsim.importer.layers import Floats, Row
from accelsim.importer.ranges import Range

NETWORK, WEIGHTS, NODES, RANGES = "network.yaml", "weights.npz", "nodes.csv", "ranges.csv"


def write_import(
    folder: Path,
    data: Mapping[str, Any],
    rows: Sequence[Row],
    weights: Mapping[str, Floats] | None,
    ranges: Sequence[Range],
) -> list[Path]:
    """Write the files of an import, all or none, and return them; without weights fewer.

    data: of the network file. Raises InputError if they cannot be written.
    """
    names = [NODES, NETWORK] if weights is None else [NODES, RANGES, WEIGHTS, NETWORK]
    with new_files(*(folder / name for name in names)) as files:
        files.write(NODES, _table(Row, rows))
        if weights is not None:
            files.write(RANGES, _table(Range, ranges))
            with files.binary(WEIGHTS) as stream:
                single = {name: array.astype(np.float32) for name, array in weights.items()}
                np.savez(stream, allow_pickle=False, **single)
        files.write(NETWORK, network_text(data))
    return [folder / name for name in names]


def network_text(data: Mapping[str, Any]) -> str:
    """Return a network file, a line a layer."""
    return "".join(f"{line}\n" for line in _lines(data))


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    for key, value in data.items():
        if key == "layers":
            yield f"{key}:"
            yield from (f"  - {_flow(each)}" for each in value)
        else:
            yield f"{key}: {_flow(value)}"


def _flow(value: object) -> str:
    """Return a value as YAML in one line; texts are quoted, so that '1' stays one."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _table(kind: type[Row] | type[Range], rows: Sequence[Row] | Sequence[Range]) -> str:
    stream = io.StringIO()
    names = [each.name for each in fields(kind)]
    writer = csv.DictWriter(stream, names, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        cells = asdict(row)
        writer.writerow(
            {
                name: f"{cell:.6g}" if isinstance(cell, float) else cell
                for name, cell in cells.items()
            }
        )
    return stream.getvalue()
