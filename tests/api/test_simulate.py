"""`accelsim.simulate`: names, paths, objects and arrays; and messages in words of the call."""

import subprocess
import sys

import numpy as np
import pytest

import accelsim
from accelsim.arrivals import Arrivals
from accelsim.network import Tenant
from accelsim.network.dataset import open_dataset
from accelsim.runs import open_run


@pytest.fixture(scope="module")
def digits(mnist):
    """The first three digits, (3, 1, 28, 28) bytes, and their labels."""
    found = open_dataset(mnist)
    return found.images[:3], found.labels[:3]


@pytest.fixture(scope="module")
def three():
    return accelsim.simulate("irmen", "mnist", images=3)


def test_names_paths_and_objects_are_the_same(three, repository, irmen, mnist):
    paths = repository / "configs" / "irmen.yaml", str(repository / "workloads" / "mnist.yaml")
    for machine, network in (paths, (irmen, mnist)):
        again = accelsim.simulate(machine, network, 3)
        assert again.stats == three.stats
        assert again.trace.equals(three.trace)
    assert accelsim.simulate().stats.latency.to("ns") == 42


def test_changes_and_effects_are_those_of_the_machine(three):
    changed = accelsim.simulate(set={"timing.write_cycles": np.int64(3), "clock": "2 GHz"})
    assert changed.stats.latency.to("ns") == 14 * (1 + 3) * 0.5
    assert accelsim.simulate(effects=["transfer", "read_noise"]).machine.effects.names() == (
        "transfer", "read_noise",
    )  # fmt: skip
    assert not accelsim.simulate(effects=[]).machine.effects.names()


def test_arrays_are_what_the_data_set_is(three, digits):
    images, labels = digits
    for some in (images, images[:, 0], images / 255.0, (images / 255).astype(np.float32)):
        own = accelsim.simulate(images=some, labels=labels)
        assert own.values.predicted.tolist() == [7, 2, 1]
        assert own.stats.accuracy == 1
        np.testing.assert_array_equal(own.values.features, three.values.features)
    assert accelsim.simulate(images=images).stats.accuracy is None


def test_arrays_hold_negative_values(make_network, tmp_path):
    # One tap of weight 1: relu(x) of -0.5 is 0, of 0.5 is 0.5.
    weight = np.zeros((1, 1, 3, 3))
    weight[0, 0, 1, 1] = 1
    path = tmp_path / "w.npz"
    np.savez(path, **{"conv0.weight": weight, "conv0.bias": np.zeros(1)})
    layers = {"op": "conv", "out": 1, "kernel": 3, "name": "conv0"}, {"op": "relu"}
    network = make_network([1, 2, 2], *layers, weights=str(path))
    image = np.array([[[-0.5, 0.5], [0.25, -1]]])
    found = accelsim.simulate("irmen", network, image).values.features
    np.testing.assert_allclose(found[0, 0], [[0, 0.5], [0.25, 0]], atol=1e-6)


def test_arrays_arrive_as_a_stream_says(digits):
    stream = Arrivals(np.array([0, 100_000, 200_000]), image=np.array([2, 0, 1]))
    found = accelsim.simulate(images=digits[0], labels=digits[1], arrivals=stream)
    assert found.values.predicted.tolist() == [1, 7, 2]
    assert found.stats.makespan.to("ns") == 242


