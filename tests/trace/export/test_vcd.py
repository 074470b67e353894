"""VCD waveforms, read back, say what the records and a calculation by hand say."""

import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from accelsim.errors import InputError
from accelsim.trace import Window
from accelsim.trace.export import TraceSource, export_vcd

reader = pytest.importorskip("vcd.reader")

NS = 1000


class Waves:
    """A VCD file: the value of each variable at any time."""

    def __init__(self, path: Path) -> None:
        self.changes: dict[str, list[tuple[int, Any]]] = defaultdict(list)
        names, scopes, self.timescale, self.comment = {}, [], "", ""
        time = 0
        with path.open("rb") as stream:
            for token in reader.tokenize(stream):
                match token.kind.name:
                    case "SCOPE":
                        scopes.append(token.scope.ident)
                    case "UPSCOPE":
                        scopes.pop()
                    case "VAR":
                        names[token.var.id_code] = ".".join([*scopes[1:], token.var.reference])
                    case "TIMESCALE":
                        self.timescale = str(token.timescale)
                    case "COMMENT":
                        self.comment = token.comment
                    case "CHANGE_TIME":
                        assert token.time_change >= time
                        time = token.time_change
                    case "CHANGE_SCALAR" | "CHANGE_VECTOR" | "CHANGE_STRING":
                        name = names[token.data.id_code]
                        assert self.changes[name][-1:] != [(time, token.data.value)]
                        self.changes[name].append((time, token.data.value))
        self.end = time
        assert set(names.values()) == set(self.changes)

    def at(self, name: str, time: int) -> Any:
        """Return a value just after a time."""
        changes = self.changes[name]
        return changes[bisect_right(changes, time, key=lambda change: change[0]) - 1][1]

    def high(self, name: str) -> int:
        """Return how long a number is other than 0, weighed with it, in ps."""
        changes = [*self.changes[name], (self.end, 0)]
        return sum(int(value) * (after - time) for (time, value), (after, _) in pairwise(changes))

    def rises(self, name: str) -> list[int]:
        return [time for time, value in self.changes[name] if value == "1"]


@pytest.fixture
def waves(source_of: Callable[..., TraceSource], tmp_path: Path) -> Callable[..., Waves]:
    def export(name: str, window: Window | None = None) -> Waves:
        path = tmp_path / "trace.vcd"
        export_vcd(path, tmp_path / "trace.gtkw", source_of(name, window), NS)
        return Waves(path)

    return export


def test_clock_by_hand(waves: Callable[..., Waves]) -> None:
    """Fourteen steps of three cycles of 1 ns: 42 rising edges an image."""
    found = waves("irmen", Window(images=(0, 1)))
    assert found.timescale == "1 ps"
    assert found.end == 42 * NS
    rises = [time for time in found.rises("clk") if time < 42 * NS]
    assert rises == [cycle * NS for cycle in range(42)]
    assert [time for time, value in found.changes["clk"] if value == "0"] == [
        cycle * NS + NS // 2 for cycle in range(42)
    ]
    assert found.at("cycle", 17_300) == 17


def test_schedule_by_hand(waves: Callable[..., Waves]) -> None:
    found = waves("irmen")
    # Step 2 of image 1 is issued in cycle 42 + 3.
    assert found.rises("sequencer.issue") == [3 * NS * step for step in range(14 * 3)]
    assert [found.at(f"sequencer.{name}", 45 * NS) for name in ("op", "step", "image")] == [
        "conv",
        2,
        1,
    ]
    assert found.at("sequencer.image", 46 * NS) == "z"
    assert found.at("sequencer.context0.cause", 1500) == "unsettled_circuit_a.lane0.bank.plane0"
    assert [found.at("host.queue.waiting", 42 * NS * n) for n in range(3)] == [2, 1, 0]
    # The convolution goes from A to B, the ReLU back.
    assert (found.at("datapath.a_to_b.op", 3500), found.at("datapath.b_to_a.op", 3500)) == (
        "conv",
        "-",
    )
    assert found.at("datapath.b_to_a.busy", 6500) == "1"
    # It reads one plane of A and charges one of each lane of B.
    assert found.at("circuit_a.lane0.bank.read_ports", 3500) == 1
    assert found.at("circuit_b.lane3.bank.write_ports", 3500) == 1
    assert found.at("circuit_b.lane3.array.op", 3500) == "conv"
    assert found.at("circuit_b.lane3.array.busy", 4000) == "0"


def test_plane_states_by_hand(waves: Callable[..., Waves]) -> None:
    """The first convolution charges B in cycle 3, settles in 4 and 5, and is stored at 6 ns."""
    found = waves("irmen")
    plane = "circuit_b.lane0.bank.plane0"
    times = (0, 2999, 3000, 3999, 4000, 5999, 6000, 7000)
    states = [found.at(f"{plane}.state", time) for time in times]
    assert states == [
        "empty", "empty", "charging", "charging", "settling", "settling", "stored", "stored",
    ]  # fmt: skip
    assert [found.at(f"{plane}.image", time) for time in (0, 6000, 44 * NS, 45 * NS)] == [
        "z", 0, 0, 1,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["irmen", "contexts", "charge", "one_circuit"])
