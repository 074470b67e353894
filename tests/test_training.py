"""The training script takes one step on a few made images, where PyTorch is installed."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

import accelsim
from accelsim.network import load_weights

torch = pytest.importorskip("torch")

LAYERS = [
    {"name": "conv1", "op": "conv", "out": 2, "kernel": 3},
    {"name": "relu1", "op": "relu"},
    {"name": "conv2", "op": "conv", "out": 2, "kernel": 3, "partial": 1},
    {"name": "add2", "op": "add", "inputs": ["conv2", "relu1"]},
    {"name": "relu2", "op": "relu"},
    {"name": "pool2", "op": "avgpool", "kernel": 2},
    {"name": "fc", "op": "fc", "out": 10},
]


@pytest.fixture
def here(tmp_path, monkeypatch, repository):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(repository / "workloads")
    random = np.random.default_rng(1)
    for name in ("data_batch_1.bin", "data_batch_2.bin", "test_batch.bin"):
        records = random.integers(0, 256, (6, 3073), dtype=np.uint8)
        records[:, 0] = random.integers(0, 10, 6)
        records.tofile(name)
    network = {"name": "small", "input": [3, 32, 32], "layers": LAYERS}
    Path("net.yaml").write_text(json.dumps(network), encoding="utf-8")
    return repository / "workloads" / "train.py"


def test_a_step_on_batches_of_cifar_10(here, monkeypatch, capsys):
    changes = [f"--set={each}" for each in
               ("arrays.rows=32", "arrays.cols=32", "arrays.fan_in=2")]  # fmt: skip
    monkeypatch.setattr(sys, "argv", [
        str(here), ".", "--workload", "net.yaml", *changes, "--ideal-epochs", "1", "--epochs", "1",
        "--taught-epochs", "0", "--batch", "6", "--hold-out", "4", "--move", "2", "--spread",
        "--mean", "--stepped", "2", "--decay", "0.01",
    ])  # fmt: skip
    runpy.run_path(str(here), run_name="__main__")
    assert "test accuracy: " in capsys.readouterr().out
    network = accelsim.load_network("net.yaml")
    weights = load_weights(Path("weights.npz"), network)
    assert np.isfinite(weights.weight["conv2"]).all()
    # Rounded to 4 bits, and a mean over each map of 16 x 16 cells at the host.
    steps = weights.weight["conv1"] / np.abs(weights.weight["conv1"]).max() * 7
    assert np.allclose(steps, np.round(steps), atol=1e-4)
    assert np.allclose(np.ptp(weights.weight["fc"].reshape(10, 2, 256), axis=2), 0, atol=1e-6)


@pytest.mark.parametrize("fan_in", [2, 4])
def test_steps_of_ideal_cells_are_the_network(here, fan_in):
    """Step by step, at once, and as a network: the same logits, where no partial sum is clipped."""
    from noisy_cells import Cells, Normals  # noqa: PLC0415 - of workloads, and torch
    from step_network import StepNetwork  # noqa: PLC0415

    machine = accelsim.load_machine("irmen", {"arrays.rows": 32, "arrays.cols": 32,
                                              "arrays.fan_in": fan_in})  # fmt: skip
    torch.manual_seed(1)
    network = StepNetwork(accelsim.load_network("net.yaml"), machine)
    images, normals = torch.rand(4, 3, 32, 32), Normals(1, 1 << 18)
    with torch.no_grad():
        expected = network(images, Cells(), normals)
        for network.stepped in (None, 0, 2):
            assert torch.allclose(network(images, Cells(read=1e-9), normals), expected, atol=1e-5)
