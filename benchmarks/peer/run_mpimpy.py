"""mPimPy on a folder that `peers.py` has filled: classes of images. Runs in its environment.

    python run_mpimpy.py FOLDER

Convolutions are products with pairs of memristors on crossbars of 32 x 32 (16 levels, spread of
conductances 0.02, converters of 8 and 10 bits, no wire resistance: its defaults), an image at a
time, as it forms a square matrix of the rows that it is given. The rest is NumPy. Prints a line
of JSON.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from inputs import NETWORK, load_images
from measure import spent
from mpimpy.memmatdp import diffpairdpe

_SIDE = 32


def main(folder: Path) -> None:
    """Classify the images once."""
    network = json.loads((folder / NETWORK).read_text())
    images, labels, weights = load_images(folder)
    np.random.seed(0)  # noqa: NPY002 - mPimPy draws from NumPy's global state
    engine, right = diffpairdpe(array_size=(_SIDE, _SIDE)), []

    def work() -> None:
        right[:] = [
            int(_class_of(engine, network, weights, image)) == label
            for image, label in zip(images, labels, strict=True)
        ]

    used = spent(work)
    print(json.dumps(used | {"version": version("mpimpy"), "right": sum(right) / len(right)}))


def _class_of(engine, network, weights, maps):
    for layer in network["layers"]:
        if layer["op"] == "conv":
            maps = _convolution(engine, layer, weights, maps)
        elif layer["op"] == "relu":
            maps = maps.clip(0, 1)
        elif layer["op"] == "maxpool":
            count, rows, cols = layer["out_shape"]
            maps = maps.reshape(count, rows, 2, cols, 2).max((2, 4))
        else:
            maps = weights[f"{layer['name']}.weight"] @ maps.ravel()
            maps = maps + weights[f"{layer['name']}.bias"]
    return maps.argmax()


def _convolution(engine, layer, weights, maps):
    weight, bias = (weights[f"{layer['name']}.{part}"] for part in ("weight", "bias"))
    above, left, below, right = layer["pads"]
    maps = np.pad(maps, ((0, 0), (above, below), (left, right)))
    windows = np.lib.stride_tricks.sliding_window_view(maps, weight.shape[2:], (1, 2))
    rows = windows.transpose(1, 2, 0, 3, 4).reshape(-1, weight[0].size)
    # It pads correctly only what is no multiple of the crossbar in both directions, or in none.
    product = engine.MapReduceDot(_padded(rows, 1), _padded(weight.reshape(len(weight), -1)))
    made = product[:, : len(weight)] + bias
    return made.T.reshape(layer["out_shape"])


def _padded(matrix, rows=_SIDE):
    """Return a matrix that is filled up to whole crossbars; weights are turned."""
    matrix = np.pad(
        matrix, [(0, -size % to) for size, to in zip(matrix.shape, (rows, _SIDE), strict=True)]
    )
    return matrix if rows == 1 else matrix.T


main(Path(sys.argv[1]))
