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
    assert "Energy of an image   99.72 pJ" in out  # the same machine and program
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


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_debians_fashion_mnist(command):
    code, out, _ = command("run", "-w", "fashion", "--dataset", str(DEBIAN), "--images", "1000")
    assert code == 0
    share = float(out.partition("Accuracy: ")[2].partition("(")[2].partition(" %")[0])
    assert share > 84  # 86 % on all 10,000
