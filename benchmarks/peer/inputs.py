"""What `peers.py` hands to the programs of this folder, and what it reads of their reports.

A folder has the network as JSON, images and weights as npz where the network has weights, and the
files that SCALE-Sim and ZigZag read. Needs the standard library alone, as each simulator has an
environment of its own (`load_images`: NumPy).
"""

import json
from pathlib import Path

NETWORK, IMAGES = "network.json", "images.npz"
TOPOLOGY, LAYOUT, CONFIG, WORKLOAD = "topology.csv", "layout.csv", "scale.cfg", "workload.yaml"

_ARRAY = """\
[general]
run_name = run
[architecture_presets]
ArrayHeight = 32
ArrayWidth = 32
IfmapSramSzkB = 64
FilterSramSzkB = 64
OfmapSramSzkB = 64
IfmapOffset = 0
FilterOffset = 10000000
OfmapOffset = 20000000
Dataflow = ws
ReadRequestBuffer = 64
WriteRequestBuffer = 64
[layout]
IfmapCustomLayout = False
IfmapSRAMBankBandwidth = 10
IfmapSRAMBankNum = 10
IfmapSRAMBankPort = 2
FilterCustomLayout = False
FilterSRAMBankBandwidth = 10
FilterSRAMBankNum = 10
FilterSRAMBankPort = 2
[sparsity]
SparsitySupport = false
[run_presets]
InterfaceBandwidth = CALC
UseRamulatorTrace = False
"""
_COLUMNS = (
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, "
    "Num Filter, Strides, Sparsity,"
)
_BITS = {"W": 8, "I": 8, "O": 16, "O_final": 8}


def write_files(folder: Path, network: dict) -> None:
    """Write what the simulators read of a network: `layers`, each with name, op, shapes, window."""
    (folder / NETWORK).write_text(json.dumps(network))
    (folder / TOPOLOGY).write_text(topology(network["layers"]))
    (folder / LAYOUT).write_text("Layer name,\n")
    (folder / CONFIG).write_text(_ARRAY)
    # JSON is YAML.
    (folder / WORKLOAD).write_text(json.dumps(workload(network["layers"])))


def convolutions(layers: list[dict]) -> list[dict]:
    """Return the layers that every simulator knows."""
    return [layer for layer in layers if layer["op"] == "conv"]


def macs(layers: list[dict]) -> int:
    """Return the multiplications of the convolutions, those with zeros of the border, too."""
    total = 0
    for layer in convolutions(layers):
        maps, rows, cols = layer["out_shape"]
        total += maps * rows * cols * layer["in_shape"][0] * layer["kernel"] ** 2
    return total


def topology(layers: list[dict]) -> str:
    """Return the convolutions as SCALE-Sim's table; its maps have their border of zeros."""
    lines = [_COLUMNS]
    for layer in convolutions(layers):
        maps, rows, cols = layer["in_shape"]
        above, left, below, right = layer["pads"]
        kernel, out, stride = layer["kernel"], layer["out_shape"][0], layer["stride"]
        sizes = (rows + above + below, cols + left + right, kernel, kernel, maps, out, stride)
        lines.append(f"{layer['name']}, {', '.join(map(str, sizes))}, 1:1,")
    return "\n".join(lines) + "\n"


def workload(layers: list[dict]) -> list[dict]:
    """Return the convolutions as ZigZag's loops, each one reading the one before."""
    return [_loops(number, layer) for number, layer in enumerate(convolutions(layers))]


def _loops(number: int, layer: dict) -> dict:
    (in_maps, in_rows, in_cols), (maps, rows, cols) = layer["in_shape"], layer["out_shape"]
    above, left, below, right = layer["pads"]
    kernel, stride = layer["kernel"], layer["stride"]
    return {
        "id": number,
        "name": layer["name"],
        "operator_type": "Conv",
        "equation": "O[b][k][oy][ox]+=W[k][c][fy][fx]*I[b][c][iy][ix]",
        "dimension_relations": [f"ix={stride}*ox+1*fx", f"iy={stride}*oy+1*fy"],
        "loop_dims": ["B", "K", "C", "OY", "OX", "FY", "FX"],
        "loop_sizes": [1, maps, in_maps, rows, cols, kernel, kernel],
        "operand_precision": _BITS,
        "operand_source": {"I": max(number - 1, 0), "W": number},
        "pr_loop_dims": ["IY", "IX"],
        "pr_loop_sizes": [in_rows, in_cols],
        "padding": [[above, below], [left, right]],
    }


def scalesim_cycles(report: str) -> list[int]:
    """Return the cycles of each layer, stalls included, of SCALE-Sim's COMPUTE_REPORT.csv.

    Raises ValueError for a report without the column 'Total Cycles'.
    """
    header, *rows = report.splitlines()
    column = [name.strip() for name in header.split(",")].index("Total Cycles")
    return [int(float(row.split(",")[column])) for row in rows if row.strip()]


def load_images(folder: Path) -> tuple:
    """Return images (count, 1, rows, cols) of [0, 1], labels, and the weights by name."""
    import numpy as np

    found = dict(np.load(folder / IMAGES))
    images = (found.pop("images") / 255).astype(np.float32)
    return images, found.pop("labels").astype(np.int64), found
