"""CIFAR-10 as it is published: batches of images in a folder, binary or of Python."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from accelsim.errors import InputError
from accelsim.network import load_network, open_dataset
from accelsim.network.cifar import find_training_batches, read_batch

IMAGES = np.random.default_rng(5).integers(0, 256, (4, 3, 32, 32), dtype=np.uint8)
LABELS = [3, 0, 9, 3]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def binary(path, images=IMAGES, labels=LABELS):
    """Write images as the binary files have them: a label, then red, green and blue."""
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_bytes(
        b"".join(
            bytes([label]) + image.tobytes() for label, image in zip(labels, images, strict=True)
        )
    )


def python(path, **changes):
    """Write a batch as the files of Python have it; a change of None leaves something out."""
    batch = {"batch_label": b"made", "labels": LABELS, "data": IMAGES.reshape(len(IMAGES), -1)}
    found = {key: value for key, value in {**batch, **changes}.items() if value is not None}
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_bytes(pickle.dumps({k.encode(): v for k, v in found.items()}, 2))


def load(dataset):
    return open_dataset(load_network("cifar", dataset))


@pytest.mark.parametrize(("write", "name"), [(binary, "test_batch.bin"), (python, "test_batch")])
def test_a_folder_or_its_test_batch_is_the_data_set(write, name):
    write(f"folder/{name}")
    for place in ("folder", f"folder/{name}"):
        found = load(place)
        assert np.array_equal(found.images, IMAGES)
        assert found.labels.tolist() == LABELS
    write("folder/data_batch_2.bin" if write is binary else "folder/data_batch_2")
    assert len(load("folder")) == 4  # training images are no part of it


def test_training_batches_come_in_the_order_of_their_numbers():
    for name in ("data_batch_10", "data_batch_2", "data_batch_1", "data_batch_1.bin", "test_batch",
                 "batches.meta", "data_batch_x"):  # fmt: skip
        python(f"folder/{name}")
    found = [path.name for path in find_training_batches(Path("folder"))]
    assert found == ["data_batch_1.bin", "data_batch_2", "data_batch_10"]


def test_a_network_file_names_a_batch(make_network):
    python("test_batch")
    layer = {"op": "fc", "out": 10}
    dataset = {"format": "cifar10", "images": "test_batch"}
    assert len(open_dataset(make_network([3, 32, 32], layer, dataset=dataset))) == 4
    for changes, message in (
        ({"images": "folder"}, "got folder with format cifar10; expected a file named data_batch_N "
         "or test_batch, with .bin or without"),
        ({"format": "idx"}, "got test_batch with format idx; expected format: cifar10"),
        ({"labels": "more"}, "got more; expected none, as a batch holds them"),
    ):  # fmt: skip
        with pytest.raises(InputError) as refused:
            make_network([3, 32, 32], layer, dataset={**dataset, **changes})
        assert message in str(refused.value)


def cut(path):
    Path(path).write_bytes(Path(path).read_bytes()[:-100])


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: (binary("test_batch.bin"), cut("test_batch.bin")),
         "test_batch.bin: 12192 bytes, 3 images and 2973 bytes more; expected 3073 bytes an image, "
         "a label and 3 x 32 x 32 pixels"),
        (lambda: binary("test_batch.bin", labels=[0, 1, 10, 2]),
         "test_batch.bin: label 10 of image 2; expected 0 to 9, as CIFAR-10 has them"),
        (lambda: Path("test_batch.bin").write_bytes(b""),
         "test_batch.bin: no images; expected one or more"),
        (lambda: (python("test_batch"), cut("test_batch")),
         "test_batch: not a readable pickle of arrays: damaged: "),
        (lambda: python("test_batch", labels=None),
         "test_batch: no 'labels': it holds batch_label, data; expected 'data' and 'labels', as a "
         "batch of CIFAR-10"),
        (lambda: python("test_batch", data=None),
         "test_batch: no 'data': it holds batch_label, labels; expected"),
        (lambda: python("test_batch", labels=[1, 2]), "test_batch: 2 labels, 4 images"),
        (lambda: python("test_batch", labels=[1, 2, -3, 4]),
         "test_batch: label -3 of image 2; expected 0 to 9"),
        (lambda: python("test_batch", labels=[1, 2, "dog", 4]),
         "test_batch: label 'dog' of image 2; expected 0 to 9"),
        (lambda: python("test_batch", labels=b"1234"),
         "test_batch: 'labels' is a bytes; expected a list of numbers"),
        (lambda: python("test_batch", data=IMAGES),
         "test_batch: 'data' is u1 of shape (4, 3, 32, 32); expected unsigned bytes (u1) of shape "
         "(images, 3072), as many as that takes"),
        (lambda: python("test_batch", data=IMAGES.reshape(4, -1).astype(np.float32)),
         "test_batch: 'data' is f4 of shape (4, 3072); expected unsigned bytes (u1)"),
        (lambda: python("test_batch", data=b"1234"), "test_batch: 'data' is a bytes; expected"),
        (lambda: python("test_batch", labels=[Path("a")]),
         "which is neither data nor an array of numpy; nothing was called"),
        (lambda: None, "--dataset test_batch: no such file"),
    ],
)  # fmt: skip
def test_a_batch_that_is_not_right(write, message):
    write()
    place = "test_batch.bin" if Path("test_batch.bin").exists() else "test_batch"
    with pytest.raises(InputError) as refused:
        load(place)
    assert message in str(refused.value)


def test_folders_that_lack_a_batch():
    python("folder/data_batch_1")
    with pytest.raises(InputError, match=r"^--dataset folder: no file test_batch.bin or test_b"):
        load("folder")
    Path("empty").mkdir()
    with pytest.raises(InputError, match=r"^empty: no file data_batch_1.bin or data_batch_1 in it"):
        find_training_batches(Path("empty"))


def test_a_network_of_other_images_is_told():
    binary("test_batch.bin")
    with pytest.raises(InputError, match=r"images of 3 x 32 x 32, the network reads 1 x 28 x 28"):
        open_dataset(load_network("mnist", "test_batch.bin"))


def test_bytes_of_a_batch_are_rows_of_red_then_green_then_blue():
    image = np.zeros((3, 32, 32), np.uint8)
    image[1, 2, 5] = 200  # green, third row, sixth column
    binary("test_batch.bin", [image], [4])
    assert Path("test_batch.bin").read_bytes().index(200) == 1 + 1024 + 2 * 32 + 5
    assert np.array_equal(read_batch(Path("test_batch.bin"))[0][0], image)


def test_validate_and_errors_of_a_run(command):
    binary("folder/test_batch.bin")
    python("folder/data_batch_1")
    for path in ("folder", "folder/test_batch.bin", "folder/data_batch_1"):
        said = f"{path}: data set: 4 images of 3 x 32 x 32, 4 labels\n"
        assert command("validate", path) == (0, said, "")
    cut("folder/test_batch.bin")
    code, out, err = command("run", "--workload", "cifar", "--dataset", "folder", "--outdir", "out",
                             "--set", "arrays.rows=32", "--set", "arrays.cols=32",
                             "--set", "banks.planes=16")  # fmt: skip
    assert (code, out) == (2, "")
    assert err.startswith("error: folder/test_batch.bin: 12192 bytes, 3 images and 2973 bytes more")
    assert not Path("out").exists()
