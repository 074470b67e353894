"""What a model itself makes of images: to hold a machine's classes against."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.importer.evaluate import at_once, evaluate
from accelsim.importer.imported import ImportedNetwork
from accelsim.resources import display, visible

_DTYPES: dict[str, type[np.floating[Any]]] = {
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
}


class Reference:
    """A model in onnxruntime, if that is installed; InputError for a model that it refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._session: Any = None
        try:
            import onnxruntime  # noqa: PLC0415 - an extra
        except ImportError:
            return
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        self.by = f"onnxruntime {onnxruntime.__version__} on {display(path)}"
        with self._refused():
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )

    def classes(
        self, imported: ImportedNetwork, images: NDArray[np.uint8]
    ) -> tuple[NDArray[np.int64], str]:
        """Return the largest class of each image, (n,), and what computed it.

        onnxruntime computes the model as it is; without it, NumPy computes the layers that were
        made of it, in floating point.
        """
        if self._session is None:
            return _by_layers(imported, images), "floating point, without onnxruntime"
        (feed,) = self._session.get_inputs()
        # A model whose batch is fixed takes so many at a time.
        is_fixed = isinstance(feed.shape[0], int) and feed.shape[0] > 0
        size = feed.shape[0] if is_fixed else at_once(imported.layers, images.shape[1:])
        dtype = _DTYPES.get(feed.type, np.float32)
        found = []
        for start in range(0, len(images), size):
            part = imported.fed.of(images[start : start + size], np.float32).astype(dtype)
            missing = size - len(part) if is_fixed else 0
            padded = np.pad(part, ((0, missing), (0, 0), (0, 0), (0, 0)))
            with self._refused():
                out = self._session.run(None, {feed.name: padded})[0][: len(part)]
            found.append(out.reshape(len(part), -1).argmax(axis=1))
        return np.concatenate(found), self.by

    @contextmanager
    def _refused(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - its exceptions have no base of their own
            reason = visible(" ".join(str(error).split()), 200)
            raise InputError(f"{display(self._path)}: onnxruntime refuses it: {reason}") from None


def _by_layers(imported: ImportedNetwork, images: NDArray[np.uint8]) -> NDArray[np.int64]:
    found = []
    size = at_once(imported.layers, images.shape[1:])
    for start in range(0, len(images), size):
        part = imported.pixels.of(images[start : start + size], np.float32)
        last = evaluate(imported.layers, part)[imported.layers[-1].name]
        found.append(last.reshape(len(part), -1).argmax(axis=1))
    return np.concatenate(found)
