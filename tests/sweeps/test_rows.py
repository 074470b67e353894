"""A row is what a run of its own gives: figures, cycles, errors, and the command that says so."""

import json
import shlex

import pytest

import accelsim
from accelsim.sweeps import evaluate
from accelsim.sweeps.columns import figure_column
from accelsim.sweeps.commands import command_of
from accelsim.sweeps.crew import Here
from accelsim.sweeps.sweeping import Plan, Sweeping
from tests.sweeps.crews import silent


@pytest.fixture
def swept(make_space, tmp_path):
    """Sweep a space of these lines in this process."""

    def sweep(*lines, outdir="out", **plan):
        space = make_space(*lines)
        return Sweeping(space, tmp_path / outdir, Plan(**plan)).run(Here(), silent)

    return sweep


def test_the_reference_point_has_the_golden_figures(swept):
    rows = swept("axes: {arrays.lanes: [8, 4]}").rows.to_pylist()
    assert rows[0]["latency_ps"] == 42_000
    assert rows[0]["energy_per_image_aJ"] == 99_722_000
    assert (rows[0]["read_cycles"], rows[0]["write_cycles"]) == (1, 2)
    assert rows[0]["clock_period_ps"] == 1000
    assert rows[0]["error"] is None
    # Four lanes: conv2 in two folds, the second of which is issued a cycle later.
    assert rows[1]["latency_ps"] == 43_000
    product = rows[1]["latency_ps"] * rows[1]["energy_per_image_aJ"]
    assert rows[1]["energy_delay_product_aJ_ps"] == product


def test_a_row_is_what_its_command_prints(swept, command, tmp_path):
    sweep = swept(
        "images: '3:5'",
        "seed: 4",
        "set: {timing.write_cycles: 3}",
        "axes: {arrays.lanes: [4], clock: [500 ps]}",
        "objectives: {latency: min, accuracy: max}",
    )
    (row,) = sweep.rows.to_pylist()
    spelled = command_of(sweep.space, row, sweep.folder)
    assert spelled == (
        "accelsim run irmen --workload mnist --images 3:5 --seed 4 --set timing.write_cycles=3 "
        "--set arrays.lanes=4 --set 'clock=500 ps'"
    )
    assert command(*shlex.split(spelled)[1:], "--outdir", "run")[0] == 0
    stats = json.loads((tmp_path / "run" / "stats.json").read_text())
    for name in ("latency", "energy_per_image", "accuracy", "makespan", "images"):
        assert row[figure_column(name)] == stats[name]["value"], name


def test_a_stream_is_made_by_its_command(swept, command, tmp_path):
    sweep = swept(
        "images: 60",
        "values: false",
        "arrivals: {process: poisson, rate: 1 MHz, seed: 3}",
        "axes: {arrivals.rate: [10 MHz, 20 MHz]}",
        "objectives: {time_in_system_p99: min}",
    )
    slow, fast = sweep.rows.to_pylist()
    assert slow["arrivals.rate"] == 10e6
    assert fast["time_in_system_p99_ps"] > slow["time_in_system_p99_ps"] >= slow["latency_ps"]
    made, run = command_of(sweep.space, fast, sweep.folder).split(" && ")
    assert made == (
        "accelsim workload poisson --rate '20000000 Hz' --images 60 --seed 3 --output arrivals.csv"
    )
    for each in (made, f"{run} --outdir run"):
        assert command(*shlex.split(each)[1:])[0] == 0
    stats = json.loads((tmp_path / "run" / "stats.json").read_text())
    assert stats["load"]["time_in_system_p99"]["value"] == fast["time_in_system_p99_ps"]


def test_a_point_that_fails_is_a_row_with_its_error(swept):
    sweep = swept("axes: {arrays.fan_in: [1, 4]}")
    bad, good = sweep.rows.to_pylist()
    assert bad["error"] == (
        "mnist.yaml: layer 'pool1': a step reads 2 planes, the machine has arrays.fan_in = 1"
    )
    assert bad["latency_ps"] is None
    assert bad["set"] == ["arrays.fan_in=1"]
    assert good["error"] is None
    assert sweep.failed == 1
    assert sweep.front.tolist() == [False, True]


def test_a_defect_is_a_row_too(swept, monkeypatch):
    def broken(*_arguments, **_options):
        raise ZeroDivisionError("of a test")

    monkeypatch.setattr("accelsim.sweeps.evaluate.run_events", broken)
    (row,) = swept("axes: {seed: [0]}").rows.to_pylist()
    assert row["error"] == "ZeroDivisionError: of a test"


def test_points_that_differ_in_seed_share_program_and_events(swept, monkeypatch):
    calls = []
    for name in ("compile_network", "run_events", "load_network", "select_images"):
        used = getattr(evaluate, name)

        def counted(*arguments, _used=used, _name=name, **options):
            calls.append(_name)
            return _used(*arguments, **options)

        monkeypatch.setattr(evaluate, name, counted)
    swept("axes: {clock: [1 GHz, 2 GHz], seed: [0, 1, 2]}")
    # Prices follow the clock, and a program is chosen by them: two of each but for the files.
    assert sorted(calls) == [
        "compile_network", "compile_network", "load_network", "run_events", "run_events",
        "select_images",
    ]  # fmt: skip


def test_images_in_shares_are_the_same_bytes(swept, tmp_path):
    lines = ("images: 300", "axes: {seed: [0, 1], arrays.fan_in: [1, 4]}",
             "objectives: {accuracy: max}")  # fmt: skip
    whole = swept(*lines)
    parts = swept(*lines, "block: 70", outdir="parts")
    assert whole.rows.column("accuracy").to_pylist()[1] > 0.9
    assert whole.rows.column("accuracy").to_pylist()[0] is None
    assert parts.rows.equals(whole.rows)
    name = "points/000000.parquet"
    assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()


def test_another_cell_is_characterized_and_moves_the_timing(swept, tmp_path, few_cells):
    # With half the damping it settles in twice the time: 4 cycles in place of 2.
    sweep = swept(
        "axes: {cell.damping: [0.01, 0.005]}",
        "values: false",
        "characterize: {samples: 16}",
    )
    same, slow = sweep.rows.to_pylist()
    assert same["device"] is None
    assert (same["write_cycles"], same["latency_ps"]) == (2, 42_000)
    assert slow["write_cycles"] == 4
    assert slow["latency_ps"] == 14 * (1 + 4) * 1000
    path = tmp_path / "out" / "devices" / slow["device"]
    machine = accelsim.load_machine("irmen", {"cell.damping": 0.005, "device": str(path)})
    assert machine.device_file is not None
    assert not machine.device_file.differs
    assert machine.timing.write_cycles.value == 4
    assert f"--set device={path}" in command_of(sweep.space, slow, sweep.folder)


def test_energies_that_follow_values_are_those_of_a_run(swept):
    lines = ("images: 20", "axes: {energy.model: [by_count, by_value]}")
    by_count, by_value = swept(*lines).rows.to_pylist()
    run = accelsim.simulate("irmen", "mnist", 20, set={"energy.model": "by_value"}, trace=None)
    assert by_value["energy_per_image_aJ"] == run.stats.energy_per_image.value
    assert by_value["energy_per_image_aJ"] != by_count["energy_per_image_aJ"] == 99_722_000
    assert by_value["accuracy"] == by_count["accuracy"] == run.values.accuracy
    # With shares of the images, too.
    assert swept(*lines, "block: 8", outdir="parts").rows.to_pylist()[1] == by_value
