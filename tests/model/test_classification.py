"""Behind the handoff: conversion, layers and waits against schedules that were worked out by hand.

The network of most cases has 4 steps of 3 cycles and hands over 1 map of 4 x 4 cells, 16 results;
its fully-connected layer takes them to 5 classes: 80 products, 4 comparisons.
"""

import json
import random
from dataclasses import replace

import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.energy import Pricing
from accelsim.model import Accelerator, Arrival, Design
from accelsim.model.accelerator import Checkpoint
from accelsim.records import recorder
from accelsim.records.reasons import sentence
from accelsim.simulation.events import run_events
from accelsim.trace import TableTrace
from tests.conftest import CONV, RELU
from tests.model.test_checkpoint import Collected

FC = {"op": "fc", "out": 5}
SLOW_ADC = {"converters.adc.count": 1}  # 16 results, one after another: 16 ns
SLOW_ENGINE = {"digital.macs": 4, "digital.clock": "1 GHz"}  # 80 / 4 + 1 = 21 ns
BOTH = ("conversion", "compute", "conversion_wait", "compute_wait", "handoff_wait")


@pytest.fixture(scope="session")
def small(make_network):
    return make_network([1, 4, 4], CONV, RELU, FC)


def machine_of(name="irmen", /, **changes):
    """Return a machine that classifies; changes: of the keys, dots as double underscores."""
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    return accelsim.load_machine(name, {"scope": "classification", **keys})


def run(network, images, machine):
    return accelsim.simulate(machine, network, images)


def behind(result):
    """Return what records behind the handoff do, as (component, image, from, to) in ns."""
    rows = [row for row in result.trace.to_pylist() if row["component"].startswith("classifier")]
    rows = [row for row in rows if row["image"] is not None]
    return [
        (
            row["component"].partition(".")[2], row["kind"], row["image"],
            row["t_start_ps"] / 1000, row["t_end_ps"] / 1000,
        )
        for row in rows
    ]  # fmt: skip


def figures(result):
    return {name: each.value for name, each in result.stats.classification.behind_handoff.items()}


def test_the_reference_image(mnist):
    # 392 results, 28 at once, each 1 ns: 14 ns. 392 x 10 products, 256 at once: 16 cycles of
    # 1.6 ns; 9 comparisons, 16 at once: 1 cycle. 42 + 14 + 25.6 + 1.6 = 83.2 ns.
    result = run(mnist, 1, machine_of())
    assert result.stats.classification.latency.value == 83_200
    assert behind(result) == [
        ("adc", "convert", 0, 42, 56),
        ("sram", "write", 0, 42, 56),
        ("engine", "mac", 0, 56, 81.6),
        ("sram", "read", 0, 56, 81.6),
        ("engine", "digital", 0, 81.6, 83.2),
    ]
    # Codes of 4 bits, weights of 8, biases of 32, words of 64 bits:
    # written 392 x 4 / 64 = 25 words; read 490 of weights, 5 of biases, 25 of codes.
    # Leakage over 84 cycles: the one in which the label comes counts.
    counts = {
        "adc_conversion": 392, "sram_write": 25, "mac": 3920, "sram_read": 520, "digital_op": 9,
        "engine_leakage": 84, "sram_leakage": 84,
    }  # fmt: skip
    prices = {
        "adc_conversion": 800_000, "sram_write": 6_000_000, "mac": 100_000, "sram_read": 6_000_000,
        "digital_op": 15_000, "engine_leakage": 5000, "sram_leakage": 10_000,
    }  # fmt: skip
    total = sum(counts[action] * prices[action] for action in counts)
    assert total == 3_976_995_000
    stats = result.stats
    assert {action: stats.classification.actions[action].value for action in counts} == counts
    assert stats.classification.behind_handoff["energy"].value == total
    assert stats.classification.energy.total.value == total + 99_722_000


