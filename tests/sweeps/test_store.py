"""Nothing is lost, nothing is overwritten: a data set resumes to the same bytes."""

import json
import re

import pyarrow.parquet as pq
import pytest

from accelsim.errors import InputError
from accelsim.sweeps.crew import Here
from accelsim.sweeps.runner import DIED
from accelsim.sweeps.sweeping import Plan, Sweeping
from accelsim.sweeps.work import Evaluation
from tests.sweeps.crews import Backwards, Deadly, Stopping, files, silent

LINES = ("axes: {arrays.lanes: [4, 6, 8], arrays.fan_in: [1, 2, 4]}", "chunk: 2")


@pytest.fixture
def sweep(make_space, tmp_path):
    def run(folder, *lines, crew=None, **plan):
        sweeping = Sweeping(make_space(*(lines or LINES)), tmp_path / folder, Plan(**plan))
        return sweeping.run(crew or Here(), silent)

    return run


@pytest.fixture
def whole(sweep, tmp_path):
    sweep("whole")
    return files(tmp_path / "whole")


@pytest.mark.parametrize("after", [0, 1, 4])
def test_a_sweep_that_was_stopped_goes_on_to_the_same_bytes(sweep, whole, tmp_path, after):
    with pytest.raises(KeyboardInterrupt):
        sweep("out", crew=Stopping(after))
    kept = files(tmp_path / "out") if after else {}
    assert len(kept) == after
    sweep("out", crew=Backwards())
    found = files(tmp_path / "out")
    assert found == whole
    assert kept.items() <= found.items()
    # 9 points in chunks of 2.
    assert list(found) == [] or sorted(found) == [f"00000{n}.parquet" for n in (0, 2, 4, 6, 8)]


def test_what_is_there_is_not_evaluated_again(sweep, whole, tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("evaluated again")

    monkeypatch.setattr(Evaluation, "run", refuse)
    sweep("whole")
    assert files(tmp_path / "whole") == whole


def test_a_budget_is_extended_to_the_same_bytes(sweep, whole, tmp_path):
    few = sweep("out", budget=4)
    assert (few.rows.num_rows, few.total) == (4, 4)
    sweep("out", budget=7, crew=Backwards())
    sweep("out")
    assert files(tmp_path / "out") == whole


def test_a_data_set_of_another_space_is_left_alone(sweep, whole, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        sweep("whole", "axes: {arrays.lanes: [4]}")
    assert re.fullmatch(
        r"whole/sweep.json: holds a sweep of another space, 'space', or of other files or another "
        r"version \(.*\); choose another --outdir, or --force to replace it",
        str(caught.value),
    )
    assert files(tmp_path / "whole") == whole
    sweep("whole", "axes: {arrays.lanes: [4]}", force=True)
    assert list(files(tmp_path / "whole")) == ["000000.parquet"]


def test_other_words_and_another_place_are_the_same_space(sweep, whole, tmp_path):
    sweep("whole", "description: the same", *LINES)
    (tmp_path / "whole").rename(tmp_path / "elsewhere")
    sweep("elsewhere")
    assert files(tmp_path / "elsewhere") == whole


def test_a_folder_that_is_no_sweep_is_left_alone(sweep, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("mine")
    for force in (False, True):
        with pytest.raises(InputError) as caught:
            sweep("out", force=force)
        assert str(caught.value) == (
            "out: holds 'thesis.tex' and no sweep.json; expected a new folder, or one of a sweep"
        )
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("size", [0, 3, 40, 900])
def test_a_damaged_file_is_named(sweep, whole, tmp_path, monkeypatch, size):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "whole" / "points" / "000002.parquet"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(InputError) as caught:
        sweep("whole")
    assert str(caught.value).startswith("whole/points/000002.parquet: ")
    assert "\n" not in str(caught.value)


def test_rows_of_another_sweep_are_refused(sweep, whole, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sweep("other", "axes: {arrays.lanes: [4]}")
    (tmp_path / "other/points/000000.parquet").rename(tmp_path / "whole/points/000000.parquet")
    with pytest.raises(InputError) as caught:
        sweep("whole")
    assert str(caught.value) == (
        "whole/points/000000.parquet: holds rows of another space; choose another --outdir, or "
        "--force to replace it"
    )


def test_failed_points_are_evaluated_again_if_asked(sweep, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("accelsim.sweeps.evaluate.run_events", None)
        broken = sweep("out")
    assert broken.failed == 9
    assert sweep("out").failed == 9
    again = sweep("out", again=True)
    assert again.failed == 3  # a fan-in of 1 is too small
    sweep("whole")
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def test_the_point_that_workers_die_of_is_a_row(sweep, whole, tmp_path):
    rows = sweep("out", crew=Deadly()).rows
    assert rows.column("error")[3].as_py() == DIED
    assert rows.num_rows == 9
    assert files(tmp_path / "out")["000000.parquet"] == whole["000000.parquet"]
    sweep("out", again=True)
    assert files(tmp_path / "out") == whole


def test_one_data_set_for_pandas_and_others(sweep, whole, tmp_path):
    folder = tmp_path / "whole" / "points"
    table = pq.read_table(folder)
    assert table.column("point").to_pylist() == list(range(9))
    field = table.schema.field("latency_ps")
    assert field.metadata[b"unit"] == b"ps"
    assert field.metadata[b"role"] == b"figure"
    assert table.schema.field("arrays.lanes").metadata[b"role"] == b"axis"
    about = json.loads((tmp_path / "whole" / "sweep.json").read_text())
    assert table.schema.metadata[b"accelsim.sweep"].decode() == about["digest"]
    assert about["objectives"] == {"latency": "min", "energy_per_image": "min"}
