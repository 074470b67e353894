"""Runs that keep a part of their trace, or none: the rest is as ever, and what needs it says so."""

import json

import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.runs import check_file, compare_runs, open_run, replay_elsewhere, replay_run
from accelsim.trace import Window, parse_kept

# Image 1 of one context runs from 42 to 84 ns.
SECOND = Window(42_000, 84_000)


@pytest.fixture(scope="module")
def runs(irmen, mnist, tmp_path_factory):
    place = tmp_path_factory.mktemp("kept")
    for name, kept in (("all", Window()), ("window", SECOND), ("none", None)):
        accelsim.simulate(irmen, mnist, 4, outdir=place / name, trace=kept, command=["x"])
    return place


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text())


def test_figures_and_ledger_do_not_depend_on_it(runs):
    for name in ("stats.json", "ledger.csv", "config.resolved.yaml", "program.json"):
        kept = {(runs / each / name).read_bytes() for each in ("all", "window", "none")}
        assert len(kept) == 1, name
    assert not (runs / "none" / "trace.parquet").exists()
    assert manifest_of(runs / "none")["trace"] == {"kept": "none"}
    said = {"kept": "window", "start_ps": 42_000, "end_ps": 84_000}
    assert manifest_of(runs / "window")["trace"] == said
    assert "trace" not in manifest_of(runs / "all")


def test_a_window_keeps_what_is_going_on_in_it(runs):
    kept = open_run(runs / "window").kept_trace.table()
    whole = open_run(runs / "all").trace
    assert kept == whole.table(SECOND)
    assert 0 < kept.num_rows < whole.records / 2
    # Image 1, and image 2 in the host's queue: not the settling that ends at 42 ns.
    assert set(kept["image"].to_pylist()) == {1, 2, 3, None}


def test_a_window_of_images(irmen, mnist, tmp_path):
    accelsim.simulate(irmen, mnist, 4, outdir=tmp_path, trace=Window(images=(1, 3)))
    assert set(open_run(tmp_path).kept_trace.table()["image"].to_pylist()) == {1, 2}
    assert "images 1 to 2 alone" in check_file(tmp_path)


def test_in_memory_too(irmen, mnist, runs):
    part = accelsim.simulate(irmen, mnist, 4, trace=SECOND).trace
    assert part == open_run(runs / "window").kept_trace.table()
    with pytest.raises(InputError, match="no trace: it was asked for none"):
        accelsim.simulate(irmen, mnist, 1, trace=None).trace  # noqa: B018


def test_what_needs_all_records_says_what_is_missing(command, runs):
    none, window = runs / "none", runs / "window"
    for arguments in (("explain", none), ("timeline", none), ("diff", none, none)):
        code, _, err = command(*arguments)
        assert code == 2
        assert "it keeps no trace (--trace none); expected a run with all of its records" in err
    code, _, err = command("explain", window)
    assert code == 2
    assert "of its trace it keeps 42 ns to 84 ns alone (--trace window); expected" in err
    code, _, err = command("diff", window, runs / "all")
    assert code == 2
    assert "those of all; expected runs that keep the same (--trace)" in err
    code, _, err = command("trace", "export", none, "--format", "csv")
    assert code == 2
    assert "it keeps no trace" in err


def test_what_needs_no_more_than_there_is_works(command, runs, tmp_path):
    code, out, _ = command("timeline", runs / "window", "--format", "png", "--outdir", tmp_path)
    assert code == 0
    assert "Note: the run keeps 42 ns to 84 ns alone; the rest is empty." in out
    assert compare_runs(runs / "window", runs / "window").same
    assert command("diff", runs / "window", runs / "window")[1].count("42 ns to 84 ns alone") == 1
    assert check_file(runs / "none").endswith("4 files as the run left them; it keeps no trace")
    assert check_file(runs / "window").endswith("; of its trace 42 ns to 84 ns alone")


@pytest.mark.parametrize("name", ["window", "none"])
def test_it_is_replayed_to_the_byte(runs, name):
    found = replay_run(open_run(runs / name))
    assert set(found.files.values()) == {"same bytes"}
    assert ("trace.parquet" in found.files) == (name == "window")


def test_on_another_machine_the_sums_are_missing(runs, charge):
    with pytest.raises(InputError, match=r"it keeps no trace \(--trace none\)"):
        replay_elsewhere(open_run(runs / "none"), charge)


def test_a_manifest_that_says_something_else(runs, tmp_path):
    said = manifest_of(runs / "none") | {"trace": {"kept": "some"}}
    for path in (runs / "none").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "manifest.json").write_text(json.dumps(said))
    with pytest.raises(InputError, match=r"manifest.json: damaged: trace.kept: .* got 'some'"):
        open_run(tmp_path)
    del said["trace"]
    (tmp_path / "manifest.json").write_text(json.dumps(said))
    with pytest.raises(InputError, match=r"not a complete run: missing trace\.parquet"):
        open_run(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--trace", "nome"), "--trace nome: expected one of all, window, none; did you mean 'no"),
        (("--trace", "window"), "--trace window: expected --trace-window too, such as"),
        (("--trace", "none", "--trace-window", "1:2"), "--trace none: --trace-window 1:2 keeps"),
        (("--trace-window", "5 us..1 us"), "--trace-window 5 us..1 us: expected an end after 5 us"),
        (("--trace-window", ".."), "--trace-window ..: expected a time before or after the dots"),
        (("--trace-window", "5..7"), "--trace-window 5: "),
        (("--trace-window", "x"), "--trace-window x: expected a number such as 17, or a range"),
        (("--trace-window", "9:3"), "--trace-window 9:3: expected an image from 0 upwards"),
    ],
)
def test_options_that_are_unclear(command, tmp_path, arguments, message):
    code, _, err = command("run", "--images", "1", *arguments)
    assert code == 2
    assert message in err
    assert not (tmp_path / "runs").exists()


def test_texts_of_windows():
    assert parse_kept("-", "10us..20us") == Window(10_000_000, 20_000_000)
    assert parse_kept("-", "10 ns..") == Window(10_000, None)
    assert parse_kept("-", "..2 us") == Window(None, 2_000_000)
    assert parse_kept("-", "7") == Window(images=(7, 8))
