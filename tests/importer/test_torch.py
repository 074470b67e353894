"""The model of docs/onnx.md, exported by the PyTorch that is installed (extra `torch`)."""

import re

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")


@pytest.mark.filterwarnings("ignore")  # of torch, which warns of its own exporter
def test_the_model_of_the_page_is_exported_and_imported(command, repository, tmp_path):
    page = (repository / "docs/onnx.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len([line for line in example.splitlines() if line.strip()]) <= 10
    exec(compile(example, "docs/onnx.md", "exec"), {})  # noqa: S102 - our own page
    (saving,) = re.findall(r"`(np\.savez\(.*?\))`", page)
    x, y = torch.rand(20, 1, 28, 28), torch.zeros(20, dtype=int)
    exec(saving, {"np": np, "x": x, "y": y})  # noqa: S102 - our own page
    code, out, err = command(
        "import", "model.onnx", "-o", "made", "--dataset", "images.npz", "--set", "banks.planes=8"
    )
    assert (code, err) == (0, "")
    assert "Ideal cells give the class of the model for 20 of 20 images (onnxruntime" in out
    assert "57 steps" in out
