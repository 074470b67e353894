"""Weights and images: what fits, and what a damaged or foreign file is told."""

import gzip

import numpy as np
import pytest

from accelsim.errors import InputError
from accelsim.network import load_weights, open_dataset, read_idx, with_dataset


def idx(shape, rank=None, data=None):
    body = bytes(int(np.prod(shape))) if data is None else data
    sizes = b"".join(size.to_bytes(4, "big") for size in shape)
    return bytes([0, 0, 8, len(shape) if rank is None else rank]) + sizes + body


def test_shipped_digits(mnist):
    dataset = open_dataset(mnist)
    assert dataset.images.shape == (10_000, 1, 28, 28)
    assert dataset.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # The class counts of the standard test set.
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(dataset.labels).tolist() == counts


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_read_idx(tmp_path, pack):
    path = tmp_path / "images"
    path.write_bytes(pack(idx((2, 2, 3), data=bytes(range(12)))))
    assert read_idx(path, 3).tolist() == np.arange(12).reshape(2, 2, 3).tolist()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"images: not an IDX file .*: it begins with nothing, expected 00 00 08 03$"),
        (b"PK\x03\x04rest", r"images: not an IDX file .*: it begins with 50 4b 03 04"),
        (idx((4,)), r"images: not an IDX file of unsigned bytes in 3 dimensions"),
        (idx((2, 2, 2))[:9], r"images: truncated: 9 bytes, the header alone has 16$"),
        (
            idx((2, 2, 2))[:-3],
            r"images: truncated: 21 bytes, its header says 2 x 2 x 2, which takes 24$",
        ),
        (idx((2, 2, 2)) + b"x", r"images: too long: more than 24 bytes, its header says 2 x 2 x 2"),
        (
            gzip.compress(idx((2, 2, 2)), mtime=0)[:-9],
            r"images: cannot be read, truncated or damaged",
        ),
    ],
)
def test_damaged_idx(tmp_path, data, message):
    path = tmp_path / "images"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_idx(path, 3)


def test_missing_idx(tmp_path):
    with pytest.raises(InputError, match=r"images: no such IDX file$"):
        read_idx(tmp_path / "images", 3)


@pytest.fixture
def digits(tmp_path, make_network):
    """A network of 2 x 2 images and 3 classes whose dataset is written by the test."""

    def make(images, labels):
        (tmp_path / "images").write_bytes(images)
        (tmp_path / "labels").write_bytes(labels)
        dataset = {"format": "idx", "images": str(tmp_path / "images"),
                   "labels": str(tmp_path / "labels")}  # fmt: skip
        fc = {"op": "fc", "out": 3}
        return make_network([1, 2, 2], {"op": "avgpool", "kernel": 2}, fc, dataset=dataset)

    return make


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (idx((2, 3, 3)), idx((2,)), r"images of 1 x 3 x 3, the network reads 1 x 2 x 2$"),
        (idx((2, 2, 2)), idx((3,)), r"labels: 3 labels, .*images has 2 images$"),
        (
            idx((2, 2, 2)),
            idx((2,), data=b"\x00\x09"),
            r"labels: label 9 of image 1: the network has classes 0 to 2$",
        ),
    ],
)
def test_datasets_that_do_not_fit(digits, images, labels, message):
    with pytest.raises(InputError, match=message):
        open_dataset(digits(images, labels))


BYTES = np.zeros((2, 3, 4, 5), np.uint8)


@pytest.fixture
def archive(tmp_path, make_network):
    """A network of 3 x 4 x 5 images and 3 classes whose npz data set is written by the test."""

    def make(**arrays):
        path = tmp_path / "data.npz"
        np.savez(path, **arrays)
        layers = ({"op": "relu"}, {"op": "fc", "out": 3})
        return make_network([3, 4, 5], *layers, dataset={"format": "npz", "images": str(path)})

    return make


