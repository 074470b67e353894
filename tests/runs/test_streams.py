"""Runs of a stream of arrivals: kept, replayed, and as batches where they are none."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import accelsim
from accelsim.arrivals import ArrivalFile, Arrivals
from accelsim.arrivals.columns import joined
from accelsim.errors import InputError
from accelsim.runs import open_run
from accelsim.runs.replay import replay_elsewhere, replay_run
from accelsim.trace.schema import SCHEMA


@pytest.fixture(scope="module")
def stream():
    # Two at once, one that waits for them, one long after; the first picture comes twice.
    deadline = np.array([60_000, 60_000, -1, 42_000])
    return Arrivals(np.array([0, 0, 30_000, 5_000_000]), np.array([0, 3, 0, 9]), deadline)


@pytest.fixture(scope="module")
def run(stream, mnist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("streams") / "run"
    machine = accelsim.load_machine("irmen", {"effects.active": "all"})
    return accelsim.simulate(machine, mnist, stream, outdir=folder, seed=5)


def test_images_come_as_the_stream_says(run):
    # One image at a time, 42 ns each.
    assert run.times.arrived_ps.tolist() == [0, 0, 30_000, 5_000_000]
    assert run.times.done_ps.tolist() == [42_000, 84_000, 126_000, 5_042_000]
    load = {name: figure.value for name, figure in run.stats.load.items()}
    assert load["time_in_system_mean"] == (42_000 + 84_000 + 96_000 + 42_000) / 4
    assert load["time_in_system_max"] == 96_000
    assert (load["deadlines"], load["deadline_misses"]) == (3, 1)
    assert load["images_in_system"] == 264_000 / 5_042_000
    assert load["queue_length_max"] == 2  # the second, and from 30 ns the third
    power = run.ledger.total_aJ * 1e-18 / 5_042_000e-12
    assert load["power"] == pytest.approx(power)


def test_power_is_of_the_whole_run(irmen, mnist):
    # A second of idle clock, 20 fJ a ns, before the first image: 20 uW and hardly more.
    late = accelsim.simulate(irmen, mnist, Arrivals(np.array([10**12, 10**12 + 50_000])))
    assert late.stats.load["power"].value == pytest.approx(20e-6, rel=1e-3)


def test_each_image_is_its_picture_with_noise_of_its_own(run, irmen, mnist):
    assert (run.values.labels == [7, 0, 7, 9]).all()
    ideal = accelsim.simulate(irmen, mnist, 10).values.features[[0, 3, 0, 9]]
    assert np.abs(run.values.features - ideal).max() < 1
    assert (run.values.features[0] != run.values.features[2]).any()


def test_a_stream_at_one_time_is_a_batch(irmen, mnist):
    batch = accelsim.simulate(irmen, mnist, 3)
    stream = accelsim.simulate(irmen, mnist, Arrivals(np.zeros(3, np.int64)))
    assert stream.trace == batch.trace
    assert stream.stats == batch.stats
    assert (stream.values.features == batch.values.features).all()


def test_the_data_set_is_gone_through_again(irmen, mnist):
    many = Arrivals(np.arange(10_002) * 14_000)
    program = accelsim.simulate(
        accelsim.load_machine("irmen", {"sequencer.contexts": 2}), mnist, many
    )
    assert program.values.labels[:2].tolist() == program.values.labels[10_000:].tolist()


def test_it_is_replayed_to_the_byte(run):
    again = replay_run(open_run(run.outdir))
    assert set(again.files.values()) == {"same bytes"}
    assert "arrivals.parquet" in again.files


def test_it_is_replayed_on_another_machine(run):
    charge = accelsim.load_machine("charge")
    found = replay_elsewhere(open_run(run.outdir), charge)
    assert found.replayed.images == 4
    assert found.accuracy == (1.0, 1.0)


def test_a_batch_that_takes_its_place_leaves_no_arrivals(run, irmen, mnist, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run.outdir, folder)
    accelsim.simulate(irmen, mnist, 2, outdir=folder, force=True)
    assert not (folder / "arrivals.parquet").exists()
    assert set(replay_run(open_run(folder)).files.values()) == {"same bytes"}


def test_a_stream_that_is_not_of_the_run(run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run.outdir, folder)
    pq.write_table(pa.table({"time_ps": [0, 1]}), folder / "arrivals.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    digest = accelsim.files.sha256(folder / "arrivals.parquet")
    manifest["files"]["arrivals.parquet"]["sha256"] = digest
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"arrivals\.parquet: damaged: 2 arrivals; the manifest"):
        replay_run(open_run(folder))


def test_an_image_that_the_data_set_has_not(irmen, mnist):
    beyond = Arrivals(np.array([0, 1]), np.array([5, 10_000]))
    with pytest.raises(InputError, match=r"arrival 1: image 10000 is out of range.* 0 to 9999"):
        accelsim.simulate(irmen, mnist, beyond)


def test_a_week_with_a_busy_share_of_a_ten_millionth(repository, irmen, mnist, tmp_path):
    path = repository / "workloads" / "arrivals" / "usgs_week_2018.csv"
    week = joined(ArrivalFile(path).pieces())
    result = accelsim.simulate(irmen, mnist, week, outdir=tmp_path / "run")
    # 1,707 images of 42 ns; the last comes after 603,374,190 ms, and none waits.
    assert result.stats.makespan.value == 603_374_190 * 10**9 + 42_000
    assert result.stats.time_in_system_max.value == 42_000
    cycles = result.ledger.counts["clock_cycle"]
    assert cycles == (603_374_190 * 10**9 + 42_000) // 1000
    # 2 x 8 banks of 4 planes of 784 cells: more cell-cycles than 64 bits hold.
    assert result.ledger.counts["leakage"] == 16 * 4 * 784 * cycles > 2**63
    assert pq.read_schema(tmp_path / "run" / "trace.parquet").names == SCHEMA.names


def test_hours_without_images_are_replayed(repository, irmen, mnist, tmp_path):
    path = repository / "workloads" / "arrivals" / "usgs_week_2018.csv"
    week = joined(ArrivalFile(path).pieces())
    few = week.of(slice(0, 3))
    accelsim.simulate(irmen, mnist, few, outdir=tmp_path / "run")
    assert set(replay_run(open_run(tmp_path / "run")).files.values()) == {"same bytes"}