@pytest.mark.parametrize("machine", ["irmen", "charge"])
def test_the_published_scope_is_as_without_it(mnist, machine):
    with_it = run(mnist, 5, machine_of(machine)).stats
    without = accelsim.simulate(accelsim.load_machine(machine), mnist, 5).stats
    assert with_it.classification.behind_handoff["handoff_wait"].value == 0
    one, other = with_it.to_dict(), without.to_dict()
    del one["classification"]
    assert one == other


def test_causes_lead_from_handoff_to_label(small):
    rows = run(small, 1, machine_of()).trace.to_pylist()
    by_id = {row["id"]: row for row in rows}
    last = next(row for row in rows if row["op"] == "argmax")
    chain = []
    while last["kind"] != "settle":
        chain.append((last["kind"], last["op"], last["cause"]))
        last = by_id[last["cause_id"]]
    assert chain == [
        ("digital", "argmax", "ready"), ("mac", "fc", "ready"), ("convert", "convert", "ready"),
    ]  # fmt: skip
    assert (last["component"], last["op"]) == ("host.boundary.plane0", "handoff")


def test_layers_behind_the_first(make_network):
    # 16 -> 6, ReLU, 6 -> 3. Products 96 and 18, 32 at once: 3 and 1 cycles; 6 clips and 2
    # comparisons, 4 at once: 2 and 1. Codes of 4 bits in words of 8: 16 take 8 words, 6 take 3.
    layers = (CONV, RELU, {"op": "fc", "out": 6}, RELU, {"op": "fc", "out": 3})
    changes = {"digital.macs": 32, "digital.alus": 4, "digital.clock": "1 GHz"}
    machine = accelsim.load_machine(
        "irmen", {"scope": "classification", "digital.sram.word": 8, **changes}
    )
    result = run(make_network([1, 4, 4], *layers), 1, machine)
    rows = [row for row in result.trace.to_pylist() if row["component"].startswith("classifier")]
    engine = [row for row in rows if row["component"] == "classifier.engine" and row["step"]]
    assert [
        (row["step"], row["op"], row["layer"], row["t_end_ps"] - row["t_start_ps"])
        for row in engine
    ] == [
        (6, "fc", "fc2", 3000), (7, "relu_d", "relu3", 2000), (8, "fc", "fc4", 1000),
        (9, "argmax", "fc4", 1000),
    ]  # fmt: skip
    words = {"sram_read": [], "sram_write": []}
    for row in rows:
        for action, found in words.items():
            if row["actions"][action]:
                found.append((row["step"], row["actions"][action]))
    # Weights 96 and 18 words of 8 bits, biases 4 words each, and the codes.
    assert words["sram_read"] == [(6, 96 + 24 + 8), (8, 18 + 12 + 3)]
    assert words["sram_write"] == [(5, 8), (7, 3)]


def test_the_next_image_overlaps(small):
    # Images leave every 12 ns; conversion takes 1 ns (16 of 28), 80 of 256 products and
    # 4 comparisons a cycle of 1.6 ns each. Nothing waits.
    result = run(small, 3, machine_of())
    assert figures(result) == figures(result) | dict(zip(BOTH, (1000, 3200, 0, 0, 0), strict=True))
    assert result.stats.makespan.value == 36_000
    assert result.stats.classification.makespan.value == 36_000 + 4200
    assert result.stats.classification.latency.value == 12_000 + 4200


def test_the_adc_holds_back_handoffs(small):
    # One converter: 16 ns an image; the CeNN part would take 12. Image 0 is handed off at 12 and
    # converted until 28; the handoff of image 1 could be issued at 21 and waits for its place
    # until 28, is stored at 31, and converted until 47; that of image 2, which is loaded at 31,
    # could be issued at 40, waits until 47, and is stored at 50. From then on 19 ns an image:
    # conversion and handoff follow one another in the only context.
    result = run(small, 40, machine_of(**{k.replace(".", "__"): v for k, v in SLOW_ADC.items()}))
    assert result.times.done_ps.tolist()[:3] == [12_000, 31_000, 50_000]
    assert [row for row in behind(result) if row[0] == "adc"][:2] == [
        ("adc", "convert", 0, 12, 28), ("adc", "convert", 1, 31, 47),
    ]  # fmt: skip
    stats = result.stats
    assert stats.initiation_interval.value == 19_000
    assert stats.classification.initiation_interval.value == 19_000
    by_id = {row["id"]: row for row in result.trace.to_pylist()}
    wait = next(row for row in by_id.values() if row["cause"] == "unconverted")
    assert sentence(wait["cause"], wait["resource"]) == "unconverted host.boundary.plane0"
    assert (wait["t_start_ps"], wait["t_end_ps"], wait["image"]) == (21_000, 28_000, 1)
    holder = by_id[wait["cause_id"]]
    assert (holder["kind"], holder["image"], holder["t_end_ps"]) == ("convert", 0, 28_000)
    # The first waits for nobody.
    assert figures(result)["handoff_wait"] == 39 * 7000 / 40


