"""The networks that ship: each by its name, with all that it names, and installed."""

import configparser
import fnmatch

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.errors import InputError
from accelsim.network import load_weights
from accelsim.network.graph import ORIGINS
from accelsim.resources import names

# What the machine of each has beside the shipped one: a network of none runs as it is.
LARGER = {
    "wide": {"banks.planes": 8},
    "cifar": {"arrays.rows": 32, "arrays.cols": 32, "banks.planes": 16},
    "resnet": {"arrays.rows": 32, "arrays.cols": 32, "banks.planes": 16},
}
TRAINED = ["cifar", "fashion", "lenet", "mnist", "wide"]


def test_the_networks_are_these():
    assert names("workloads") == ["cifar", "fashion", "lenet", "mnist", "resnet", "wide"]


@pytest.mark.parametrize("name", names("workloads"))
def test_a_shipped_network_compiles_for_its_machine(name):
    network = accelsim.load_network(name)
    assert network.name == name
    for part, is_there in zip(
        ORIGINS, (True, network.weights_file, network.images_file), strict=True
    ):
        assert not is_there or name == "fashion" or part in network.origins
    program = compile_network(network, accelsim.load_machine("irmen", LARGER.get(name, {})))
    last = program.instructions[-1]
    assert (last.op, last.layer) == ("handoff", "output")


@pytest.mark.parametrize("name", TRAINED)
def test_weights_fit_and_say_how_they_were_trained(name):
    network = accelsim.load_network(name)
    weights = load_weights(network.weights_file, network)
    assert all(np.abs(weight).max() > 0 for weight in weights.weight.values())
    with np.load(network.weights_file) as archive:
        assert "workloads/train.py" in str(archive["provenance"])
    assert (network.weights_file.parent / "README.md").is_file()


@pytest.mark.parametrize(
    ("name", "changes", "lack"),
    [
        ("resnet", {}, "needs 12 planes in a bank of circuit A, the machine has banks.planes = 4: "
         "12 would do"),
        ("resnet", {"arrays.rows": 32, "arrays.cols": 32}, "planes in a bank of circuit "
         "A, the machine has banks.planes = 4"),
    ],
)  # fmt: skip
def test_a_machine_that_is_too_small_is_told_what_it_lacks(name, changes, lack):
    machine = accelsim.load_machine("irmen", changes)
    with pytest.raises(InputError) as refused:
        compile_network(accelsim.load_network(name), machine)
    assert lack in str(refused.value)


def test_all_files_of_workloads_are_installed(repository):
    setup = configparser.ConfigParser()
    setup.read(repository / "setup.cfg")
    patterns = setup["options.package_data"]["accelsim.workloads"].split(", ")
    folder = repository / "workloads"
    found = [path.relative_to(folder) for path in folder.glob("*/*")]
    files = [path for path in found if path.parts[0] != "__pycache__"]
    assert {path.parts[0] for path in files} >= set(TRAINED)
    for path in files:
        assert any(fnmatch.fnmatch(str(path), pattern) for pattern in patterns), path
