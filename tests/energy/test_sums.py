"""Sums of energy: exact beyond what float64 holds, in every view, and in a fixed order."""

import numpy as np
import pytest

import accelsim
from accelsim.energy import Pricing, Tally
from accelsim.errors import AccelsimError
from accelsim.records import ACTIONS, Records, Vocabulary

LARGE = 2**53 + 1  # the first whole number that float64 does not hold


class Stream:
    """A stream of records that only write cells, at 1 aJ each."""

    def __init__(self):
        prices = dict.fromkeys(ACTIONS, 0) | {"cell_write": 1}
        self.tally = Tally(prices)
        self._pricing = Pricing(prices, [self.tally])
        self._vocabulary = Vocabulary()

    def write(self, *rows):
        """Write a block of (component, step, image, cells)."""
        code = self._vocabulary.code
        component = [code(name) for name, *_ in rows]
        step, image, cells = zip(*(rest for _, *rest in rows), strict=True)
        time = np.zeros(len(rows), np.int64)
        text = [code(f"step {number}" if number > 0 else "") for number in step]
        codes = {
            "component": component, "kind": [code("")] * len(rows), "op": text, "step": step,
            "layer": text, "cause": text, "resource": text,
        }  # fmt: skip
        actions = dict.fromkeys(ACTIONS, time) | {"cell_write": np.array(cells, np.int64)}
        self._pricing.write(
            Records(
                self._vocabulary,
                id=np.arange(len(rows)),
                t_start_ps=time,
                t_end_ps=time + 1,
                image=np.array(image, np.int64),
                cause_id=time - 1,
                actions=actions,
                **{name: np.array(column, np.int32) for name, column in codes.items()},
            )
        )


def test_sums_above_2_to_the_53_are_exact_in_every_view():
    stream = Stream()
    a, b = "circuit_a.lane0.bank", "circuit_b.lane0.bank"
    stream.write((f"{a}.plane0", 1, 0, LARGE), (f"{a}.plane1", 1, 0, 2), (b, 2, 1, LARGE))
    stream.write((b, 2, 1, 3), (b, -1, -1, LARGE + 2))
    ledger = stream.tally.ledger()
    ledger.reconcile()
    assert ledger.total_aJ == 3 * LARGE + 7
    assert ledger.component_aJ == {a: LARGE + 2, b: 2 * LARGE + 5}
    assert ledger.step_aJ == {1: LARGE + 2, 2: LARGE + 3, -1: LARGE + 2}
    assert ledger.layer_aJ == {"step 1": LARGE + 2, "step 2": LARGE + 3, "standby": LARGE + 2}
    assert ledger.image_aJ.tolist() == [LARGE + 2, LARGE + 3]
    assert ledger.no_image_aJ == LARGE + 2
    counts = {(entry.component, entry.step): entry.count for entry in ledger.entries}
    assert counts == {(a, 1): LARGE + 2, (b, 2): LARGE + 3, (b, -1): LARGE + 2}


def test_a_record_that_64_bits_do_not_hold_is_refused():
    stream = Stream()
    with pytest.raises(AccelsimError, match=r"a record costs 4.61e\+18 aJ, more than"):
        stream.write(("clock", -1, -1, 2**62))


def test_a_block_that_64_bits_do_not_hold_is_summed_exactly():
    # Days of standby: each record fits, their sum does not.
    # (A record of 2^62 - 2^10: the next float below 2^62.)
    stream, bank, whole = Stream(), "circuit_a.lane0.bank", 2**62 - 2**10
    stream.write(("clock", -1, -1, whole), ("clock", -1, -1, whole), (bank, -1, -1, whole))
    stream.write(("clock", -1, -1, whole), ("clock", 1, 0, 3))
    ledger = stream.tally.ledger()
    ledger.reconcile()
    assert ledger.total_aJ == 4 * whole + 3 == ledger.no_image_aJ + 3
    assert ledger.component_aJ == {bank: whole, "clock": 3 * whole + 3}
    assert ledger.counts == {"cell_write": 4 * whole + 3}


def test_images_in_any_order_and_far_apart():
    stream = Stream()
    for image in (2, 0, 700, 5, 2):
        stream.write(("clock", 1, image, 10 + image))
    stream.write(("clock", 1, -1, 1), ("clock", 1, 3, 4))
    stream.write(("clock", -1, -1, 8))
    ledger = stream.tally.ledger()
    expected = np.zeros(701, int)
    expected[[0, 2, 3, 5, 700]] = (10, 24, 4, 15, 710)
    assert ledger.image_aJ.tolist() == expected.tolist()
    assert ledger.no_image_aJ == 9
    assert ledger.records == 8
    ledger.reconcile()


@pytest.fixture(scope="module")
def result(irmen, mnist):
    return accelsim.simulate(irmen, mnist, 2)


def test_views_come_in_order(result):
    ledger = result.ledger
    assert ledger.records == result.trace.num_rows
    assert list(ledger.component_aJ) == sorted(ledger.component_aJ)
    places = [
        (entry.component, entry.step, ACTIONS.index(entry.action)) for entry in ledger.entries
    ]
    assert places == sorted(places)
    assert list(ledger.counts) == [action for action in ACTIONS if action in ledger.counts]


def test_a_ledger_of_nothing():
    ledger = Tally(dict.fromkeys(ACTIONS, 1)).ledger()
    assert (len(ledger.entries), ledger.total_aJ, ledger.records) == (0, 0, 0)
    ledger.reconcile()


def test_who_reads_priced_records_learns_of_the_end():
    class Closed:
        closed = 0

        def close(self):
            self.closed += 1

    sinks = [Closed(), Closed()]
    Pricing(dict.fromkeys(ACTIONS, 1), sinks).close()
    assert [sink.closed for sink in sinks] == [1, 1]


def test_standby_has_no_step_in_csv(result):
    rows = [line.split(",") for line in result.ledger.csv(result.machine.quoted).splitlines()[1:-1]]
    assert {row[3] for row in rows if row[2] == "standby"} == {""}
    assert {int(row[3]) for row in rows if row[2] != "standby"} == set(range(1, 15))


def test_standby_alone_is_of_no_image_and_stands_last():
    stream = Stream()
    stream.write(("circuit_a.lane0.bank", -1, -1, 5))
    assert len(stream.tally.ledger().image_aJ) == 0
    stream.write(("circuit_a.lane0.bank", 70, 0, 1), ("circuit_a.lane0.bank", 2, 0, 1))
    ledger = stream.tally.ledger()
    assert list(ledger.step_aJ) == [2, 70, -1]
    assert ledger.image_aJ.tolist() == [2]
