"""A Perfetto trace, parsed back with the package's own messages, says what the run says."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from accelsim.errors import InputError
from accelsim.runs import RecordedRun
from accelsim.topology import unit_of
from accelsim.trace import Window
from accelsim.trace.export import TraceSource, export_perfetto
from tests.trace.export.conftest import leaves

pb = pytest.importorskip("perfetto.protos.perfetto.trace.perfetto_trace_pb2")
BEGIN, END, INSTANT, COUNTER = 1, 2, 3, 4


@dataclass
class Slice:
    track: int
    name: str
    kind: str
    start: int
    end: int
    args: dict[str, Any]
    flows: list[int]


@dataclass
class Parsed:
    """A trace with its interned texts put back, slices in order of their begin."""

    tracks: dict[int, Any] = field(default_factory=dict)
    slices: list[Slice] = field(default_factory=list)
    samples: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))
    about: dict[str, Any] = field(default_factory=dict)

    def path(self, uuid: int) -> str:
        track = self.tracks[uuid]
        above = self.path(track.parent_uuid) if track.parent_uuid > 1 else ""
        return f"{above}/{track.name}"

    def on(self, path: str) -> list[Slice]:
        return [found for found in self.slices if self.path(found.track) == path]


def parse(data: bytes) -> Parsed:
    parsed, texts, events = Parsed(), {}, []
    for packet in pb.Trace.FromString(data).packet:
        interned = packet.interned_data
        for table in ("event_names", "event_categories", "debug_annotation_names"):
            texts.update({(table, entry.iid): entry.name for entry in getattr(interned, table)})
        for entry in interned.debug_annotation_string_values:
            texts["value", entry.iid] = entry.str.decode()
        if packet.HasField("track_descriptor"):
            descriptor = packet.track_descriptor
            assert descriptor.uuid not in parsed.tracks
            assert descriptor.parent_uuid in {0, *parsed.tracks}
            parsed.tracks[descriptor.uuid] = descriptor
        if packet.HasField("track_event"):
            assert packet.track_event.track_uuid in parsed.tracks  # described before its use
            events.append((packet.timestamp, packet.track_event, dict(args_of(packet, texts))))
    # The trace processor sorts by time and keeps the order of the file within one moment.
    add_events(parsed, sorted(events, key=lambda one: one[0]), texts)
    return parsed


def add_events(parsed: Parsed, events: list[Any], texts: dict[Any, str]) -> None:
    open_on: dict[int, Slice] = {}
    for time, event, args in events:
        track = event.track_uuid
        if event.type == BEGIN:
            assert track not in open_on, "slices overlap"
            name = texts["event_names", event.name_iid]
            kind = texts["event_categories", event.category_iids[0]]
            open_on[track] = Slice(track, name, kind, time, -1, args, list(event.flow_ids))
        elif event.type == END:
            done = open_on.pop(track)
            done.end = time
            parsed.slices.append(done)
        elif event.type == COUNTER:
            which = event.WhichOneof("counter_value_field")
            parsed.samples[parsed.path(track)].append((time, getattr(event, which)))
        elif event.type == INSTANT:
            parsed.about = args
    assert not open_on


def args_of(packet: Any, texts: dict[Any, str]) -> Any:
    for annotation in packet.track_event.debug_annotations:
        name = texts["debug_annotation_names", annotation.name_iid]
        if annotation.dict_entries:
            yield (
                name,
                {
                    texts["debug_annotation_names", entry.name_iid]: entry.int_value
                    for entry in annotation.dict_entries
                },
            )
        elif annotation.HasField("string_value_iid"):
            yield name, texts["value", annotation.string_value_iid]
        else:
            yield name, annotation.int_value


@pytest.fixture
def exported(source_of: Callable[..., TraceSource], tmp_path: Path) -> Callable[..., Parsed]:
    def export(name: str, window: Window | None = None) -> Parsed:
        path = tmp_path / "trace.pftrace"
        source = source_of(name, window)
        written = export_perfetto(path, source)
        parsed = parse(path.read_bytes())
        assert written == len(parsed.slices) == source.trace.table(window).num_rows
        return parsed

    return export


@pytest.mark.parametrize("name", ["irmen", "contexts", "charge", "one_circuit"])
def test_slices_reconcile_with_the_run(
    name: str, exported: Callable[..., Parsed], run_of: Callable[[str], RecordedRun]
) -> None:
    parsed, stats = exported(name), run_of(name).stats
    assert len(parsed.slices) == stats["records"]["value"]
    assert sum(one.args["energy_aJ"] for one in parsed.slices) == stats["energy"]["total"]["value"]
    energy: Counter[str] = Counter()
    actions: Counter[str] = Counter()
    for one in parsed.slices:
        energy[unit_of(one.args["component"])] += one.args["energy_aJ"]
        actions.update(one.args.get("actions", {}))
    assert +energy == leaves(stats["energy"]["by_component"])
    assert +actions == leaves(stats["actions"])


@pytest.mark.parametrize("name", ["irmen", "contexts", "charge", "one_circuit"])
def test_every_record_is_a_slice_at_its_time(
    name: str, exported: Callable[..., Parsed], run_of: Callable[[str], RecordedRun]
) -> None:
    by_id = {one.args["id"]: one for one in exported(name).slices}
    for row in run_of(name).trace.table().to_pylist():
        one = by_id[row["id"]]
        assert (one.start, one.end, one.kind) == (row["t_start_ps"], row["t_end_ps"], row["kind"])
        for key in ("component", "op", "layer", "step", "image", "cause", "cause_id"):
            assert one.args.get(key) == (None if row[key] == "" else row[key]), key
        counts = {name: count for name, count in row["actions"].items() if count}
        assert one.args.get("actions", {}) == counts


def test_tracks_by_hand(exported: Callable[..., Parsed]) -> None:
    """Fourteen steps of three cycles of 1 ns; step 2 is the convolution of lanes 0 to 3 of B."""
    parsed = exported("irmen", Window(images=(0, 1)))
    root = parsed.tracks[1].name
    assert root == "accelsim: irmen, mnist (1 ns shown = 1 ps simulated)"
    assert parsed.about == {"line 1": "1 ns shown = 1 ps simulated", "line 2": "a line"}
    issues = parsed.on("/sequencer/issue")
    assert [(one.start, one.end) for one in issues] == [
        (3000 * step, 3000 * step + 1000) for step in range(14)
    ]
    assert [one.name for one in issues][:3] == ["load", "conv", "relu"]
    conv = parsed.on("/circuit_b/lane3/array")[0]
    assert (conv.name, conv.start, conv.end) == ("conv", 3000, 4000)
    assert conv.args["actions"] == {"ota_tap_cycle": 7840, "cell_static_cycle": 784}
    assert conv.args["energy_aJ"] == 7840 * 500
    plane = parsed.on("/circuit_b/lane3/bank/plane0")[:2]
    assert [(one.name, one.start, one.end) for one in plane] == [
        ("write conv", 3000, 4000),
        ("settle conv", 4000, 6000),
    ]
    assert parsed.on("/circuit_a/lane0/bank/read port 0")[0].name == "read plane0, conv"


def test_ports_and_queue_have_a_track_a_slot(exported: Callable[..., Parsed]) -> None:
    parsed = exported("contexts")
    paths = {parsed.path(one.track) for one in parsed.slices}
    ports = {path for path in paths if "/circuit_a/lane0/bank/read port" in path}
    assert ports <= {f"/circuit_a/lane0/bank/read port {slot}" for slot in range(2)}
    # Twelve images arrive at once, three are in flight: nine places are ever needed.
    waits = {path for path in paths if path.startswith("/host/queue/")}
    assert waits == {f"/host/queue/place {slot}" for slot in range(9)}
    contexts = {path for path in paths if "context" in path}
    assert contexts == {f"/sequencer/context{index}" for index in range(3)}


def test_tracks_stand_in_order(exported: Callable[..., Parsed]) -> None:
    parsed = exported("contexts")
    for parent in parsed.tracks.values():
        children = [one for one in parsed.tracks.values() if one.parent_uuid == parent.uuid]
        if children:
            assert parent.child_ordering == pb.TrackDescriptor.EXPLICIT
        names = [one.name for one in sorted(children, key=lambda one: one.sibling_order_rank)]
        if "array" in names:
            assert names[0] == "array"
        if "read port 0" in names:
            assert names[:1] == ["read port 0"]
            planes = [name for name in names if "plane" in name]
            assert planes == [f"plane{index}" for index in range(len(planes))]
    top = [one for one in parsed.tracks.values() if one.parent_uuid == 1]
    ordered = [one.name for one in sorted(top, key=lambda one: one.sibling_order_rank)]
    assert ordered[:5] == ["about", "power", "energy", "images waiting", "sequencer"]


@pytest.mark.parametrize("name", ["irmen", "contexts", "one_circuit"])
def test_arrows_lead_from_producer_to_consumer(name: str, exported: Callable[..., Parsed]) -> None:
    parsed = exported(name)
    ends = defaultdict(list)
    for one in parsed.slices:
        for flow in one.flows:
            ends[flow].append(one)
    by_id = {one.args["id"]: one for one in parsed.slices}
    read = set()
    for pair in ends.values():
        producer, consumer = sorted(pair, key=lambda one: (one.start, one.args["id"]))
        if consumer.kind == "read":
            # The value that was read is of the same image, and the plane's last.
            assert producer.kind == "settle"
            assert producer.args["component"] == consumer.args["component"]
            assert producer.args["image"] == consumer.args["image"]
            assert producer.end <= consumer.start
            read.add(consumer.args["id"])
        else:
            assert consumer.kind == "issue"
            wait = by_id[consumer.args["cause_id"]]
            assert wait.kind == "wait"
            assert wait.args["cause_id"] == producer.args["id"]
    assert read == {one.args["id"] for one in parsed.slices if one.kind == "read"}


@pytest.mark.parametrize("name", ["irmen", "contexts", "charge"])
def test_counters_end_at_the_ledger(
    name: str, exported: Callable[..., Parsed], run_of: Callable[[str], RecordedRun]
) -> None:
    parsed, energy = exported(name), run_of(name).stats["energy"]
    expected = leaves(energy["by_block"]) | {"total": energy["total"]["value"]}
    for block, value in expected.items():
        booked = parsed.samples[f"/energy/energy, {block}"]
        assert booked[-1][1] == value, block
        assert all(before <= after for (_, before), (_, after) in pairwise(booked))
        power = parsed.samples[f"/power/power, {block}"]
        assert power[-1][1] == 0
        area = sum(watts * (after - time) for (time, watts), (after, _) in pairwise(power))
        assert area == pytest.approx(value, rel=1e-12)


def test_power_by_hand(exported: Callable[..., Parsed]) -> None:
    """The first convolution: 31360 tap-cycles of 500 aJ in 1000 ps are 15680 uW."""
    samples = dict(exported("irmen").samples["/power/power, CeNN arrays"])
    assert samples[3000] == 15_680
    assert samples[4000] == 0


def test_images_waiting(exported: Callable[..., Parsed]) -> None:
    """Three images arrive at 0; each takes 42 ns."""
    assert exported("irmen").samples["/images waiting"] == [(0, 2), (42_000, 1), (84_000, 0)]


def test_a_window_cuts_slices_and_keeps_their_times(exported: Callable[..., Parsed]) -> None:
    parsed = exported("irmen", Window(44_500, 45_500))
    assert min(one.start for one in parsed.slices) == 44_500
    assert max(one.end for one in parsed.slices) == 45_500
    settle = next(one for one in parsed.slices if one.kind == "settle")
    assert (settle.start, settle.end) == (44_500, 45_000)
    assert (settle.args["t_start_ps"], settle.args["t_end_ps"]) == (43_000, 45_000)
    flows = Counter(flow for one in parsed.slices for flow in one.flows)
    assert set(flows.values()) == {2}


def test_the_same_bytes_again(source_of: Callable[..., TraceSource], tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        export_perfetto(path, source_of("contexts"))
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_batches_leave_no_seam(
    source_of: Callable[..., TraceSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slices, arrows and counters do not depend on where a batch ends."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    export_perfetto(whole, source_of("contexts"))
    monkeypatch.setattr("accelsim.trace.reader._BATCH", 97)
    export_perfetto(parts, source_of("contexts"))
    one, other = parse(whole.read_bytes()), parse(parts.read_bytes())
    assert contents(one) == contents(other)
    assert one.samples == other.samples


def contents(parsed: Parsed) -> dict[int, Any]:
    """Return what is on a slice, and on which track, by its record."""
    return {
        one.args["id"]: (parsed.path(one.track), one.start, one.end, one.name, one.args, one.flows)
        for one in parsed.slices
    }


def test_without_the_extra(
    source_of: Callable[..., TraceSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "perfetto.protos", None)
    with pytest.raises(InputError, match=r'needs the extra: pip install "accelsim\[perfetto\]"'):
        export_perfetto(tmp_path / "x", source_of("irmen"))


def test_an_empty_window_is_refused(source_of: Callable[..., TraceSource], tmp_path: Path) -> None:
    window = Window(images=(7, 8))
    expected = (
        r"nothing to write: no record is inside image 7; the trace goes from 0 ps to 126000 ps, "
        r"images 0 to 2"
    )
    with pytest.raises(InputError, match=expected):
        export_perfetto(tmp_path / "x", source_of("irmen", window))
