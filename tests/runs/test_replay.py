"""A recorded run comes out again as it was; elsewhere, what its instructions cost there."""

import dataclasses
import json
import re
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.errors import InputError
from accelsim.model import Arrival
from accelsim.runs import (
    open_run,
    open_source,
    read_provenance,
    replay_elsewhere,
    replay_golden,
    replay_run,
    write_golden,
)
from accelsim.runs.arrivals import recover_arrivals
from accelsim.simulation.execution import execute
from accelsim.trace import TraceFile, read_csv
from tests.conftest import CONV, RELU

FILES = ("trace.parquet", "ledger.csv", "stats.json", "config.resolved.yaml", "program.json")


def record(folder: Path, images: int | range = 4, seed: int = 0, **changes: object) -> Path:
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    network = accelsim.load_network("mnist")
    machine = accelsim.load_machine("irmen", keys)
    accelsim.simulate(machine, network, images, outdir=folder, seed=seed, command=["x"])
    return folder


@pytest.fixture
def own_network(tmp_path: Path, repository: Path) -> Path:
    """Return a network file of the user's, with weights and images beside it."""
    folder = tmp_path / "project" / "nets"
    folder.mkdir(parents=True)
    for path in (repository / "workloads" / "mnist").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    text = (repository / "workloads" / "mnist.yaml").read_text().replace("mnist/", "")
    (folder / "mine.yaml").write_text(text)
    return folder / "mine.yaml"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"images": range(5, 30), "sequencer__contexts": 2, "timing__write_cycles": 1},
        {"circuits": 1},
        {"effects__active": "all", "seed": 5},
    ],
)
def test_the_same_bytes_again(tmp_path, changes):
    recorded = record(tmp_path / "run", **changes)
    replay = replay_run(open_run(recorded), outdir=tmp_path / "again", command=["y"])
    assert replay.same
    assert replay.files == dict.fromkeys(FILES, "same bytes")
    assert (replay.no_values, replay.notes, replay.diff) == ("", (), None)
    for name in FILES:
        assert (recorded / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    # What a replay leaves is a run: it says what it replays, and can be replayed.
    manifest = json.loads((tmp_path / "again" / "manifest.json").read_text())
    first = json.loads((recorded / "manifest.json").read_text())
    assert manifest["command"] == ["y"]
    assert manifest["replays"] == {"trace_sha256": first["files"]["trace.parquet"]["sha256"]}
    assert replay_run(open_run(tmp_path / "again")).same


def test_a_replay_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    replay_run(open_run(record(tmp_path / "run", 1)))
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_network_of_the_user_is_found_from_the_run(tmp_path, own_network, irmen, monkeypatch):
    runs = tmp_path / "project" / "runs"
    accelsim.simulate(irmen, accelsim.load_network(own_network), 3, outdir=runs / "one")
    manifest = (runs / "one" / "manifest.json").read_text()
    assert json.loads(manifest)["inputs"]["network"]["path"] == "../../nets/mine.yaml"
    assert str(tmp_path) not in manifest
    # The whole project goes elsewhere, and the replay is started somewhere else.
    shutil.move(tmp_path / "project", tmp_path / "moved")
    monkeypatch.chdir("/")
    replay = replay_run(open_run(tmp_path / "moved" / "runs" / "one"), outdir=tmp_path / "deep/er")
    assert (replay.same, replay.no_values) == (True, "")
    assert replay_run(open_run(tmp_path / "deep/er")).no_values == ""


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (
            lambda folder: (folder / "mine.yaml").unlink(),
            r"^the network file is gone: .*nets/mine.yaml; give --workload FILE$",
        ),
        (
            lambda folder: (folder / "mine.yaml").write_text("name: x\n"),
            r"^the network file changed since the run: the hash of .*mine.yaml differs$",
        ),
        (
            lambda folder: (folder / "weights.npz").write_bytes(b"x"),
            r"^the weights file changed since the run: the hash of .*weights.npz differs$",
        ),
        (
            lambda folder: (folder / "weights.npz").unlink(),
            r"^the weights file is gone: .*weights.npz$",
        ),
    ],
)
def test_without_its_inputs_schedule_and_energy_are_replayed(
    tmp_path, own_network, irmen, spoil, why
):
    accelsim.simulate(irmen, accelsim.load_network(own_network), 3, outdir=tmp_path / "run")
    spoil(own_network.parent)
    replay = replay_run(open_run(tmp_path / "run"))
    assert replay.same
    assert replay.files["stats.json"] == "same, values not replayed"
    assert replay.files["trace.parquet"] == "same bytes"
    assert re.search(why, replay.no_values)


