"""What other simulators are handed and what is read of their reports, with none of them here."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

REPORT = """\
LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall Cycles, Overall Util %,
0, 1105, 877, 0, 3.1,
1, 807, 579.0, 0, 9.5,

"""
# Of the mnist reference: 28 x 28 and 14 x 14 with a border of one, 3 x 3 windows.
TOPOLOGY = [
    "conv1, 30, 30, 3, 3, 1, 4, 1, 1:1,",
    "conv2, 16, 16, 3, 3, 4, 8, 1, 1:1,",
]


@pytest.fixture(scope="module")
def peers(repository):
    sys.path.insert(0, str(repository / "benchmarks"))
    try:
        import peers  # noqa: PLC0415 - is not installed
    finally:
        sys.path.pop(0)
    return peers


@pytest.fixture(scope="module")
def inputs(peers):  # `peers` has made the package known.
    from peer import inputs  # noqa: PLC0415 - is not installed

    return inputs


@pytest.fixture(scope="module")
def mnist(peers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("peers") / "mnist"
    return folder, peers.networks.prepare("mnist", folder, images=3)


def test_the_topology_has_the_shapes_of_the_network(inputs, mnist):
    folder, _ = mnist
    header, *rows = (folder / inputs.TOPOLOGY).read_text().splitlines()
    assert rows == TOPOLOGY
    # A name for each figure; every line ends with a comma.
    assert header.count(",") == rows[0].count(",")


def test_the_loops_multiply_as_often_as_the_network(inputs, mnist):
    folder, described = mnist
    loops = json.loads((folder / inputs.WORKLOAD).read_text())
    assert [layer["loop_sizes"] for layer in loops] == [
        [1, 4, 1, 28, 28, 3, 3],
        [1, 8, 4, 14, 14, 3, 3],
    ]
    assert [layer["operand_source"]["I"] for layer in loops] == [0, 0]
    by_hand = 28 * 28 * 4 * 9 + 14 * 14 * 8 * 4 * 9
    assert sum(np.prod(layer["loop_sizes"]) for layer in loops) == by_hand
    assert inputs.macs(described["layers"]) == by_hand


def test_images_and_weights_are_those_of_the_network(inputs, mnist, repository):
    folder, described = mnist
    images, labels, weights = inputs.load_images(folder)
    assert described["weights"]
    assert images.shape == (3, 1, 28, 28)
    assert images.max() <= 1
    assert labels.tolist() == [7, 2, 1]  # of the MNIST test set
    assert weights["conv2.weight"].shape == (8, 4, 3, 3)


def test_resnet18_is_the_published_one(peers, inputs, tmp_path):
    described = peers.networks.prepare("resnet18", tmp_path / "resnet18", images=0)
    # 1,814,073,344 with the 512 x 1000 of the classifier.
    assert inputs.macs(described["layers"]) == 1_814_073_344 - 512_000
    assert not described["weights"]
    assert not (tmp_path / "resnet18" / inputs.IMAGES).exists()


def test_cycles_of_a_report(inputs):
    assert inputs.scalesim_cycles(REPORT) == [877, 579]
    with pytest.raises(ValueError, match="Total Cycles"):
        inputs.scalesim_cycles("LayerID, Cycles,\n0, 1,\n")


_NO_PACKAGE = "No matching distribution found for x"
_NO_TILE = "RuntimeError: weights must be a CPU tensor"


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        (f"WARNING: slow\nERROR: {_NO_PACKAGE}\nhint: see above\n", _NO_PACKAGE),
        (f"  File a\n{_NO_TILE}\nframe #0: _start\n", _NO_TILE),
        ("Killed\n", "Killed"),
        ("", ""),
    ],
)
def test_the_reason_is_the_line_that_says_it(peers, errors, said):
    assert peers.reason(errors) == said


def test_a_peer_that_cannot_be_installed_is_left_out(peers, tmp_path, capsys):
    assert peers._installed(["CrossSim"], tmp_path) == {}
    said = capsys.readouterr().out
    assert said == "CrossSim is left out: the package index has none of its name\n"
    assert not list(tmp_path.iterdir())


def test_what_pip_refuses_is_not_taken_for_installed(peers, monkeypatch, tmp_path):
    commands = []

    def run(command, _):
        commands.append(command)
        if "pip" in command:
            raise peers.Failed("No matching distribution found for x")

    monkeypatch.setattr(peers, "run", run)
    with pytest.raises(peers.Failed, match="found for x"):
        peers.install(peers.Peer("X", "", peers.SCHEDULE, ("x==1",)), tmp_path)
    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]
    assert commands[1][0] == str(tmp_path / "bin" / "python")
    assert not (tmp_path / "installed").exists()


def test_a_program_that_hangs_or_fails_is_told(peers):
    with pytest.raises(peers.Failed, match="no result after 1 s"):
        peers.run([sys.executable, "-c", "import time; time.sleep(60)"], 1)
    with pytest.raises(peers.Failed, match="exit code 3"):
        peers.run([sys.executable, "-c", "raise SystemExit(3)"], 60)


def test_a_line_has_median_spread_and_result(peers):
    results = [
        {"cpu_s": cpu, "wall_s": 2 * cpu, "peak_MiB": 100.0, "version": "1.0", "cycles": 1456}
        for cpu in (3.0, 1.0, 2.0)
    ]
    assert peers.line("A", results).split() == [
        "A", "1.0", "2.00", "(1.00", "to", "3.00)", "4.00", "100", "1,456", "cycles",
    ]  # fmt: skip


def test_ours_runs_without_any_peer(repository):
    command = [sys.executable, str(repository / "benchmarks" / "peers.py")]
    command += ["--networks", "mnist", "--peers", "", "--repeats", "1", "--images", "10"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "mnist: 2 convolutions, 84,672 MACs" in done.stdout
    schedule, values = (line for line in done.stdout.splitlines() if "accelsim" in line)
    assert schedule.endswith("42 cycles, 99.7 pJ")
    assert re.search(r"\d+\.\d % right$", values)


@pytest.mark.parametrize(
    ("option", "given", "known"),
    [("--peers", "SCALESim", "SCALE-Sim, ZigZag"), ("--networks", "minst", "mnist, wide")],
)
def test_an_unknown_name_is_refused(repository, option, given, known):
    command = [sys.executable, str(repository / "benchmarks" / "peers.py"), option, given]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"{given}: expected some of {known}" in done.stderr
    assert "Traceback" not in done.stderr
