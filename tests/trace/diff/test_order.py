"""Neither ids nor the order of rows decide on anything, and one change is one difference."""

import re
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import accelsim
from accelsim.trace import SCHEMA, TraceFile
from accelsim.trace.diff import Divergence, TraceDiff, compare, diff_traces
from tests.conftest import CONV, RELU

Row = dict[str, Any]

# A seed a shuffle: a draw for each row would be more than hypothesis can shrink.
SEEDS = st.integers(0, 2**32)

# One lane, so that rows are few; two planes refreshed in turn, so that steps wait for refreshes.
VOLATILE = {
    "arrays.lanes": 1,
    "banks.planes": 2,
    "banks.refresh_interval": "5 ns",
    "banks.refresh_cycles": 2,
}
MACHINES = {
    "two contexts": {"sequencer.contexts": 2},
    "refreshes": VOLATILE,
    "one circuit": {"circuits": 1},
}


@pytest.fixture(scope="module", params=MACHINES)
def machine(request) -> dict[str, object]:
    return MACHINES[request.param]


@pytest.fixture(scope="module")
def run(make_network, mnist) -> Callable[..., list[Row]]:
    tiny = make_network([1, 4, 4], CONV, RELU)

    def run(machine: dict[str, object], images: int = 4, **changes: object) -> list[Row]:
        keys = {key.replace("__", "."): value for key, value in changes.items()}
        # MNIST on one circuit: the second convolution reads two planes of a bank in one step.
        network, number = (mnist, 1) if "circuits" in machine else (tiny, images)
        loaded = accelsim.load_machine("irmen", {**machine, **keys})
        return accelsim.simulate(loaded, network, number).trace.to_pylist()

    return run


@pytest.fixture(scope="module")
def rows(run, machine) -> list[Row]:
    return run(machine)


@pytest.fixture(scope="module")
def slower(run, machine) -> list[Row]:
    return run(machine, timing__write_cycles=3)


def table(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, SCHEMA)


def diff(a: list[Row], b: list[Row]) -> TraceDiff:
    return diff_traces(TraceFile.of(table(a), "a"), TraceFile.of(table(b), "b"))


def shuffled(rows: list[Row], seed: int) -> list[Row]:
    """Return the same trace with other ids, and its rows in another order."""
    random = Random(seed)
    ids = random.sample(range(10 * len(rows)), len(rows))
    of = {row["id"]: new for row, new in zip(rows, ids, strict=True)}
    renamed = [{**row, "id": of[row["id"]], "cause_id": of.get(row["cause_id"])} for row in rows]
    random.shuffle(renamed)
    return renamed


def counts(found: TraceDiff) -> tuple[object, ...]:
    return (
        found.aligned,
        found.differing,
        found.moved,
        found.fields,
        found.only,
        found.images,
        found.images_only,
    )


def said(first: Divergence | None) -> object:
    """Return a divergence without ids."""
    if first is None:
        return None

    def plain(record: Row | None) -> object:
        return record and {**record, "id": None, "cause_id": record["cause_id"] is not None}

    return (
        first.moment_ps,
        first.fields,
        plain(first.a),
        plain(first.b),
        [plain(each) for each in first.led_by_a],
        [plain(each) for each in first.led_by_b],
    )


@settings(deadline=None, max_examples=8)
@given(seed=SEEDS)
def test_other_ids_and_another_order_are_no_difference(rows, seed):
    found = diff(rows, shuffled(rows, seed))
    assert found.same
    assert found.aligned == len(rows)
    assert found.first is None


@settings(deadline=None, max_examples=8)
@given(seed=SEEDS)
def test_what_differs_is_the_same_in_any_order(rows, slower, seed):
    as_written = diff(rows, slower)
    assert as_written.differing > 0
    found = diff(shuffled(rows, seed), shuffled(slower, seed))
    assert counts(found) == counts(as_written)
    assert said(found.first) == said(as_written.first)


@settings(deadline=None, max_examples=8)
@given(seed=SEEDS)
def test_portions_find_the_same_in_any_order(rows, slower, seed):
    whole = diff(rows, slower)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "_PORTION", 1)  # one image at a time
        found = diff(shuffled(rows, seed), shuffled(slower, seed))
    assert counts(found) == counts(whole)
    assert said(found.first) == said(whole.first)


def elsewhere(row: Row) -> str:
    """Return a component of the same role that no record names."""
    return re.sub(r"(plane|context)\d+$", r"\g<1>77", row["component"])


CHANGES: dict[str, Callable[[Row], Row]] = {
    "t_start_ps": lambda row: {"t_start_ps": row["t_start_ps"] + 1},
    "t_end_ps": lambda row: {"t_end_ps": row["t_end_ps"] + 1},
    "component": lambda row: {"component": elsewhere(row)},
    "cause": lambda _: {"cause": "a whim"},
    "resource": lambda _: {"resource": "circuit_a.lane0.bank.plane77"},
    "energy_aJ": lambda row: {"energy_aJ": row["energy_aJ"] + 1},
    "actions": lambda row: {
        "actions": {**row["actions"], "cell_write": row["actions"]["cell_write"] + 1}
    },
}