def test_another_data_set_is_found_again(tmp_path, irmen):
    """The manifest has its hash and its place; once it is gone, that is the reason."""
    images, labels = np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8)
    np.savez(tmp_path / "own.npz", images=images, labels=labels)
    network = accelsim.load_network("mnist", dataset=tmp_path / "own.npz")
    accelsim.simulate(irmen, network, 2, outdir=tmp_path / "run")
    replay = replay_run(open_run(tmp_path / "run"))
    assert replay.same
    assert replay.no_values == ""
    moved = replay_run(open_run(tmp_path / "run"), outdir=tmp_path / "sub" / "again")
    assert moved.no_values == ""
    again = open_run(tmp_path / "sub" / "again")
    assert again.manifest["inputs"]["images"]["path"] == "../../own.npz"
    assert replay_run(again).no_values == ""
    (tmp_path / "own.npz").unlink()
    replay = replay_run(open_run(tmp_path / "run"))
    assert re.search("^the images file is gone: .*own.npz$", replay.no_values)


def test_where_the_network_is_now(tmp_path, own_network, irmen):
    accelsim.simulate(irmen, accelsim.load_network(own_network), 3, outdir=tmp_path / "run")
    own_network.rename(own_network.parent / "other.yaml")
    run = open_run(tmp_path / "run")
    assert "mine.yaml" in replay_run(run).no_values
    found = replay_run(run, workload=str(own_network.parent / "other.yaml"))
    assert (found.no_values, found.files["stats.json"]) == ("", "same bytes")


def test_a_run_without_values(tmp_path, irmen, repository):
    path = tmp_path / "net.yaml"
    path.write_text("name: n\ninput: [1, 4, 4]\nlayers:\n- {name: p, op: maxpool, kernel: 2}\n")
    accelsim.simulate(irmen, accelsim.load_network(path), 3, outdir=tmp_path / "run")
    path.unlink()
    replay = replay_run(open_run(tmp_path / "run"))
    assert set(replay.files.values()) == {"same bytes"}
    assert replay.no_values == ""


def test_a_run_of_another_version_and_another_outcome(tmp_path):
    run = open_run(record(tmp_path / "run"))
    other = open_run(record(tmp_path / "other", timing__write_cycles=3))
    mixed = dataclasses.replace(run, records=other.records, path=other.path)
    replay = replay_run(dataclasses.replace(mixed, manifest=run.manifest | {"accelsim": "0.0.9"}))
    assert not replay.same
    assert replay.files["trace.parquet"] == "differs"
    assert replay.files["program.json"] == "same bytes"
    assert replay.diff.first.fields == ("t_end_ps",)
    assert replay.notes == (f"recorded by accelsim 0.0.9, replayed by {accelsim.__version__}",)


def test_the_same_instructions_on_another_machine(tmp_path, charge):
    run = open_run(record(tmp_path / "run", 2))
    found = replay_elsewhere(run, charge, outdir=tmp_path / "there")
    assert (found.recorded.makespan_ps, found.replayed.makespan_ps) == (84_000, 2 * 154_000)
    # It is what a run of the same network there costs.
    direct = accelsim.simulate(charge, accelsim.load_network("mnist"), 2)
    assert found.replayed.energy_aJ == direct.ledger.total_aJ
    there = open_run(tmp_path / "there")
    assert there.machine == charge
    assert there.trace.table().to_pylist() == direct.trace.to_pylist()
    assert there.stats["accuracy"]["value"] == direct.stats.accuracy.value
    assert found.accuracy == (1.0, direct.stats.accuracy.value)
    assert found.no_values == ""
    assert replay_run(there).same


def test_the_accuracy_is_that_of_the_other_machine(tmp_path):
    """Its effects, and the seed of the run: what a run of the same network there classifies."""
    noisy = accelsim.load_machine(
        "irmen", {"effects.active": "all", "noise.readout_ktc": "0.3 of full scale"}
    )
    network = accelsim.load_network("mnist")
    run = open_run(record(tmp_path / "run", range(20, 80), seed=3))
    direct = accelsim.simulate(noisy, network, range(20, 80), seed=3).stats.accuracy.value
    assert direct < run.stats["accuracy"]["value"]
    found = replay_elsewhere(run, noisy)
    assert found.accuracy == (run.stats["accuracy"]["value"], direct)


def test_elsewhere_without_inputs(tmp_path, own_network, irmen, charge):
    accelsim.simulate(irmen, accelsim.load_network(own_network), 3, outdir=tmp_path / "run")
    own_network.rename(own_network.parent / "other.yaml")
    run = open_run(tmp_path / "run")
    found = replay_elsewhere(run, charge)
    assert found.accuracy == (1.0, None)
    assert re.search("the network file is gone: .*mine.yaml; give --workload", found.no_values)
    found = replay_elsewhere(run, charge, workload=str(own_network.parent / "other.yaml"))
    assert (found.accuracy, found.no_values) == ((1.0, 1.0), "")


def test_elsewhere_of_a_run_without_accuracy(tmp_path, irmen, charge):
    accelsim.simulate(irmen, accelsim.load_network("fashion"), 2, outdir=tmp_path / "run")
    found = replay_elsewhere(open_run(tmp_path / "run"), charge)
    assert (found.accuracy, found.no_values) == ((None, None), "the run recorded none")


