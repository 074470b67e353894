"""`accelsim trace export` as a user meets it: files, what it prints, its messages."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import accelsim
from accelsim.cli import trace_tasks
from accelsim.errors import InputError
from accelsim.trace import TraceFile, Window, read_csv
from accelsim.trace.window import parse_window

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outdir = tmp_path_factory.mktemp("made") / "run"
    accelsim.simulate(
        accelsim.load_machine(), accelsim.load_network("mnist"), 2, outdir=outdir, command=["x"]
    )
    return outdir


@pytest.fixture
def export(made: Path, command: Command, tmp_path: Path) -> Command:
    """Export from a copy of the run, named 'run'; return exit code, output, errors."""
    shutil.copytree(made, tmp_path / "run")

    def call(kind: str, *arguments: str, run: str = "run") -> tuple[int, str, str]:
        return command("trace", "export", run, "--format", kind, *arguments)

    return call


def test_each_format(export: Command) -> None:
    code, out, err = export("csv")
    assert (code, err) == (0, "")
    assert out.startswith("run/trace.csv: 773 records, 74.")
    code, out, err = export("perfetto")
    assert (code, err) == (0, "")
    assert out.startswith("run/trace.pftrace: 773 records, ")
    code, out, err = export("vcd", "-o", "waves.vcd")
    assert (code, err) == (0, "")
    assert out.splitlines()[1] == "waves.gtkw: opens it, with gtkwave waves.gtkw"
    assert Path("waves.gtkw").read_text().startswith('[dumpfile] "/accelsim/waves.vcd"\n')
    assert not list(Path().glob("**/.partial*"))


@pytest.mark.parametrize("kind", ["csv", "perfetto", "vcd"])
def test_a_large_file_is_said_before(
    export: Command, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(trace_tasks, "_MUCH", 0)
    code, _, err = export(kind, "-o", "x.file")
    match = re.fullmatch(
        r"note: 773 records are up to about ([0-9.]+) kB; --from, --to, --image and --component "
        r"choose some\n",
        err,
    )
    assert code == 0
    assert match
    # A short file has more of a header than of records.
    assert float(match[1]) == pytest.approx(Path("x.file").stat().st_size / 1000, rel=0.6)


def test_csv_says_where_it_comes_from(export: Command) -> None:
    export("csv", "--from", "3 ns", "--to", "4 ns", "--image", "0")
    table, provenance = read_csv(Path("run/trace.csv"))
    manifest = json.loads(Path("run/manifest.json").read_text())
    assert provenance[:5] == [
        "Trace of irmen, mnist.",
        "Run: x",
        f"Simulated by accelsim {accelsim.__version__}, seed 0, images 0 to 1.",
        f"trace.parquet: sha256 {manifest['files']['trace.parquet']['sha256']}",
        f"Exported by accelsim {accelsim.__version__}.",
    ]
    assert provenance[5] == "Window: 3000 ps to 4000 ps, image 0."
    # Issue, transfer, read, four computes, four writes; the clock of the step.
    assert table.num_rows == 12
    assert set(table["op"].to_pylist()) == {"conv"}


def test_a_trace_file_becomes_csv_alone(export: Command) -> None:
    assert export("csv", "-o", "a.csv", run="run/trace.parquet")[0] == 0
    assert export("csv", "--image", "1", "-o", "b.csv", run="a.csv")[0] == 0
    assert set(TraceFile(Path("b.csv")).table()["image"].to_pylist()) == {1}
    code, _, err = export("vcd", run="run/trace.parquet")
    assert code == 2
    assert "run/trace.parquet: a trace file can become csv alone; vcd needs the run" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "42"), "--from 42: '42' has no unit; expected a time such as '1 ns'"),
        (("--to", "1.5 ps"), "--to 1.5 ps: '1.5 ps' is not a whole number of ps"),
        (("--from", "soon"), "--from soon: 'soon' is not a number with a unit"),
        (("--from", "5 ns", "--to", "5 ns"), "--to 5 ns: expected a time after --from 5 ns"),
        (("--to", "0 ns"), "--to 0 ns: expected a time after 0 ns, where the trace begins"),
        (("--image", "5:3"), "--image 5:3: expected an image from 0 upwards, or a range whose"),
        (("--image", "-1"), "--image -1: expected an image from 0 upwards"),
        (("--image", "x"), "--image x: expected a number such as 17, or a range such as 40:60"),
        (
            ("--component", "circuit_a.lane0.arry"),
            "--component circuit_a.lane0.arry: the trace has no such component; "
            "did you mean 'circuit_a.lane0.array'?",
        ),
        (
            ("--component", "zzz"),
            "it has circuit_a, circuit_b, clock, datapath, host, sequencer",
        ),
        (
            ("--image", "7"),
            "nothing to write: no record is inside image 7; the trace goes from 0 ps to 84000 ps, "
            "images 0 to 1",
        ),
        (("--from", "1 ms"), "nothing to write: no record is inside 1000000000 ps to the end;"),
        (("-o", "none/a.csv"), "--output none/a.csv: cannot be written: no folder none"),
        (("-o", "run"), "run: cannot be written: Is a directory"),
        (("-o", "run/trace.parquet"), "--output run/trace.parquet: it is what is read"),
        (("-o", "run/stats.json"), "--output run/stats.json: it is what is read; "),
        (("-o", "run/manifest.json"), "--output run/manifest.json: it is what is read"),
        (("--image", "0:99999999999999999999999"), "out of range; image numbers end before 9223"),
        (("--image", "9223372036854775807"), "out of range; image numbers end before 9223"),
        (("-o", "a.gtkw"), "--output a.gtkw: .gtkw is the save file, written beside; name the"),
        (("-o", "/proc/a.csv"), "/proc/a.csv: cannot be written: "),
    ],
)
def test_bad_input_is_explained(export: Command, arguments: tuple[str, ...], message: str) -> None:
    before = sorted(Path().rglob("*"))
    code, out, err = export("csv", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err
    assert len(err.splitlines()) == 1
    assert sorted(Path().rglob("*")) == before


def test_no_run_is_overwritten(export: Command) -> None:
    shutil.copytree("run", "other")
    Path("link.csv").symlink_to(Path("other/ledger.csv"))
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    for source in ("run", "run/trace.parquet"):
        for name in ("run/stats.json", "other/trace.parquet", "link.csv"):
            code, _, err = export("csv", "-o", name, run=source)
            assert code == 2
            said = "link.csv: cannot be written: it is a link"
            assert (said if name == "link.csv" else f"--output {name}: it is ") in err
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before
    # Without a run beside it, a name is a name.
    assert export("csv", "-o", "ledger.csv")[0] == 0


@pytest.mark.parametrize("kind", ["csv", "perfetto", "vcd"])
def test_an_empty_window_leaves_the_old_file(export: Command, kind: str) -> None:
    path = Path("old.txt")
    path.write_text("kept")
    code, _, err = export(kind, "--image", "7", "-o", str(path))
    assert code == 2
    assert "nothing to write: no record is inside image 7" in err
    assert path.read_text() == "kept"
    assert sorted(found.name for found in Path().iterdir()) == ["old.txt", "run"]


def test_damaged_runs(export: Command) -> None:
    assert (
        "unknown: no such folder; expected the folder of a run" in export("csv", run="unknown")[2]
    )
    trace = Path("run/trace.parquet")
    whole = trace.read_bytes()
    trace.write_bytes(whole[:-1000])
    assert "run/trace.parquet: changed since the run: its hash differs" in export("csv")[2]
    trace.unlink()
    assert "run: not a complete run: missing trace.parquet" in export("perfetto")[2]
    table = pq.read_table(__import__("io").BytesIO(whole))
    pq.write_table(table.replace_schema_metadata({"accelsim.trace": "0"}), "old.parquet")
    code, _, err = export("csv", run="old.parquet")
    assert code == 2
    assert "old.parquet: trace schema version 0; this accelsim reads 3" in err


def test_an_unknown_format_lists_what_there_is(export: Command) -> None:
    code, _, err = export("json")
    assert code == 2
    assert "'csv', 'perfetto', 'vcd'" in err


def test_the_same_export_again_is_the_same_file(export: Command) -> None:
    for kind in ("csv", "perfetto", "vcd"):
        files = [Path(f"{name}.x") for name in ("a", "b")]
        for file in files:
            assert export(kind, "-o", str(file))[0] == 0
        assert files[0].read_bytes() == files[1].read_bytes()


def test_windows_are_parsed(made: Path) -> None:
    trace = TraceFile(made / "trace.parquet")
    assert parse_window(trace) == Window()
    assert parse_window(trace, "0 ns", "0.5 us", "1", ["circuit_a", "host.load", "circuit_a"]) == (
        Window(0, 500_000, (1, 2), ("circuit_a", "host.load"))
    )
    assert parse_window(trace, image="40:60").images == (40, 60)
    with pytest.raises(InputError, match="the trace has no such component"):
        parse_window(trace, components=["conv"])  # an op, not a component


@pytest.mark.parametrize("kind", ["perfetto", "vcd"])
def test_a_record_before_the_run_is_no_record(
    export: Command, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged file may have times that its own statistics deny."""
    table = pq.read_table("run/trace.parquet")
    place = table.schema.get_field_index("t_start_ps")
    times = pa.array([-2048, *table["t_start_ps"].to_pylist()[1:]])
    table = table.set_column(place, table.schema.field(place), times)
    monkeypatch.setattr(TraceFile, "batches", lambda *_: iter(table.to_batches()))
    code, _, err = export(kind, "-o", "out.x")
    assert (code, err) == (2, "error: run/trace.parquet: a record begins before 0 ps\n")
    assert not Path("out.x").exists()