@pytest.mark.parametrize("labels", [None, np.array([0, 2])])
def test_an_npz_data_set(archive, labels):
    images = np.arange(120, dtype=np.uint8).reshape(2, 3, 4, 5)
    dataset = open_dataset(archive(images=images, **({} if labels is None else {"labels": labels})))
    assert (dataset.images == images).all()
    assert labels is None or dataset.labels.tolist() == [0, 2]
    assert (labels is None) == (dataset.labels is None)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": BYTES}, r"data.npz: unknown 'x': it holds x; expected 'images', and 'labels' if"),
        ({"labels": [1]}, r"data.npz: no 'images': it holds labels; expected 'images'"),
        ({"images": BYTES / 2}, r"'images' is float64 of shape \(2, 3, 4, 5\); expected unsigned"),
        ({"images": BYTES[0, 0]}, r"'images' is uint8 of shape \(4, 5\); expected unsigned bytes"),
        ({"images": BYTES[:, 0]}, r"images of 1 x 4 x 5, the network reads 3 x 4 x 5$"),
        (
            {"images": BYTES.transpose(0, 2, 3, 1)},
            r"images of 4 x 5 x 3, the network reads 3 x 4 x 5; the maps come before rows and",
        ),
        ({"images": BYTES, "labels": [1.0, 2.0]}, r"'labels' is float64 of shape \(2,\); expected"),
        ({"images": BYTES, "labels": [[1], [2]]}, r"'labels' is int64 of shape \(2, 1\); expected"),
        ({"images": BYTES, "labels": [0, 256]}, r"label 256 of image 1: expected 0 to 255$"),
        ({"images": BYTES, "labels": [-1, 0]}, r"label -1 of image 0: expected 0 to 255$"),
        (
            {"images": BYTES, "labels": [0, 3]},
            r"label 3 of image 1: the network has classes 0 to 2",
        ),
        ({"images": BYTES, "labels": [0]}, r"data.npz: 1 labels, .*data.npz has 2 images$"),
    ],
)
def test_npz_data_sets_that_do_not_fit(archive, arrays, message):
    with pytest.raises(InputError, match=message):
        open_dataset(archive(**arrays))


def test_idx_images_of_several_maps(tmp_path, make_network):
    path = tmp_path / "images"
    dataset = {"format": "idx", "images": str(path)}
    network = make_network([3, 4, 5], {"op": "relu"}, dataset=dataset)
    path.write_bytes(idx((2, 3, 4, 5), data=bytes(range(120))))
    assert open_dataset(network).images[1, 2, 3, 4] == 119
    path.write_bytes(idx((2, 4, 5)))
    with pytest.raises(InputError, match=r"images of 1 x 4 x 5, the network reads 3 x 4 x 5$"):
        open_dataset(network)
    path.write_bytes(idx((2,)))
    with pytest.raises(InputError, match=r"in 3 or 4 dimensions: .*expected 00 00 08 03 or 00 00 "):
        open_dataset(network)


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (
            {"format": "npz", "images": "x.gz"},
            r"dataset.images: got x.gz with format npz; expected",
        ),
        ({"format": "idx", "images": "x.npz"}, r"dataset.images: got x.npz with format idx; expec"),
        (
            {"format": "npz", "images": "x.npz", "labels": "y"},
            r"dataset.labels: got y; expected none, as the npz archive holds them$",
        ),
        (
            {"format": "npz", "images": "gone.npz"},
            r": dataset: .*gone.npz: no such npz archive$",
        ),
    ],
)
def test_npz_data_sets_of_a_network_file(make_network, dataset, message):
    with pytest.raises(InputError, match=message):
        open_dataset(make_network([3, 4, 5], {"op": "relu"}, dataset=dataset))


def test_a_network_without_dataset(make_network):
    with pytest.raises(InputError, match=r"test.yaml: no 'dataset'"):
        open_dataset(make_network([1, 2, 2], {"op": "avgpool", "kernel": 2}))


@pytest.fixture
def arrays(mnist):
    with np.load(mnist.weights_file) as archive:
        return {name: archive[name] for name in archive.files}