def test_what_does_not_fit_leaves_nothing(tmp_path):
    run = open_run(record(tmp_path / "run", 1))
    narrow = accelsim.load_machine("irmen", {"arrays.lanes": 4})
    with pytest.raises(InputError, match=r"step 8 \(conv of layer 'conv2'\) needs 8 lanes"):
        replay_elsewhere(run, narrow, outdir=tmp_path / "there")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("contexts", [1, 2, 3])
@pytest.mark.parametrize(
    "times", [[0, 0, 0, 0], [1_300, 1_300, 20_000, 90_500], [0, 100, 5_000, 5_000]]
)
def test_arrivals_are_recovered_from_the_trace(make_network, contexts, times):
    keys = {"sequencer.contexts": contexts, "banks.planes": 6}
    machine = accelsim.load_machine("irmen", keys)
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    arrivals = [Arrival(number, time) for number, time in enumerate(times)]
    table = execute(machine, program, arrivals).read_trace()
    assert recover_arrivals(TraceFile.of(table, "x")) == arrivals
    assert execute(machine, program, arrivals).read_trace() == table


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"images": 5}, r"it says first_image 0 and images 5, the trace has 4 images, 0 to 3$"),
        ({"images": "4"}, r"images: Input should be a valid integer, got '4'$"),
        ({"seed": None}, r"seed: Input should be a valid integer, got None$"),
        ({"inputs": []}, r"inputs: Input should be a valid dictionary, got \[\]$"),
        ({"inputs": {"network": 3}}, r"inputs.network: Input should be a valid dictionary, got 3$"),
    ],
)
def test_a_damaged_manifest(tmp_path, charge, keys, message):
    run = open_run(record(tmp_path / "run"))
    wrong = dataclasses.replace(run, manifest=run.manifest | keys)
    for replay in (replay_run, lambda run: replay_elsewhere(run, charge)):
        with pytest.raises(InputError, match=r"run/manifest.json: damaged: " + message):
            replay(wrong)


@pytest.mark.parametrize("name", ["irmen", "charge"])
def test_the_golden_traces_that_ship_are_replayed(repository, name):
    path = repository / "traces" / "golden" / f"{name}-mnist.csv"
    assert replay_golden(path).same
    found = replay_golden(path, changes={"clock": "500 MHz"})
    assert found.first.fields == ("t_end_ps",)


def test_a_golden_trace_says_what_to_run(tmp_path, own_network):
    changes = {"timing.write_cycles": 3, "energy.issue": "400 fJ", "effects.active": "all"}
    machine = accelsim.load_machine("irmen", changes)
    result = accelsim.simulate(machine, accelsim.load_network(own_network), range(2, 4))
    path = tmp_path / "project" / "golden" / "x.csv"
    write_golden(path, open_source(result))
    found = read_provenance(read_csv(path)[1])
    assert found.machine == "irmen"
    assert set(found.changes) == {f"{key}={value}" for key, value in changes.items()}
    assert found.network == "../nets/mine.yaml"
    assert replay_golden(path).same
    # A recorded run says the same, although it lies elsewhere.
    accelsim.simulate(machine, result.network, range(2, 4), outdir=tmp_path / "a" / "run")
    write_golden(tmp_path / "project" / "golden" / "y.csv", open_source(tmp_path / "a" / "run"))
    assert path.read_bytes() == (path.parent / "y.csv").read_bytes()


def test_a_golden_trace_of_an_unknown_machine(tmp_path, irmen, mnist):
    machine = irmen.model_copy(update={"name": "mine"})
    path = tmp_path / "x.csv"
    write_golden(path, open_source(accelsim.simulate(machine, mnist)))
    with pytest.raises(InputError, match=r"x.csv: its header names no machine .* give --machine$"):
        replay_golden(path)
    assert replay_golden(path, "irmen").same
    write_golden(path, open_source(accelsim.simulate(irmen, mnist).trace))
    with pytest.raises(InputError, match=r"names no network \(a line '# network: .*--workload$"):
        replay_golden(path, "irmen")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("image", 10**18, r"x.csv: images 0 to 1000000000000000000: out of range$"),
        ("image", -3, r"x.csv: damaged: record #0: image: less than 0$"),
        ("t_start_ps", -1, r"x.csv: damaged: record #0: t_start_ps: less than 0$"),
        ("image", "", r"x.csv: no record has an image: there is nothing to run$"),
    ],
)
def test_a_golden_trace_of_impossible_images(tmp_path, repository, column, value, message):
    lines = (repository / "traces" / "golden" / "irmen-mnist.csv").read_text().splitlines()
    head = next(place for place, line in enumerate(lines) if line.startswith("id,"))
    place = lines[head].split(",").index(column)
    cells = lines[head + 1].split(",")
    cells[place] = str(value)
    path = tmp_path / "x.csv"
    more = [] if value == "" else lines[head + 2 :]
    path.write_text("\n".join([*lines[: head + 1], ",".join(cells), *more]) + "\n")
    with pytest.raises(InputError, match=message):
        replay_golden(path)


def test_a_table_that_is_no_trace(irmen, mnist):
    with pytest.raises(InputError, match=r"its columns are not accelsim.trace.SCHEMA"):
        open_source(accelsim.simulate(irmen, mnist).trace.select(["id"]))
