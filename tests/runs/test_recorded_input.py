"""A run directory may come from anybody: each of its files is checked before it is used."""

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.runs import open_run, replay_golden
from accelsim.trace import SCHEMA, TraceFile, read_csv, read_parquet, write_csv

COMMANDS = (
    ("validate", "run"),
    ("explain", "run"),
    ("timeline", "run", "--format", "html"),
    ("diff", "run", "run"),
    ("replay", "run"),
    ("trace", "export", "run", "--format", "csv"),
)


def _two(number: int) -> tuple[tuple[str, ...], ...]:
    """Return `validate` and one of the others, each in its turn."""
    return COMMANDS[0], COMMANDS[1 + number % (len(COMMANDS) - 1)]


@pytest.fixture
def run(tmp_path, irmen, mnist):
    accelsim.simulate(irmen, mnist, 1, outdir=tmp_path / "run")
    return tmp_path / "run"


def _forge(run: Path, name: str, data: str | bytes) -> None:
    """Write a file of a run and its hash, as whoever makes a run up would."""
    data = data.encode() if isinstance(data, str) else data
    (run / name).write_bytes(data)
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["files"][name]["sha256"] = hashlib.sha256(data).hexdigest()
    (run / "manifest.json").write_text(json.dumps(manifest))


def _set(tree, path, value):
    *above, last = path
    for key in above:
        tree = tree[key]
    if value is None:
        del tree[last]
    else:
        tree[last] = value


STATS = [
    (("latency",), None, "latency: Field required"),
    (("latency", "value"), None, "latency.value: Field required"),
    (("latency", "value"), "1", "latency.value"),
    (("latency", "value"), 10**30, "expected a number up to 2^80"),
    (("latency", "unit"), "ps\x1b[31m", "has the character '\\x1b'"),
    (("energy", "by_layer"), None, "energy.by_layer: Field required"),
    (("energy", "by_layer", "a\x1bb"), {"value": 1, "unit": "aJ"}, "has the character"),
    (("makespan",), [1], "makespan"),
    (("actions",), {"x": 3}, "actions.x"),
    (("more",), 1, "more: Extra inputs"),
]


@pytest.mark.parametrize(("key", "value", "message"), STATS)
def test_figures_are_checked_once_for_all(run, command, key, value, message):
    stats = json.loads((run / "stats.json").read_text())
    _set(stats, key, value)
    _forge(run, "stats.json", json.dumps(stats))
    for arguments in _two(STATS.index((key, value, message))):
        code, _, err = command(*arguments)
        assert code == 2
        assert err.startswith("error: run/stats.json: damaged: ")
        assert message in err
        assert err.removesuffix("\n").isprintable()


PROGRAMS = [
    (("network",), "a\x1b]0;b\x07", "got 'a\\x1b]0;b\\x07'; expected printable text"),
    (("instructions", 1, "layer"), "\u202eevil", "got '\\u202eevil'; expected printable text"),
    (("instructions", 1, "step"), 7, "step: got 7, expected 2"),
    (("instructions", 1, "op"), "cnov", "op: got 'cnov', expected one of"),
    (("instructions", 1, "rows"), 2**40, "got 1099511627776; expected one of 32 bits"),
    (("instructions", 1, "rows"), 10**60, "got a number; expected one of 32 bits"),
    (("instructions", 1, "operands", 0, "taps"), [], "an operand has no planes or no taps"),
    (("planes", "a"), None, "planes number 0"),
    (("instructions",), [], "expected a load and a handoff"),
]


@pytest.mark.parametrize(("key", "value", "message"), PROGRAMS)
def test_programs_are_checked_once_for_all(run, command, key, value, message):
    program = json.loads((run / "program.json").read_text())
    _set(program, key, value)
    _forge(run, "program.json", json.dumps(program))
    for arguments in _two(PROGRAMS.index((key, value, message))):
        code, _, err = command(*arguments)
        assert code == 2
        assert err.startswith("error: run/program.json: ")
        assert message in err
        assert err.removesuffix("\n").isprintable()


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 100_000, "{}", "\xff\xfe", ""])
def test_programs_that_are_none(run, text):
    _forge(run, "program.json", text.encode("latin-1"))
    with pytest.raises(InputError, match=r"program.json: not a program of accelsim: ") as caught:
        open_run(run)
    assert str(caught.value).isprintable()


