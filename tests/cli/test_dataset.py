"""A data set that the user points at: Fashion-MNIST, whose images do not ship."""

import gzip
from pathlib import Path

import numpy as np
import pytest

DEBIAN = Path("/usr/share/datasets/fashion-mnist")


def write_idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    data = header + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


@pytest.fixture
def folder(tmp_path):
    """Three images and their labels, one of the files gzipped."""
    folder = tmp_path / "idx"
    folder.mkdir()
    images = np.random.default_rng(1).integers(0, 256, (3, 28, 28))
    write_idx(folder / "t10k-images-idx3-ubyte.gz", images)
    write_idx(folder / "t10k-labels-idx1-ubyte", np.array([0, 9, 5]))
    return folder


def test_fashion_runs_on_files_of_the_user(command, folder):
    code, out, err = command("run", "-w", "fashion", "--dataset", str(folder), "--images", "3")
    assert (code, err) == (0, "")
    assert "Energy per image     99.72 pJ" in out  # the same machine and program
    assert "label     0 9 5" in out


def test_without_files_there_is_time_and_energy(command):
    code, out, _ = command("run", "-w", "fashion", "--images", "1")
    assert code == 0
    assert "No values: network 'fashion' names no dataset (--dataset FOLDER points at" in out


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda folder: write_idx(folder / "t10k-labels-idx1-ubyte", np.array([0, 1])),
            "t10k-labels-idx1-ubyte: 2 labels, ",
        ),
        (
            lambda folder: write_idx(folder / "t10k-labels-idx1-ubyte", np.array([0, 10, 1])),
            "label 10 of image 1: the network has classes 0 to 9",
        ),
        (
            lambda folder: (folder / "t10k-labels-idx1-ubyte").unlink(),
            "no file t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz in it",
        ),
        (
            lambda folder: (folder / "t10k-images-idx3-ubyte.gz").write_bytes(b"\x1f\x8b none"),
            "t10k-images-idx3-ubyte.gz: cannot be read, truncated or damaged",
        ),
    ],
)
def test_files_that_disagree(command, folder, damage, message):
    damage(folder)
    code, _, err = command("run", "-w", "fashion", "--dataset", str(folder), "--images", "1")
    assert code == 2
    assert message in err
    assert "Traceback" not in err


RGB = """\
name: rgb
input: [3, 8, 8]
layers:
  - {{name: conv, op: conv, out: 2, kernel: 3, padding: same}}
  - {{name: relu, op: relu}}
  - {{name: pool, op: maxpool, kernel: 2, stride: 2}}
  - {{name: fc, op: fc, out: 4}}
weights: weights.npz
{dataset}
"""
ARCHIVE = "dataset: {format: npz, images: rgb.npz}"
IDX = "dataset: {format: idx, images: maps.gz, labels: labels}"


def classes(images, weights):
    """Return the classes of the network above in NumPy, with no machine."""
    pixels = np.pad(images / 255, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (3, 3), axis=(2, 3))
    maps = np.einsum("nmrcij,omij->norc", windows, weights["conv.weight"])
    maps += weights["conv.bias"][:, None, None]
    maps = np.clip(maps, 0, 1).reshape(-1, 2, 4, 2, 4, 2).max((3, 5))
    return (maps.reshape(-1, 32) @ weights["fc.weight"].T + weights["fc.bias"]).argmax(1)


@pytest.fixture
def rgb(tmp_path):
    """Twelve RGB images whose labels are right but for image 5, as npz and as IDX files."""
    chance = np.random.default_rng(7)
    weights = {
        "conv.weight": chance.normal(0, 0.08, (2, 3, 3, 3)),
        "conv.bias": chance.normal(0, 0.1, 2),
        "fc.weight": chance.normal(0, 1, (4, 32)),
        "fc.bias": np.zeros(4),
    }
    images = chance.integers(0, 256, (12, 3, 8, 8)).astype(np.uint8)
    labels = classes(images, weights)
    labels[5] = (labels[5] + 1) % 4
    assert len(set(labels)) > 1
    np.savez(tmp_path / "weights.npz", **weights)
    np.savez(tmp_path / "rgb.npz", images=images, labels=labels)
    write_idx(tmp_path / "maps.gz", images)
    write_idx(tmp_path / "labels", labels)
    (tmp_path / "plain.yaml").write_text(RGB.format(dataset=""))
    (tmp_path / "npz.yaml").write_text(RGB.format(dataset=ARCHIVE))
    (tmp_path / "idx.yaml").write_text(RGB.format(dataset=IDX))
    return tmp_path


@pytest.mark.parametrize("workload", ["npz.yaml", "idx.yaml"])
def test_images_of_three_maps(command, rgb, workload):
    code, out, err = command("run", "-w", workload, "--images", "12", "--outdir", "out")
    assert (code, err) == (0, "")
    assert "Accuracy: 11 of 12 (91.67 %), ideal cells" in out
    assert "Wrong: image 5: " in out
    assert command("validate", workload)[1].endswith("weights fit, 12 images fit\n")
    # The manifest knows the file of the images: the run is made again with its values.
    assert "The run came out as it was recorded." in command("replay", "out")[1]
    assert command("run", "-w", workload, "--images", "2", "--set", "effects.active=all")[0] == 0


def test_images_of_three_maps_that_the_user_points_at(command, rgb):
    arguments = ("run", "-w", "plain.yaml", "--images", "12")
    assert "Accuracy: 11 of 12" in command(*arguments, "--dataset", "rgb.npz")[1]
    (rgb / "maps.gz").rename(rgb / "t10k-images-idx4-ubyte.gz")
    (rgb / "labels").rename(rgb / "t10k-labels-idx1-ubyte")
    code, out, _ = command(*arguments, "--dataset", ".", "--outdir", "out")
    assert "Accuracy: 11 of 12" in out
    # The network file does not name these images, the manifest does; then they are gone.
    code, out, _ = command("replay", "out")
    assert (code, "The run came out as it was recorded." in out) == (0, True)
    (rgb / "t10k-images-idx4-ubyte.gz").unlink()
    code, out, _ = command("replay", "out")
    assert code == 0
    assert "Values were not replayed, only schedule and energy: the images file is gone:" in out


def test_validate_knows_a_data_set(command, rgb):
    out = command("validate", "rgb.npz", "weights.npz", "maps.gz")[1].splitlines()
    assert out == [
        "rgb.npz: data set: 12 images of 3 x 8 x 8, 12 labels",
        "weights.npz: weights: 4 arrays",
        "maps.gz: IDX file: 12 x 3 x 8 x 8 bytes",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-w", "mnist", "--dataset", "rgb.npz"), "images of 3 x 8 x 8, the network reads 1 x 28"),
        (("-w", "plain.yaml", "--dataset", "no.npz"), "--dataset no.npz: no such file"),
        (("-w", "plain.yaml", "--dataset", "."), "no file t10k-images-idx4-ubyte or t10k-images-i"),
    ],
)
def test_data_sets_that_do_not_fit(command, rgb, arguments, message):
    code, _, err = command("run", *arguments, "--images", "1")
    assert code == 2
    assert message in err


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_debians_fashion_mnist(command):
    code, out, _ = command("run", "-w", "fashion", "--dataset", str(DEBIAN), "--images", "1000")
    assert code == 0
    share = float(out.partition("Accuracy: ")[2].partition("(")[2].partition(" %")[0])
    assert share > 84  # 86 % on all 10,000
