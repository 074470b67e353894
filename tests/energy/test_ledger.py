"""The ledger: its views reconcile, and one that does not is an error."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accelsim
from accelsim.energy import Pricing, Tally
from accelsim.errors import ReconciliationError
from accelsim.records import ACTIONS, Records, Vocabulary
from accelsim.topology import component as take_apart

BANK = "circuit_a.lane0.bank"


@pytest.fixture(scope="module")
def ledger(irmen, mnist):
    return accelsim.simulate(irmen, mnist, 3).ledger


def test_views_sum_to_the_total(ledger):
    total = 3 * 99_722_000
    assert ledger.total_aJ == total
    for view in (ledger.component_aJ, ledger.layer_aJ, ledger.step_aJ, ledger.action_aJ,
                 ledger.block_aJ):  # fmt: skip
        assert sum(view.values()) == total
    assert ledger.image_aJ.tolist() == [99_722_000] * 3
    ledger.reconcile()


def test_steps_come_in_their_order_and_standby_last(ledger):
    assert list(ledger.step_aJ) == [*range(1, 15), -1]


def test_views_sum_to_the_trace(irmen, mnist):
    result = accelsim.simulate(irmen, mnist, 2)
    rows = result.trace.to_pylist()
    assert sum(row["energy_aJ"] for row in rows) == result.ledger.total_aJ
    by_layer = {}
    for row in rows:
        name = row["layer"] or "standby"
        by_layer[name] = by_layer.get(name, 0) + row["energy_aJ"]
    assert by_layer == result.ledger.layer_aJ


@pytest.mark.parametrize("view", ["component_aJ", "layer_aJ", "step_aJ"])
def test_a_view_that_is_off_by_one_is_an_error(ledger, view):
    changed = dict(getattr(ledger, view))
    changed[next(iter(changed))] += 1
    with pytest.raises(ReconciliationError, match=r"^the ledger does not reconcile: the records"):
        replace(ledger, **{view: changed}).reconcile()


@pytest.mark.parametrize("change", [1, -1])
def test_images_that_do_not_sum_to_the_total_are_an_error(ledger, change):
    images = ledger.image_aJ.copy()
    images[1] += change
    with pytest.raises(ReconciliationError, match=r"but by images \d+ aJ$"):
        replace(ledger, image_aJ=images).reconcile()
    with pytest.raises(ReconciliationError, match=r"but by images \d+ aJ$"):
        replace(ledger, no_image_aJ=ledger.no_image_aJ + change).reconcile()


def test_energy_moved_between_components_is_an_error(ledger):
    names = list(ledger.component_aJ)
    changed = dict(ledger.component_aJ)
    changed[names[0]] += 1
    changed[names[1]] -= 1
    with pytest.raises(ReconciliationError, match=rf"component {names[0]}"):
        replace(ledger, component_aJ=changed).reconcile()


def test_a_lost_line_is_an_error(ledger):
    with pytest.raises(ReconciliationError, match=r"by actions \d+ aJ"):
        replace(ledger, entries=ledger.entries[1:]).reconcile()


def test_csv(ledger, irmen):
    lines = ledger.csv(irmen.quoted).splitlines()
    assert lines[0] == (
        "block,component,layer,step,op,action,count,count_unit,quoted,price_aJ,energy_aJ"
    )
    # conv1 writes 784 cells with 10 taps in each of 4 lanes, for 3 images: 23520 at 500 aJ.
    assert (
        "CeNN arrays,circuit_b.lane3.array,conv1,2,conv,"
        "ota_tap_cycle,23520,tap-cycles,500 aJ per 1 ns,500,11760000" in lines
    )
    assert lines[-1] == f"total,,,,,,,,,,{ledger.total_aJ}"
    assert sum(int(line.rpartition(",")[2]) for line in lines[1:-1]) == ledger.total_aJ


@pytest.mark.parametrize(
    ("component", "block"),
    [
        ("circuit_a.lane0.array", "CeNN arrays"),
        ("circuit_b.lane7.bank", "memory banks"),
        ("circuit_a.lane0.staging", "memory banks"),
        ("host.boundary", "host boundary"),
        ("sequencer", "control sequencer"),
        ("sequencer.context2", "control sequencer"),
        ("datapath.a_to_b", "datapath"),
        ("clock", "clock"),
    ],
)
def test_blocks(component, block):
    assert take_apart(component).block == block


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    rows=st.integers(1, 40),
    scale=st.sampled_from([10, 10**6, 10**13, 10**15]),
)
def test_any_stream_reconciles(seed, rows, scale):
    # Counts up to 10^13 at 7 aJ are beyond what float64 sums exactly: the tally must not be.
    generator = np.random.default_rng(seed)
    vocabulary = Vocabulary()
    names = [vocabulary.code(name) for name in ("clock", f"{BANK}.plane0", f"{BANK}.plane1", "")]
    prices = {action: n for n, action in enumerate(ACTIONS)}
    tally = Tally(prices)
    pricing = Pricing(prices, [tally])
    expected = 0
    for _ in range(3):
        step = generator.integers(-1, 4, rows).astype(np.int32)
        actions = {action: generator.integers(0, scale, rows) for action in ACTIONS}
        expected += sum(
            prices[action] * int(count) for action in ACTIONS for count in actions[action]
        )
        text = np.array([names[3]] * rows, np.int32)
        pricing.write(
            Records(
                vocabulary,
                *(np.arange(rows) for _ in range(3)),
                component=generator.choice(names[:3], rows).astype(np.int32),
                kind=text,
                op=text,
                step=step,
                layer=text,
                image=generator.integers(-1, 5, rows),
                cause=text,
                resource=text,
                cause_id=np.arange(rows),
                actions=actions,
            )
        )
    ledger = tally.ledger()
    assert ledger.total_aJ == expected
    assert set(ledger.component_aJ) <= {"clock", BANK}
    ledger.reconcile()
