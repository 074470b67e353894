"""What a model itself makes of images: to hold a machine's classes against."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accelsim.importer.evaluate import evaluate
from accelsim.importer.imported import ImportedNetwork
from accelsim.importer.ranges import BATCH
from accelsim.resources import display


def classes_of(
    path: Path, imported: ImportedNetwork, images: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], str]:
    """Return the largest class of each image, (n,), and what computed it.

    onnxruntime computes the model as it is; without it, NumPy computes the layers that were made
    of it, in floating point.
    """
    try:
        import onnxruntime  # noqa: PLC0415 - an extra
    except ImportError:
        return _by_layers(imported, images), "floating point, without onnxruntime"
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    (feed,) = session.get_inputs()
    # A model whose batch is fixed takes so many at a time.
    size = feed.shape[0] if isinstance(feed.shape[0], int) else BATCH
    found = []
    for start in range(0, len(images), size):
        part = images[start : start + size].astype(np.float32) / np.float32(255)
        missing = size - len(part) if isinstance(feed.shape[0], int) else 0
        padded = np.pad(part, ((0, missing), (0, 0), (0, 0), (0, 0)))
        out = session.run(None, {feed.name: padded})[0][: len(part)]
        found.append(out.reshape(len(part), -1).argmax(axis=1))
    return np.concatenate(found), f"onnxruntime {onnxruntime.__version__} on {display(path)}"


def _by_layers(imported: ImportedNetwork, images: NDArray[np.uint8]) -> NDArray[np.int64]:
    found = []
    for start in range(0, len(images), BATCH):
        part = images[start : start + BATCH].astype(np.float32) / np.float32(255)
        last = evaluate(imported.layers, part)[imported.layers[-1].name]
        found.append(last.reshape(len(part), -1).argmax(axis=1))
    return np.concatenate(found)