def test_shipped_weights(mnist):
    weights = load_weights(mnist.weights_file, mnist)
    assert weights.weight["conv2"].shape == (8, 4, 3, 3)
    assert weights.bias["fc"].shape == (10,)


def test_weights_of_another_shape(tmp_path, mnist, arrays):
    np.savez(tmp_path / "w.npz", **arrays | {"conv2.weight": np.zeros((8, 3, 3, 3))})
    with pytest.raises(InputError) as caught:
        load_weights(tmp_path / "w.npz", mnist)
    assert str(caught.value).endswith(
        "w.npz: layer 'conv2': weight has shape (8, 3, 3, 3), the layer needs (8, 4, 3, 3)"
    )


def test_missing_weights(tmp_path, mnist, arrays):
    del arrays["fc.bias"]
    np.savez(tmp_path / "w.npz", **arrays)
    with pytest.raises(InputError, match=r"layer 'fc': bias 'fc.bias' is missing$"):
        load_weights(tmp_path / "w.npz", mnist)
    np.savez(tmp_path / "w.npz", **arrays, fc_bias=np.zeros(10))
    with pytest.raises(InputError, match=r"'fc.bias' is missing; did you mean 'fc_bias'\?$"):
        load_weights(tmp_path / "w.npz", mnist)


def test_a_missing_shift_is_no_slip_for_the_scale(tmp_path, mnist, arrays):
    np.savez(tmp_path / "w.npz", **arrays, **{"input.scale": np.ones(1)})
    with pytest.raises(InputError, match=r"layer 'input': shift 'input.shift' is missing$"):
        load_weights(tmp_path / "w.npz", mnist)


@pytest.mark.parametrize(
    ("wrong", "got"),
    [
        (np.array([0.5] * 9 + [np.nan]), "nan among its float64"),
        (np.array([0.5] * 9 + [-1e39]), "-1e\\+39 among its float64"),
        (np.zeros(10, dtype=int), "int64"),
    ],
)
def test_weights_that_are_no_finite_floats(tmp_path, mnist, arrays, wrong, got):
    np.savez(tmp_path / "w.npz", **arrays | {"fc.bias": wrong})
    expected = f"bias must hold finite floating-point numbers, got {got}$"
    with pytest.raises(InputError, match=expected):
        load_weights(tmp_path / "w.npz", mnist)


def test_truncated_npz(tmp_path, mnist):
    path = tmp_path / "w.npz"
    path.write_bytes(mnist.weights_file.read_bytes()[:900])
    with pytest.raises(InputError, match=r"w.npz: not a readable npz archive: "):
        load_weights(path, mnist)


def test_foreign_npz(tmp_path, mnist):
    np.save(tmp_path / "one.npy", np.zeros(3))
    (tmp_path / "w.npz").write_bytes((tmp_path / "one.npy").read_bytes())
    with pytest.raises(InputError, match=r"w.npz: a single array; expected an npz archive$"):
        load_weights(tmp_path / "w.npz", mnist)
    with pytest.raises(InputError, match=r"mnist.yaml: weights: .*none.npz: no such npz archive$"):
        load_weights(tmp_path / "none.npz", mnist)


def test_an_empty_data_set(make_network, tmp_path):
    np.savez(tmp_path / "none.npz", images=np.zeros((0, 3, 4, 5), np.uint8))
    network = make_network([3, 4, 5], {"op": "relu"})
    with pytest.raises(InputError, match=r"none.npz: no images; expected one or more$"):
        open_dataset(with_dataset(network, tmp_path / "none.npz"))


def test_data_sets_that_ship_are_found_by_name(mnist, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert with_dataset(mnist, "mnist").images_file == mnist.images_file
    # A folder of that name here goes first.
    (tmp_path / "mnist").mkdir()
    with pytest.raises(InputError, match=r"--dataset mnist: no file t10k-images"):
        with_dataset(mnist, "mnist")
