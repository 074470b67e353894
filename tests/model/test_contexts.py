"""Images in flight: what several contexts gain, and which resource bounds it."""

import random

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.energy import Pricing
from accelsim.model import Accelerator, Arrival, Design
from accelsim.records.reasons import sentence
from accelsim.trace import TableTrace
from tests.conftest import CONV, RELU


def run(network, images, machine="irmen", **changes):
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    return accelsim.simulate(accelsim.load_machine(machine, keys), network, images)


def test_three_contexts_on_the_reference_machine(mnist):
    # Steady interval. An image has 14 steps; each holds, for one cycle:
    #   the issue slot       14 of 14 steps -> 14 cycles an image
    #   datapath A to B       6 (conv, diff_h, diff_v, twice)
    #   datapath B to A       6 (relu, add_h, add_v, twice)
    #   array A, lane 0       7 (load, relu, add_h, add_v, relu, add_h, add_v)
    #   array B, lane 0       6
    #   read ports A, lane 0  11 plane reads (6 steps A to B, 4 centres, handoff) over 2 ports
    # The issue slot is the busiest. A single image takes 42 cycles, so three contexts
    # allow 42 / 3 = 14 cycles an image: just enough to fill every slot.
    result = run(mnist, 60, sequencer__contexts=3, banks__planes=6)
    assert result.stats.initiation_interval.value == 14_000
    assert (result.times.latency_ps == 42_000).all()  # nobody waits for anybody
    # Images enter at cycles 0, 1, 2 of a round of 42.
    rounds = np.arange(60) // 3 * 42 + np.arange(60) % 3
    assert (result.times.started_ps == 1000 * rounds).all()


def test_one_context_takes_an_image_at_a_time(mnist):
    assert run(mnist, 20).stats.initiation_interval.value == 42_000


def test_two_contexts_halve_the_interval(mnist):
    # 42 / 2 = 21 cycles is more than the 14 slots that an image needs.
    assert run(mnist, 20, sequencer__contexts=2).stats.initiation_interval.value == 21_000


def test_four_contexts_gain_nothing_over_three(mnist):
    # The issue slot is full already: the fourth image is loaded when the first is done.
    result = run(mnist, 80, sequencer__contexts=4, banks__planes=8)
    assert result.stats.initiation_interval.value == 14_000
    assert result.times.started_ps.tolist()[:5] == [0, 1000, 2000, 42_000, 43_000]


def test_charge_machine_is_bound_by_array_a(mnist):
    # Steps hold what they use for 9 cycles: array and write port of circuit A, lane 0,
    # are used by 7 steps of an image: 63 cycles. One image alone takes 154, so three
    # contexts could allow 51.3: the array is the busiest.
    result = run(mnist, 60, "charge", sequencer__contexts=3, banks__planes=6)
    assert result.stats.initiation_interval.value == pytest.approx(63_000, abs=1)


def test_small_network_in_two_contexts(make_network):
    # load, conv, relu, handoff; image 0 issues at cycles 0, 3, 6, 9, image 1 at 1, 4, 7, 10.
    network = make_network([1, 4, 4], CONV, RELU)
    result = run(network, 4, sequencer__contexts=2)
    assert result.times.started_ps.tolist() == [0, 1000, 12_000, 13_000]
    assert result.times.done_ps.tolist() == [12_000, 13_000, 24_000, 25_000]
    # All images arrive at 0; images 2 and 3 are queued until a context is free.
    assert result.times.queued_ps.tolist() == [0, 0, 12_000, 13_000]


def test_the_oldest_image_goes_first(make_network):
    # Four contexts, four steps of 3 cycles: images 0, 1, 2 fill every slot of cycles 0 to
    # 11, image 3 gets its first at cycle 12, before image 4, which enters then.
    network = make_network([1, 4, 4], CONV, RELU)
    result = run(network, 8, sequencer__contexts=4)
    assert result.times.started_ps.tolist()[:5] == [0, 1000, 2000, 12_000, 13_000]