def test_busy_times_are_those_of_the_records(
    name: str, waves: Callable[..., Waves], source_of: Callable[..., TraceSource]
) -> None:
    found = waves(name)
    expected: dict[str, int] = defaultdict(int)
    for row in source_of(name).trace.table().to_pylist():
        component, kind = row["component"], row["kind"]
        time = row["t_end_ps"] - row["t_start_ps"]
        bank = component.rpartition(".")[0]
        match kind:
            case "compute" | "transfer":
                expected[f"{component}.busy"] += time
            case "issue":
                expected["sequencer.issue"] += time
            case "read":
                expected[f"{bank}.read_ports"] += time
            case "write" if not component.startswith("host"):
                expected[f"{bank}.write_ports"] += time
            case "wait":
                expected[f"{component}.waiting"] += time
    for signal, time in expected.items():
        assert found.high(signal) == time, signal
    counted = {
        signal for signal in found.changes if signal.endswith(("busy", "issue", "ports", "waiting"))
    }
    assert counted == set(expected)


def test_a_window_begins_with_what_is_stored(waves: Callable[..., Waves]) -> None:
    whole, part = waves("contexts"), waves("contexts", Window(50_250, 71_750))
    assert (part.changes["clk"][0][0], part.end) == (50_250, 71_750)
    for name in part.changes:
        for time in range(50_250, 71_750, 250):
            assert part.at(name, time) == whole.at(name, time), (name, time)


def test_what_settles_as_a_window_begins_is_stored(waves: Callable[..., Waves]) -> None:
    """The first convolution is stored at 6 ns, see above."""
    found = waves("irmen", Window(6000, 9000))
    plane = "circuit_b.lane0.bank.plane0"
    assert (found.at(f"{plane}.state", 6000), found.at(f"{plane}.image", 6000)) == ("stored", 0)
    # What settles later is not there yet: relu charges A in cycle 6.
    charged = [name for name in found.changes if found.at(name, 6000) == "charging"]
    assert charged
    assert all(name.startswith("circuit_a.") for name in charged)


def test_batches_leave_no_seam(
    waves: Callable[..., Waves], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = waves("contexts")
    monkeypatch.setattr("accelsim.trace.reader._BATCH", 97)
    assert waves("contexts").changes == whole.changes


def test_the_same_bytes_again(source_of: Callable[..., TraceSource], tmp_path: Path) -> None:
    written = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        paths = folder / "t.vcd", folder / "t.gtkw"
        export_vcd(*paths, source_of("contexts"), NS)
        written.append([path.read_bytes() for path in paths])
    assert written[0] == written[1]


def test_a_clock_of_one_ps_has_no_edges(
    source_of: Callable[..., TraceSource], tmp_path: Path
) -> None:
    path = tmp_path / "t.vcd"
    export_vcd(path, tmp_path / "t.gtkw", source_of("irmen", Window(end_ps=3000)), 1)
    found = Waves(path)
    assert "clk" not in found.changes
    assert found.at("cycle", 1234) == 1234


def test_the_save_file_names_what_is_there(waves: Callable[..., Waves], tmp_path: Path) -> None:
    found = waves("contexts")
    save = (tmp_path / "trace.gtkw").read_text().splitlines()
    # Absolute paths, so that GTKWave takes the dump from the save file's own folder.
    assert save[:2] == [
        '[dumpfile] "/accelsim/trace.vcd"',
        '[savefile] "/accelsim/trace.gtkw"',
    ]
    traced = {line.split("} accelsim.")[1] for line in save if line.startswith("+{")}
    assert traced == set(found.changes)
    groups = [line[1:] for line in save if line.startswith("-") and len(line) > 1]
    assert groups[:6] == ["sequencer", "sequencer", "host", "host", "datapath", "datapath"]
    assert "circuit_a.lane0" in groups


def test_the_save_file_opens_where_work_begins(waves: Callable[..., Waves], tmp_path: Path) -> None:
    """Image 2 waits in the queue from 0 on; its first step begins at 84 ns."""
    found = waves("irmen", Window(images=(2, 3)))
    assert found.at("host.queue.waiting", 0) == 1
    assert "[timestart] 84000" in (tmp_path / "trace.gtkw").read_text().splitlines()


def test_too_many_cycles_are_refused(
    source_of: Callable[..., TraceSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accelsim.trace.export.vcd._MOST_CYCLES", 100)
    with pytest.raises(InputError, match=r"126 clock cycles are too many .* with --from and --to"):
        export_vcd(tmp_path / "x", tmp_path / "y", source_of("irmen"), NS)


def test_without_the_extra(
    source_of: Callable[..., TraceSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vcd", None)
    with pytest.raises(InputError, match=r'needs the extra: pip install "accelsim\[vcd\]"'):
        export_vcd(tmp_path / "x", tmp_path / "y", source_of("irmen"), NS)