def _changed(column: str, value: object):
    def change(table: pa.Table) -> pa.Table:
        values = table[column].combine_chunks()
        rows = values.to_pylist()
        rows[3] = value
        field = SCHEMA.field(column)
        return table.set_column(
            table.schema.get_field_index(column), field, pa.array(rows, field.type)
        )

    return change


TRACES = [
    ("cause", "\x1b[2J\x1b[31mowned", "cause: expected one of"),
    ("layer", "\x1b[2J", "layer: expected printable text"),
    ("op", "a\nb", "op: expected printable text"),
    ("component", "circuit_a.lane99999999999.array", "component: expected a part"),
    ("resource", "\x1b", "resource: expected a part"),
    ("energy_aJ", 2**62 + 1, "energy_aJ: more than 2^62"),
    ("energy_aJ", 2**61, "energy_aJ: the sum is beyond 64 bits"),
    ("t_end_ps", 2**63 - 1, "t_end_ps: more than 2^62"),
]


@pytest.mark.parametrize(("column", "value", "message"), TRACES)
def test_records_are_checked_before_they_are_shown(run, command, column, value, message):
    table = _changed(column, value)(read_parquet(run / "trace.parquet"))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    _forge(run, "trace.parquet", sink.getvalue().to_pybytes())
    for arguments in _two(TRACES.index((column, value, message))):
        code, _, err = command(*arguments)
        assert code == 2, arguments
        assert message in err
        assert err.replace("\n", "").isprintable()


def test_a_header_cannot_be_forged_by_what_is_written_into_it(tmp_path, run):
    table = read_parquet(run / "trace.parquet")
    lines = ["Run: x\n# machine: other\u2028# network: other\r# set: clock=1 GHz", "ä"]
    write_csv(tmp_path / "x.csv", table.to_batches(), lines)
    again, header = read_csv(tmp_path / "x.csv")
    assert header == ["Run: x\\n# machine: other\\u2028# network: other\\r# set: clock=1 GHz", "ä"]
    assert pc.all(pc.equal(again["id"], table["id"])).as_py()


@pytest.mark.parametrize("odd", ["\x1b[2J", "a\x85b", "\u2028# machine: charge", "\x0c"])
def test_a_golden_header_with_what_a_terminal_would_obey(tmp_path, repository, odd):
    golden = (repository / "traces" / "golden" / "irmen-mnist.csv").read_text()
    (tmp_path / "x.csv").write_text(f"# note: {odd}\n{golden}")
    with pytest.raises(InputError, match=r"x.csv:1: got .*; expected printable text$") as caught:
        read_csv(tmp_path / "x.csv")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("number", ["1_0", "\u0661", "+1", " 1", "1.0", "9" * 5000, "1" * 20])
def test_numbers_of_a_csv_trace_are_plain(tmp_path, repository, number):
    lines = (repository / "traces" / "golden" / "irmen-mnist.csv").read_text().splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("id,"))
    cells = lines[first + 1].split(",")
    cells[2] = number
    (tmp_path / "x.csv").write_text("\n".join([*lines[: first + 1], ",".join(cells)]) + "\n")
    with pytest.raises(InputError, match=r"not a record of a trace: t_end_ps: got .*") as caught:
        TraceFile(tmp_path / "x.csv")
    assert len(str(caught.value)) < 400


def test_what_a_user_typed_is_recorded_so_that_it_can_be_read(tmp_path, irmen, mnist):
    typed = ["accelsim", "run", "--set", "a\x1b[31m\nb", "\udcff"]
    accelsim.simulate(irmen, mnist, 1, outdir=tmp_path / "run", command=typed)
    recorded = open_run(tmp_path / "run").manifest["command"]
    assert recorded == ["accelsim", "run", "--set", "a\\x1b[31m\\nb", "\\udcff"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("machine: nope", "x.csv: its header: .*nope: no such machine"),
        ("set: clock=fast", "x.csv: its header: --set clock=fast: clock: 'fast' is not a number"),
        ("set: clock", "x.csv: its header: --set clock: expected key=value"),
        ("network: nope", "x.csv: its header: .*nope: no such workload"),
    ],
)
def test_a_golden_header_is_blamed_for_what_it_says(tmp_path, repository, line, message):
    golden = (repository / "traces" / "golden" / "irmen-mnist.csv").read_text()
    (tmp_path / "x.csv").write_text(f"# {line}\n{golden}")
    with pytest.raises(InputError, match=message):
        replay_golden(tmp_path / "x.csv")
