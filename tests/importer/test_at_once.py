"""How many images an import evaluates at once."""

import numpy as np
import pytest

from accelsim.importer import evaluate as module
from accelsim.importer import import_model
from accelsim.importer.evaluate import at_once
from accelsim.importer.layers import ImportedLayer
from accelsim.importer.reference import Reference
from accelsim.ops import Shape
from tests.importer.models import residual


@pytest.mark.parametrize(
    ("maps", "side", "groups", "expected"),
    [
        # Of 8 x 28 x 28 = 6272 cells: image, conv and relu 3 x 6272, windows 9 x 6272. 2^26 numbers
        # are those of 891 images: 100.
        (8, 28, 1, 100),
        # 12 x 64 x 56 x 56 = 2,408,448: 27 images.
        (64, 56, 1, 27),
        (64, 56, 4, 27),
        # 16 times that are 38,535,168, of 256 maps more than 2^26: one image all the same.
        (64, 224, 1, 1),
        (256, 224, 1, 1),
    ],
)
def test_images_at_once_by_hand(maps, side, groups, expected):
    shape = Shape(maps, side, side)
    weight = np.zeros((maps, maps // groups, 3, 3))
    conv = ImportedLayer("conv", "conv", ("input",), shape, 3, groups=groups, weight=weight)
    layers = [conv, ImportedLayer("relu", "relu", ("conv",), shape)]
    assert at_once(layers, shape) == expected


@pytest.mark.parametrize("session", [True, False])
def test_what_is_found_does_not_depend_on_it(tmp_path, monkeypatch, session):
    path = residual().save(tmp_path / "model.onnx")
    imported = import_model(path)
    images = np.random.default_rng(5).integers(0, 256, (7, 3, 8, 8), np.uint8)
    reference = Reference(path)
    if not session:
        reference._session = None
    sizes = []

    def evaluated(layers, part):
        sizes.append(len(part))
        return module.evaluate(layers, part)

    monkeypatch.setattr("accelsim.importer.ranges.evaluate", evaluated)
    together = imported.scaled(images, 99.0), reference.classes(imported, images)[0]
    assert sizes == [7, 7]
    sizes.clear()
    # A conv of 6 maps of 8 x 8 sees 3456; values are some 4,000: 3 images of less than 8,000.
    monkeypatch.setattr(module, "_MOST_NUMBERS", 24_000)
    few = imported.scaled(images, 99.0), reference.classes(imported, images)[0]
    assert sizes == [3, 3, 1, 3, 3, 1]
    assert few[0].ranges == together[0].ranges
    for name, array in together[0].arrays.items():
        assert np.array_equal(few[0].arrays[name], array)
    assert (few[1] == together[1]).all()