@pytest.mark.parametrize("field", CHANGES)
@settings(deadline=None, max_examples=15)
@given(data=st.data(), seed=SEEDS)
def test_one_change_is_found_and_nothing_else(rows, field, data, seed):
    place = data.draw(st.integers(0, len(rows) - 1))
    row = rows[place]
    changed = {**row, **CHANGES[field](row)}
    assume(changed != row)
    found = diff(rows, shuffled([*rows[:place], changed, *rows[place + 1 :]], seed))
    assert (found.differing, found.fields, found.only) == (1, {field: 1}, (0, 0))
    assert found.moved == 0
    assert found.first.fields == (field,)
    assert found.first.a == row
    kept = {"id": None, "cause_id": None}
    assert {**found.first.b, **kept} == {**changed, **kept}


@settings(deadline=None, max_examples=25)
@given(data=st.data(), seed=SEEDS)
def test_another_cause_is_found_and_nothing_else(rows, data, seed):
    row = rows[place := data.draw(st.integers(0, len(rows) - 1))]
    cause = data.draw(st.none() | st.integers(0, len(rows) - 1))
    assume(cause != row["cause_id"])
    other = [*rows[:place], {**row, "cause_id": cause}, *rows[place + 1 :]]
    assert_cause_is_found(diff(rows, shuffled(other, seed)))
    # One image at a time, causes are known that are of the image before or after, or of none.
    causes = [number for number in (cause, row["cause_id"]) if number is not None]
    if all(is_near(row, rows[number]) for number in causes):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(compare, "_PORTION", 1)
            assert_cause_is_found(diff(rows, shuffled(other, seed)))


def assert_cause_is_found(found: TraceDiff) -> None:
    assert (found.differing, found.fields, found.only) == (1, {"cause_id": 1}, (0, 0))


def is_near(row: Row, other: Row) -> bool:
    images = [row["image"], other["image"]]
    return None in images or abs(images[0] - images[1]) <= 1


@settings(deadline=None, max_examples=25)
@given(data=st.data(), seed=SEEDS)
def test_a_lost_record_is_found_and_what_it_caused(rows, data, seed):
    place = data.draw(st.integers(0, len(rows) - 1))
    lost = rows[place]
    found = diff(rows, shuffled([*rows[:place], *rows[place + 1 :]], seed))
    led = sum(row["cause_id"] == lost["id"] for row in rows)
    assert found.only == (1, 0)
    assert found.fields == ({"cause_id": led} if led else {})
    assert found.aligned == len(rows) - 1


@settings(deadline=None, max_examples=8)
@given(seed=SEEDS)
def test_exchanged_planes_and_contexts_leave_every_record_with_its_partner(rows, seed):
    exchange = {"plane0": "plane1", "plane1": "plane0", "context0": "context1"}
    exchange["context1"] = "context0"

    def exchanged(path: str) -> str:
        above, dot, last = path.rpartition(".")
        return f"{above}{dot}{exchange.get(last, last)}"

    other = [
        {**row, **{name: exchanged(row[name]) for name in ("component", "resource")}}
        for row in rows
    ]
    found = diff(rows, shuffled(other, seed))
    # Where a record is is a difference; which record it is does not hang on it. Two reads of one
    # step that exchange their planes are still the same two.
    assert (found.aligned, found.only) == (len(rows), (0, 0))
    assert set(found.fields) <= {"component", "resource"}
    assert found.differing == (told(rows) - told(other)).total()


def told(rows: list[Row]) -> Counter[tuple[object, ...]]:
    names = ("image", "step", "kind", "t_start_ps", "t_end_ps", "component", "cause", "resource")
    return Counter(tuple(row[name] for name in names) for row in rows)


@settings(deadline=None, max_examples=20)
@given(data=st.data(), seed=SEEDS)
def test_there_and_back_and_the_counts_add_up(rows, slower, data, seed):
    lost = data.draw(st.tuples(*[st.sets(st.integers(0, len(rows) - 1), max_size=9)] * 2))
    a, b = (
        shuffled([row for place, row in enumerate(of) if place not in without], seed)
        for of, without in zip((rows, slower), lost, strict=True)
    )
    there, back = diff(a, b), diff(b, a)
    assert counts(back)[:4] == counts(there)[:4]
    assert back.only == there.only[::-1]
    assert (there.first.moment_ps, there.first.fields) == (back.first.moment_ps, back.first.fields)
    assert (there.first.a, there.first.b) == (back.first.b, back.first.a)
    assert (there.aligned + there.only[0], there.aligned + there.only[1]) == (len(a), len(b))
    assert there.moved <= there.differing <= there.aligned
    assert all(0 < number <= there.differing for number in there.fields.values())
    assert sum(there.fields.values()) >= there.differing
    assert [totals.records for totals in there.totals] == [len(a), len(b)]


def test_a_series_that_moved_is_paired_in_order_of_time(run):
    a = run(VOLATILE)
    later = [
        {**row, "t_start_ps": row["t_start_ps"] + 1, "t_end_ps": row["t_end_ps"] + 1}
        if row["kind"] == "refresh"
        else row
        for row in a
    ]
    refreshes = sum(row["kind"] == "refresh" for row in a)
    assert refreshes > 4
    found = diff(a, later)
    assert (found.differing, found.moved, found.only) == (refreshes, refreshes, (0, 0))
    assert found.fields == {"t_start_ps": refreshes, "t_end_ps": refreshes}


def test_records_that_nothing_tells_apart_are_one_cause(rows):
    # Two reads alike in every field; a record that names either says the same.
    read = next(row for row in rows if row["kind"] == "read")
    led = next(row for row in rows if row["kind"] == "compute")
    twin = {**read, "id": len(rows)}
    others = [row for row in rows if row is not led]
    one, other = ([*others, twin, {**led, "cause_id": cause["id"]}] for cause in (read, twin))
    assert diff(one, other).same
    assert diff(other, one).same