def test_waits_name_the_slot_and_its_taker(make_network):
    # Four contexts: in cycles 0 to 2 images 0 to 2 hold the load port in turn, in cycles 3
    # to 11 their next steps take every issue slot (and in 6 to 8 the array that the load
    # needs, for their relu); image 3 gets the slot of cycle 12.
    network = make_network([1, 4, 4], CONV, RELU)
    trace = run(network, 4, sequencer__contexts=4).trace.to_pylist()
    by_id = {row["id"]: row for row in trace}
    waits = [row for row in trace if row["image"] == 3 and row["t_end_ps"] <= 12_000]
    waits = [row for row in waits if row["kind"] == "wait"]
    assert [row["t_start_ps"] // 1000 for row in waits] == list(range(12))
    slot, array = "issue slot taken", "busy circuit_a.lane0.array"
    causes = ["busy host.load"] * 3 + [slot] * 3 + [array] * 3 + [slot] * 3
    assert [sentence(row["cause"], row["resource"]) for row in waits] == causes
    takers = [by_id[row["cause_id"]] for row in waits]
    assert [row["image"] for row in takers] == [0, 1, 2] * 4
    assert [row["t_start_ps"] for row in takers] == [row["t_start_ps"] for row in waits]


def test_waits_name_the_busy_unit(make_network):
    # Two images, reads of 3 cycles: image 1's load waits for the array that image 0's load
    # holds until cycle 3.
    network = make_network([1, 4, 4], CONV, RELU)
    trace = run(network, 2, sequencer__contexts=2, timing__read_cycles=3).trace.to_pylist()
    by_id = {row["id"]: row for row in trace}
    wait = next(row for row in trace if row["kind"] == "wait" and row["image"] == 1)
    holder = by_id[wait["cause_id"]]
    assert (wait["cause"], wait["resource"]) == ("busy", "host.load")
    assert (wait["t_start_ps"], wait["t_end_ps"]) == (0, 3000)
    assert (holder["kind"], holder["t_end_ps"]) == ("transfer", wait["t_end_ps"])


@pytest.mark.parametrize("contexts", [1, 2, 3, 5])
def test_energy_does_not_depend_on_contexts_but_for_the_clock(make_network, contexts):
    network = make_network([1, 4, 4], CONV, RELU)
    result = run(network, 12, sequencer__contexts=contexts, banks__planes=8)
    cycles = result.stats.makespan.value // 1000
    assert result.ledger.counts["clock_cycle"] == cycles  # each cycle is counted once
    # 12 images of the hand case "conv and relu".
    without_clock = 12 * (224 * 500 + 48 * 1600 + 64 * 10 + 4 * 350_000)
    assert result.ledger.total_aJ == without_clock + cycles * 20_000


def test_no_unit_is_ever_held_beyond_its_capacity(mnist):
    # Slices of one array, direction or plane never overlap; planes of a bank that are
    # read at once never exceed its ports.
    result = run(mnist, 9, "charge", sequencer__contexts=3, banks__planes=6)
    busy: dict[str, list[tuple[int, int]]] = {}
    for row in result.trace.to_pylist():
        if row["kind"] in ("transfer", "compute", "write", "settle"):
            busy.setdefault(row["component"], []).append((row["t_start_ps"], row["t_end_ps"]))
        if row["kind"] == "read":
            bank = row["component"].rpartition(".")[0]
            busy.setdefault(f"{bank} reads", []).append((row["t_start_ps"], row["t_end_ps"]))
    for component, slices in busy.items():
        edges = sorted([(start, 1) for start, _ in slices] + [(end, -1) for _, end in slices])
        held = most = 0
        for _, change in sorted(edges):
            held += change
            most = max(most, held)
        assert most <= (2 if component.endswith("reads") else 1), component


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("machine", ["irmen", "charge"])
def test_registration_and_event_order_change_nothing(mnist, machine, seed):
    point = accelsim.load_machine(machine, {"sequencer.contexts": 3, "banks.planes": 6})
    program = compile_network(mnist, point)

    def trace(shuffle):
        table = TableTrace()
        arrivals = [Arrival(n, 700 * n) for n in range(12)]
        pricing = Pricing(point.prices_aJ, [table])
        Accelerator(Design.of(point), program, arrivals, [pricing], shuffle=shuffle).run()
        return table.table()

    assert trace(None).equals(trace(random.Random(seed)))
