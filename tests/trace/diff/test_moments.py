"""At which moment two traces part: by the record that differs and by what differs in it."""

import pytest

import accelsim
from accelsim.trace import TraceFile
from accelsim.trace.diff import diff_traces
from tests.conftest import CONV, RELU


@pytest.fixture(scope="module")
def tiny(make_network):
    return make_network([1, 4, 4], CONV, RELU)


def run(network, machine="irmen", images=1, **changes):
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    result = accelsim.simulate(accelsim.load_machine(machine, keys), network, images)
    return result.trace


def first(a, b):
    return diff_traces(TraceFile.of(a, "a"), TraceFile.of(b, "b")).first


def test_standby_parts_where_it_ends(tiny):
    # Leakage is a sum over the run, 4 steps of 11 cycles: at another price it differs at the end.
    cheap, dear = run(tiny, "charge"), run(tiny, "charge", energy__leakage="2 aJ")
    found = first(cheap, dear)
    assert (found.a["kind"], found.fields) == ("standby", ("energy_aJ",))
    assert (found.a["t_start_ps"], found.a["t_end_ps"]) == (0, 44_000)
    assert found.moment_ps == 44_000


def test_standby_that_one_lacks_parts_where_it_ends(tiny):
    whole = run(tiny)
    rows = whole.to_pylist()
    leaks = next(n for n, row in enumerate(rows) if row["kind"] == "standby")
    found = first(whole, whole.slice(0, leaks))
    assert (found.b, found.fields, found.moment_ps) == (None, (), 12_000)


def test_a_record_that_lasts_longer_parts_where_the_shorter_one_ends(tiny):
    # The load is charged at 1 ns and settles until 3 or 4 ns.
    found = first(run(tiny), run(tiny, timing__write_cycles=3))
    assert (found.a["kind"], found.a["t_end_ps"], found.b["t_end_ps"]) == ("settle", 3000, 4000)
    assert found.moment_ps == 3000


def test_a_record_that_differs_otherwise_parts_where_it_begins(tiny):
    # The first write, of the load, from 0 to 1 ns.
    found = first(run(tiny), run(tiny, energy__cell_write="11 aJ"))
    assert (found.a["kind"], found.fields, found.moment_ps) == ("write", ("energy_aJ",), 0)
