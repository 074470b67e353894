"""Device files: what ships follows from the shipped cells, and the file says where from."""

import numpy as np
import pytest
from ruamel.yaml import YAML

from accelsim.config import load_machine, read_document, validate
from accelsim.config.device import DeviceFile
from accelsim.device import Numerics, characterize, write_device_file
from accelsim.resources import shipped


def figures(path):
    return YAML(typ="safe").load(path.read_text())


@pytest.fixture(scope="module", params=["irmen", "charge"])
def pair(request, tmp_path_factory):
    """A shipped device file, and one written now with fewer samples."""
    machine = load_machine(request.param)
    path = tmp_path_factory.mktemp("device") / "device.yaml"
    write_device_file(machine, characterize(machine, Numerics(samples=256)), path)
    return shipped("configs/devices") / f"{request.param}.yaml", path


def test_shipped_files_are_what_the_command_writes_today(pair):
    ours, now = (figures(path) for path in pair)
    for key in ("technology", "clock", "precision", "timing", "cell"):
        assert ours[key] == now[key], key
    sampled = {"read_noise", "read_noise_by_level"}
    for key in ours["figures"].keys() - sampled:
        assert ours["figures"][key] == now["figures"][key], key
    assert ours["noise"] == now["noise"]
    if "response" in ours:
        one, other = ours["response"], now["response"]
        assert one.keys() == other.keys()
        # 256 cells beside 2048: their standard errors are the larger ones.
        off = np.abs(np.array(one["mean"]) - np.array(other["mean"]))
        assert (off <= 5 * np.array(other["error"])).all()


def test_every_figure_has_value_and_unit(pair):
    def check(entry, path):
        if isinstance(entry, dict) and "value" in entry:
            assert set(entry) == {"value", "unit"}, path
        elif isinstance(entry, dict):
            for key, inner in entry.items():
                check(inner, f"{path}.{key}")
        elif isinstance(entry, list):
            for inner in entry:
                check(inner, path)

    for path in pair:
        check(figures(path)["figures"], "figures")


def test_a_device_file_is_checked_by_its_schema(pair):
    for path in pair:
        device = validate(DeviceFile, read_document(path))
        assert device.timing.read_cycles.kind == "derived"
        assert "rounded up" in device.timing.write_cycles.source
        assert device.origin.program.startswith("accelsim ")