def test_with_contexts_the_adc_sets_the_interval(small):
    # Three contexts have three places: the ADC always has results to convert, 16 ns an image.
    changes = {"sequencer.contexts": 3, "banks.planes": 6, "scope": "classification", **SLOW_ADC}
    result = run(small, 60, accelsim.load_machine("irmen", changes))
    assert result.stats.classification.initiation_interval.value == 16_000
    adc = [row for row in behind(result) if row[:2] == ("adc", "convert")]
    assert [row[3] for row in adc] == [12 + 16 * number for number in range(60)]
    waits = [row for row in behind(result) if row[:2] == ("queue", "wait")]
    # Handed off at 12, 13, 14; converted from 12, 28, 44.
    assert waits[:2] == [("queue", "wait", 1, 13, 28), ("queue", "wait", 2, 14, 44)]


def test_the_engine_holds_back_the_adc(small):
    # 21 ns an image at the engine. Handed off at 12, converted until 13, labelled at 34; image 1
    # at 24, converted until 25, waits in the SRAM until 34. Image 2, at 36, finds room for its
    # codes; from image 3 on the ADC waits for room: the SRAM has codes of two images.
    changes = {"scope": "classification", **SLOW_ENGINE}
    result = run(small, 6, accelsim.load_machine("irmen", changes))
    rows = behind(result)
    labels = [row[4] for row in rows if row[1] == "digital"]
    assert labels == [34 + 21 * number for number in range(6)]
    assert [row for row in rows if row[:2] == ("sram", "wait")][:2] == [
        ("sram", "wait", 1, 25, 34), ("sram", "wait", 2, 37, 55),
    ]  # fmt: skip
    # Image 3: handed off at 48, while 1 (until 55) and 2 are in the SRAM.
    queued = next(row for row in rows if row[:2] == ("queue", "wait"))
    assert queued == ("queue", "wait", 3, 48, 55)
    wait = next(row for row in result.trace.to_pylist() if row["component"] == "classifier.queue")
    assert sentence(wait["cause"], wait["resource"]) == "busy classifier.sram"
    # Its place is free at 56, and the handoff of image 4 could be issued at 57.
    assert figures(result)["handoff_wait"] > 0  # that of image 5


def test_charge_machine(mnist):
    # An image takes 154 ns, and what is behind the handoff 41.2: nothing waits.
    result = run(mnist, 2, machine_of("charge"))
    assert result.stats.classification.latency.value == 154_000 + 41_200
    assert figures(result)["conversion_wait"] == figures(result)["handoff_wait"] == 0


def test_a_conversion_that_ends_between_clock_edges(small):
    # 16 conversions of 1.3 ns: until 12 + 20.8 = 32.8 ns; the handoff is issued at 33.
    machine = machine_of(converters__adc__count=1, converters__adc__conversion_time="1.3 ns")
    result = run(small, 2, machine)
    assert result.times.done_ps.tolist() == [12_000, 36_000]


