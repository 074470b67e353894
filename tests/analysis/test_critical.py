"""The critical path, against schedules worked out by hand and on random machines."""

import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accelsim
from accelsim.analysis.critical import critical_path, named
from accelsim.analysis.dependencies import records_of
from accelsim.errors import ReconciliationError

from ..conftest import CONV, MAX2, RELU
from ..dependency_graph import ImageRecords, dependencies, longest, slack


def run(changes, images, network=None):
    machine = accelsim.load_machine("irmen", changes)
    return accelsim.simulate(machine, network or accelsim.load_network("mnist"), images)


def path_of(result, image=0):
    trace = result.trace
    return critical_path(trace.filter(pc.equal(trace["image"], image)))


def test_reference_is_14_reads_and_14_writes():
    path = path_of(run({}, 1))
    assert path.latency_ps == 42_000
    assert len(path.steps) == 14
    assert {(s.issue_ps, s.read_ps, s.write_ps, s.wait_ps) for s in path.steps} == {
        (0, 1000, 2000, 0)
    }
    assert [record.kind for record in path.path] == ["write", "settle"] * 14
    assert not path.foreign
    # Every step needs all of the one before: only the issue slots could last longer, for the
    # two cycles in which nothing else is issued.
    assert {(one.record.kind, one.slack_ps) for one in path.rest if one.slack_ps} == {
        ("issue", 2000)
    }


def test_what_could_last_longest_comes_first():
    # Of the fourteen steps' issues, two cycles each; then all that ends with its step, by number.
    rest = path_of(run({}, 1)).rest
    assert [one.slack_ps for one in rest[:15]] == [2000] * 14 + [0]
    for some in (rest[:14], rest[14:]):
        numbers = [one.record.id for one in some]
        assert numbers == sorted(numbers)
    assert len(rest) > 20


def test_a_write_of_three_cycles_makes_56():
    path = path_of(run({"timing.write_cycles": 3}, 1))
    assert path.latency_ps == 56_000 == sum(record.duration_ps for record in path.path)
    assert {step.write_ps for step in path.steps} == {3000}
    assert {one.slack_ps for one in path.rest if one.record.kind == "issue"} == {3000}


def test_three_images_in_flight_take_turns_at_the_load_port():
    """Three images fill the three cycles of a step: each loses time before its load alone."""
    result = run({"sequencer.contexts": 3, "banks.planes": 12}, 4)
    paths = [path_of(result, image) for image in range(4)]
    assert [path.latency_ps for path in paths] == [42_000] * 4
    # Image 1 waits a cycle for the load port, image 2 two, image 3 for image 0 to leave.
    assert [path.before_ps for path in paths] == [0, 1000, 2000, 42_000]
    assert not any(path.foreign for path in paths)


def test_a_wait_for_another_image_names_its_record():
    """Reads of 3 cycles: loads begin at 0, 3, 6 and 9, and the fourth holds array A 0 until 12.

    Image 0: load 0-5, conv 5-10; its relu writes circuit A and has to wait from 10 to 12.
    """
    changes = {"sequencer.contexts": 4, "banks.planes": 16, "timing.read_cycles": 3}
    result = run(changes, 4)
    path = path_of(result)
    wait = path.foreign[0]
    assert (wait.step, wait.t_start_ps, wait.t_end_ps) == (3, 10_000, 12_000)
    assert (wait.cause, wait.resource) == ("busy", "circuit_a.lane0.array")
    cause = named(result.trace.to_batches(), path.needed())[wait.cause_id]
    assert (cause.image, cause.step, cause.op, cause.kind) == (3, 1, "load", "compute")
    assert (cause.t_start_ps, cause.t_end_ps) == (9000, 12_000)
    assert wait in path.path
    assert path.steps[2].wait_ps == 2000
    assert path.latency_ps == result.times.latency_ps[0]
    # What a wait absorbs is slack of all before it: six such waits of 2 cycles, the first before
    # step 3, so that step 2 may end 12 cycles later and step 3 ten.
    assert [one.step for one in path.foreign] == [3, 5, 7, 9, 11, 13]
    slack = {(one.record.step, one.slack_ps) for one in path.rest if one.record.kind == "settle"}
    assert {time for step, time in slack if step == 2} == {12_000}
    assert {time for step, time in slack if step == 3} == {10_000}


def test_a_path_that_does_not_add_up_is_refused():
    trace = run({}, 1).trace
    late = pc.if_else(pc.equal(trace["id"], 18), 7000, trace["t_end_ps"])
    place = trace.schema.get_field_index("t_end_ps")
    damaged = trace.set_column(place, trace.schema.field(place), late.cast("int64"))
    with pytest.raises(ReconciliationError, match="critical path has a gap: record"):
        critical_path(damaged)


def _agrees(result, image, path):
    """Hold a path and slacks against those of a graph of all moments."""
    trace = result.trace
    records = ImageRecords(records_of(trace.filter(pc.equal(trace["image"], image))))
    graph = dependencies(records)
    assert list(path.path) == longest(records, graph)
    found = {one.record.id: one.slack_ps for one in path.rest}
    assert found == slack(records, graph, path.t_start_ps + path.latency_ps, set(path.path))
    kinds = path.rest.kinds()
    assert sum(sum(each.values()) for each in kinds.values()) == len(found)
    assert all(sum(kinds[time].values()) == list(found.values()).count(time) for time in kinds)


CHANGES = st.fixed_dictionaries(
    {
        "sequencer.contexts": st.integers(1, 6),
        "timing.read_cycles": st.integers(1, 4),
        "timing.write_cycles": st.integers(1, 4),
        "circuits": st.integers(1, 2),
        "arrays.lanes": st.integers(4, 5),
        "banks.read_ports": st.integers(2, 3),
    }
)


@given(CHANGES, st.integers(1, 7))
@settings(max_examples=25, deadline=None)
def test_the_path_adds_up_on_any_machine(make_network, changes, images):
    network = make_network([1, 8, 8], {**CONV, "out": 4}, RELU, MAX2, {**CONV, "out": 3}, RELU)
    planes = 8 * changes["sequencer.contexts"]
    result = run({**changes, "banks.planes": planes}, images, network)
    for image in range(images):
        path = path_of(result, image)
        _agrees(result, image, path)
        assert sum(record.duration_ps for record in path.path) == path.latency_ps
        assert path.latency_ps == result.times.latency_ps[image]
        assert sum(step.on_path_ps for step in path.steps) == path.latency_ps
        assert all(one.slack_ps >= 0 for one in path.rest)


def test_no_moment_is_before_what_it_waited_for():
    changes = {"sequencer.contexts": 5, "banks.planes": 20, "timing.read_cycles": 2}
    trace = run(changes, 5).trace
    image = ImageRecords(records_of(trace.filter(pc.equal(trace["image"], 4))))
    graph = dependencies(image)

    def time(moment):
        record = image.by_id[moment[0]]
        return record.t_start_ps if moment[1] == "start" else record.t_end_ps

    for first, then, edge in graph.edges(data=True):
        assert time(first) + edge["weight"] <= time(then)
