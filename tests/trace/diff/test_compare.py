"""Traces are aligned by what records are: what moves is told from what is the same."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accelsim
from accelsim.errors import InputError
from accelsim.trace import SCHEMA, TraceFile
from accelsim.trace.diff import Change, TraceDiff, compare, compare_totals, diff_traces
from tests.conftest import CONV, RELU

TINY = {"name": "test", "input": [1, 4, 4]}


def diff(a: pa.Table, b: pa.Table) -> TraceDiff:
    return diff_traces(TraceFile.of(a, "a"), TraceFile.of(b, "b"))


def table(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, SCHEMA)


def run(network: accelsim.Result, images: int | range = 3, **changes: int) -> pa.Table:
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    return accelsim.simulate(accelsim.load_machine("irmen", keys), network, images).trace


@pytest.fixture(scope="module")
def tiny(make_network):
    return make_network([1, 4, 4], CONV, RELU)


@pytest.fixture(scope="module")
def rows(tiny):
    return run(tiny, 4, sequencer__contexts=2).to_pylist()


def test_one_more_write_cycle(mnist):
    found = diff(run(mnist, 1), run(mnist, 1, timing__write_cycles=3))
    # Both have the same 394 records. As they were: the issue, transfer, compute and write of the
    # load, which end before the third cycle. All others moved, or last longer.
    assert (found.aligned, found.differing, found.only) == (394, 390, (0, 0))
    changed = {
        each.name: (each.a, each.b) for each in compare_totals(*found.totals) if each.differs
    }
    assert changed["latency"] == (42_000, 56_000)
    # 14 more clock cycles of 20 fJ, one in each step, and nothing else.
    assert changed["clock_cycle"] == (42, 56)
    assert changed["energy"] == (99_722_000, 99_722_000 + 14 * 20_000)
    assert changed["clock"] == (14 * 3 * 20_000, 14 * 4 * 20_000)
    assert changed["14 handoff of output"][1] - changed["14 handoff of output"][0] == 20_000
    assert not {"ota_tap_cycle", "cell_write", "issue", "CeNN arrays", "memory banks"} & set(
        changed
    )
    # 13 steps wait for the settling before them: 2 cycles each, then 3.
    waits = [changed[f"unsettled circuit_{each}.lane0.bank.plane"] for each in "ab"]
    assert [sum(each) for each in zip(*waits, strict=True)] == [13 * 2_000, 13 * 3_000]


def test_records_that_only_moved(tiny):
    # The second image runs as before, but 4 ns later: the first took 16 ns and not 12.
    found = diff(run(tiny, 2), run(tiny, 2, timing__write_cycles=3))
    lasting = {"settle", "wait", "clock", "standby"}
    changed = sum(row["kind"] in lasting for row in run(tiny, 2).to_pylist())
    assert found.differing - found.moved <= changed
    assert found.moved > 0


def test_another_price_changes_energy_and_nothing_else(mnist):
    found = diff(run(mnist, 2), run(mnist, 2, energy__issue="351 fJ"))
    assert found.fields == {"energy_aJ": 28}
    assert found.first.moment_ps == 0
    assert found.first.fields == ("energy_aJ",)
    assert found.moved == 0


def test_a_plane_or_context_of_another_number_is_the_same_record_elsewhere(mnist):
    # With two contexts, the second image has planes of its own.
    found = diff(run(mnist, 2), run(mnist, 2, sequencer__contexts=2))
    assert found.fields["component"] > 0
    # With one context the second image waits in the queue for 42 ns; with two it waits for the
    # host's port for 1 ns. No record of a step is without its partner.
    assert found.only == (1, 1)
    first = found.first
    assert (first.moment_ps, first.a, first.b["cause"]) == (0, None, "busy")
    assert first.b["resource"] == "host.load"
    assert first.text("one", "two").startswith(
        "First divergence, at 0 s: only two has the wait of step 1 in sequencer.context1, image 1\n"
    )
    steps = sum(row["kind"] not in ("wait", "clock") for row in run(mnist, 2).to_pylist())
    assert found.aligned >= steps


@settings(deadline=None, max_examples=12)
@given(
    cycles=st.tuples(*[st.integers(1, 3)] * 2),
    contexts=st.tuples(*[st.integers(1, 2)] * 2),
    images=st.tuples(*[st.integers(1, 5)] * 2),
)
def test_diff_is_symmetric_and_empty_for_the_same(tiny, cycles, contexts, images):
    a, b = (
        run(
            tiny,
            images[side],
            timing__write_cycles=cycles[side],
            sequencer__contexts=contexts[side],
        )
        for side in (0, 1)
    )
    there, back = diff(a, b), diff(b, a)
    assert there.same is (a.to_pylist() == b.to_pylist())
    assert diff(a, a).same
    assert (there.aligned, there.differing, there.moved) == (
        back.aligned,
        back.differing,
        back.moved,
    )
    assert there.fields == back.fields
    assert there.only == back.only[::-1]
    assert there.images_only == back.images_only[::-1]
    if there.first is not None:
        assert there.first.moment_ps == back.first.moment_ps
        assert (there.first.a, there.first.b) == (back.first.b, back.first.a)
        assert there.first.fields == back.first.fields


@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_a_missing_record_is_found(rows, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    found = diff(table(rows), table([*rows[:place], *rows[place + 1 :]]))
    assert sum(found.only) >= 1
    assert not found.same


def test_another_cause_of_the_same_name_is_a_difference(rows):
    # The read of step 2 follows the issue of step 2; let it follow that of step 1.
    first = next(row for row in rows if row["kind"] == "issue")
    place = next(n for n, row in enumerate(rows) if row["kind"] == "read")
    wrong = [*rows[:place], {**rows[place], "cause_id": first["id"]}, *rows[place + 1 :]]
    found = diff(table(rows), table(wrong))
    assert found.fields == {"cause_id": 1}
    assert found.first.a["id"] == place


def test_small_portions_find_the_same(monkeypatch, tiny):
    a = run(tiny, 12, sequencer__contexts=3)
    b = run(tiny, 12, sequencer__contexts=3, timing__read_cycles=2)
    whole = diff(a, b)
    monkeypatch.setattr(compare, "_PORTION", 60)
    seen: list[tuple[int, int]] = []
    parts = diff_traces(
        TraceFile.of(a, "a"), TraceFile.of(b, "b"), lambda done, total: seen.append((done, total))
    )
    assert len(seen) > 8
    assert seen[-1] == (a.num_rows + b.num_rows,) * 2
    assert parts == whole


def test_images_that_one_lacks(tiny):
    found = diff(run(tiny, 3), run(tiny, range(1, 6)))
    assert (found.images, found.images_only) == (2, (((0, 0),), ((3, 5),)))
    assert not found.same


def test_a_trace_on_disk_and_in_memory(tmp_path: Path, mnist):
    result = accelsim.simulate(accelsim.load_machine(), mnist, 300, outdir=tmp_path)
    file = TraceFile(tmp_path / "trace.parquet")
    assert diff_traces(file, TraceFile.of(result.trace, "memory")).same
    assert file.record(70_000) == result.trace.slice(70_000, 1).to_pylist()[0]
    assert file.record(10**9) is None


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            {"circuits": 1},
            r"^a and b cannot be aligned: their programs differ: step 3 of image 0 is relu of "
            r"layer 'relu1' in the one, copy of layer 'conv1' in the other$",
        ),
        (
            {"images": range(5, 7)},
            r"^a and b cannot be aligned: no image in common: images 0 to 2 in the one, "
            r"images 5 to 6 in the other$",
        ),
    ],
)
def test_runs_that_cannot_be_aligned(mnist, other, message):
    with pytest.raises(InputError, match=message):
        diff(run(mnist), run(mnist, **other))


@pytest.mark.parametrize("image", [2**63 - 1, -1])
def test_an_image_that_cannot_be(rows, image):
    with pytest.raises(InputError, match=rf"^b: image {image} is out of range$"):
        diff(table(rows), table([{**rows[0], "image": image}, *rows[1:]]))


def test_a_trace_without_images(rows):
    empty = table([])
    assert diff(empty, empty).same
    with pytest.raises(InputError, match=r"no image in common: images 0 to 3 .* none in the other"):
        diff(table(rows), empty)


@pytest.mark.parametrize(
    ("a", "b", "shown"),
    [(100, 110, "+10 %"), (100, 1234, "x 12.3"), (1, 999, "x 999"), (1, 20661, "x 20,661")],
)
def test_a_change_relative_to_the_first_figure(a, b, shown):
    assert Change("whole run", "energy", a, b, "aJ").relative == shown