def test_results_that_are_codes_already(small):
    # Nothing is converted: handed off at 12, classified until 33, when the place is free; the next
    # handoff is stored at 36. Engine and SRAM leak here from the last handoff on: 36 to 57.
    machine = accelsim.load_machine("irmen", {"scope": "classification", **SLOW_ENGINE})
    design = Design.of(machine)
    design = replace(design, classifier=replace(design.classifier, adc_count=0))
    rows = Collected()
    program = compile_network(small, machine)
    Accelerator(design, program, [Arrival(0, 0), Arrival(1, 0)], [rows]).run()
    found = [(*row[1:4], row[6]) for row in rows.rows if row[5] == "classifier.engine"]
    assert found == [
        (12_000, 32_000, 0, "mac"), (32_000, 33_000, 0, "digital"),
        (36_000, 56_000, 1, "mac"), (56_000, 57_000, 1, "digital"), (36_000, 57_000, -1, "standby"),
    ]  # fmt: skip
    assert not any(row[5] in ("classifier.adc", "classifier.queue") for row in rows.rows)


CASES = {
    "balanced": {},
    "adc": {**SLOW_ADC, "sequencer.contexts": 3, "banks.planes": 6},
    "engine": {**SLOW_ENGINE, "sequencer.contexts": 2},
    "refresh": {**SLOW_ADC, "banks.refresh_interval": "76 ns", "banks.refresh_cycles": 2},
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", range(3))
def test_registration_and_event_order_change_nothing(small, case, seed):
    point = accelsim.load_machine("irmen", {"scope": "classification", **CASES[case]})
    program = compile_network(small, point)

    def trace(shuffle):
        table = TableTrace()
        arrivals = [Arrival(n, 700 * n) for n in range(9)]
        pricing = Pricing(point.prices_aJ, [table])
        Accelerator(Design.of(point), program, arrivals, [pricing], shuffle=shuffle).run()
        return table.table()

    assert trace(None).equals(trace(random.Random(seed)))


@pytest.mark.parametrize("case", CASES)
def test_fast_forward_is_the_run_event_by_event(small, case):
    point = accelsim.load_machine("irmen", {"scope": "classification", **CASES[case]})
    program = compile_network(small, point)

    def events(*, fast_forward):
        table = TableTrace()
        arrivals = [Arrival(n, 0) for n in range(90)]
        found = run_events(point, program, arrivals, trace=table, fast_forward=fast_forward)
        return found, table.table()

    (fast, table), (slow, rows) = (events(fast_forward=each) for each in (True, False))
    assert fast.skipped > 20
    assert table.equals(rows)
    assert fast.stats().to_dict() == slow.stats().to_dict()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("images", [1, 4])
def test_a_restored_machine_goes_on(monkeypatch, small, case, images):
    monkeypatch.setattr(recorder, "BLOCK", 50)
    machine = accelsim.load_machine("irmen", {"scope": "classification", **CASES[case]})
    program = compile_network(small, machine)

    def accelerator(sink):
        arrivals = [Arrival(n, 5000 * n) for n in range(6)]
        return Accelerator(Design.of(machine), program, arrivals, [sink], fast_forward=False)

    whole, first, second = Collected(), Collected(), Collected()
    accelerator(whole).run()
    left = accelerator(first)
    assert left.run(pause=lambda done: done >= images) is None
    saved = Checkpoint(*json.loads(json.dumps(left.checkpoint())))
    follower = accelerator(second)
    follower.restore(saved)
    follower.run()
    assert first.rows + second.rows == whole.rows


def test_a_machine_that_sleeps_and_refreshes_is_as_without_the_scope(small):
    # The CeNN part ends with the last handoff: no refresh, leakage or sleep after it is counted.
    def stats(scope):
        changes = {
            "scope": scope, "power.policy": "off_after", "power.after": "100 ns",
            "banks.refresh_interval": "3 us", **SLOW_ADC,
        }  # fmt: skip
        point = accelsim.load_machine("charge", changes)
        arrivals = [Arrival(n, 1_000_000 * n) for n in range(12)]
        return run_events(point, compile_network(small, point), arrivals).stats().to_dict()

    whole = stats("classification")
    up_to_label = whole.pop("classification")
    assert whole == stats("published")
    assert up_to_label["latency"]["value"] == 44_000 + 16_000 + 3200