def test_a_run_directory_is_that_of_the_command(command, tmp_path):
    command("run", "--images", "2", "--outdir", "a", "--set", "clock=2 GHz")
    accelsim.simulate("irmen", "mnist", 2, set={"clock": "2 GHz"}, outdir="b")
    one, other = open_run("a"), open_run("b")
    assert one.stats == other.stats
    assert one.manifest["files"] == other.manifest["files"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"machine": "irmn"}, "irmn: no such machine: expected a file, or one of charge, irmen"),
        ({"machine": 3}, "machine: got int; expected a name, a path or a Machine"),
        ({"network": None}, "network: got NoneType; expected a name, a path or a Network"),
        ({"set": {"sequencer.contxts": 3}}, "set={'sequencer.contxts': 3}: sequencer.contxts: "),
        ({"set": {"clock": None}}, "set={'clock': None}: got NoneType; expected a number or text"),
        ({"set": {"clock": "2\x1b"}}, "set={'clock': '2\\x1b'}: expected printable text"),
        ({"set": {"effects.active": "all"}, "effects": "none"},
         "set={'effects.active': 'all'}: effects says it, too; leave one out"),
        ({"effects": "noise"}, "effects='noise': effects.active: unknown effect 'noise'; "),
        ({"effects": ["transfer", "x"]}, "effects='transfer, x': effects.active: unknown effect"),
        ({"seed": -1}, "seed=-1: expected a whole number from 0 to 2^63 - 1"),
        ({"seed": 1.5}, "seed: got 1.5; expected a whole number"),
        ({"images": "5"}, "images: got str; expected a number, a range, or an array"),
        ({"images": True}, "images: got True; expected a whole number"),
        ({"images": 0}, "images 0: expected 1 or more images, from 0 upwards"),
        ({"dataset": "nowhere"}, "dataset=nowhere: no such folder"),
        ({"labels": [1]}, "labels: expected images as an array beside them"),
        ({"trace": "x"}, "trace=x: expected a number such as 17, or a range such as 40:60"),
        ({"images": range(2), "arrivals": Arrivals(np.arange(2))},
         "images: arrivals say which images come; leave one out"),
    ],
)  # fmt: skip
def test_messages_speak_of_arguments(arguments, message):
    with pytest.raises(accelsim.InputError) as caught:
        accelsim.simulate(**arguments)
    assert str(caught.value).startswith(message)
    assert "--" not in str(caught.value)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((28, 28)), None, "images: an array of shape (28, 28); expected (images, rows, "
         "cols) or (images, maps, rows, cols); of one image images[None]"),
        (np.zeros((1, 27, 28)), None,
         "images: an array of images of 1 x 27 x 28; network 'mnist' reads 1 x 28 x 28"),
        (np.zeros((0, 28, 28)), None, "images: an array of shape (0, 28, 28); expected"),
        (np.full((1, 28, 28), 3.0), None, "images: an array of numbers from 3 to 3; expected number"
         "s from -1 to 1, or unsigned bytes (uint8) of which 255 is stored as 1"),
        (np.full((1, 28, 28), np.nan), None, "images: an array of numbers from nan to nan; e"),
        (np.zeros((1, 28, 28), int), None, "images: an array of int64; expected numbers from -1"),
        (np.zeros((1, 28, 28)), [11], "labels: 11 of image 0; the network has classes 0 to 9"),
        (np.zeros((1, 28, 28)), [1, 2], "labels: an array of int64 of shape (2,); expected whole "
         "numbers of shape (1,), one for each image"),
        (np.zeros((1, 28, 28)), [0.5], "labels: an array of float64 of shape (1,); expected whole"),
    ],
)  # fmt: skip
def test_messages_of_arrays(images, labels, message):
    with pytest.raises(accelsim.InputError) as caught:
        accelsim.simulate(images=images, labels=labels)
    assert str(caught.value).startswith(message)


def test_what_does_not_go_together(irmen, mnist, digits, tmp_path):
    with pytest.raises(accelsim.InputError, match=r"^set=\{'clock': '2 GHz'\}: machine 'irmen' is"):
        accelsim.simulate(irmen, mnist, set={"clock": "2 GHz"})
    with pytest.raises(accelsim.InputError, match=r"^dataset=d: network 'mnist' is loaded"):
        accelsim.simulate(irmen, mnist, dataset="d")
    with pytest.raises(
        accelsim.InputError, match="got images as arrays; a run directory names the"
    ):
        accelsim.simulate(images=digits[0], outdir=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(
        accelsim.InputError, match=r"^images: got an array, and tenants; expected a d"
    ):
        accelsim.simulate(irmen, [Tenant("a", mnist)], digits[0])
    with pytest.raises(accelsim.InputError, match=r"^--set clock=3: clock: "):
        accelsim.config.load_machine("irmen", {"clock": 3})  # what commands call


def test_the_interface_is_loaded_when_it_is_used():
    code = (
        "import sys, accelsim; dir(accelsim); "
        "heavy = {'numba', 'pyarrow', 'numpy', 'simpy', 'pandas', 'matplotlib', 'typer'}; "
        "assert not heavy & {*sys.modules}; "
        "accelsim.simulate; assert not {'matplotlib', 'typer'} & {*sys.modules}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_name_is_there_and_documented():
    for name in accelsim.__all__:
        found = getattr(accelsim, name)
        assert name == "__version__" or found.__doc__
    with pytest.raises(AttributeError, match="module 'accelsim' has no attribute 'simulat'"):
        accelsim.simulat  # noqa: B018
