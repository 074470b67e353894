"""Time and memory of many images in flight: what grows with them, and what must not."""

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.energy import Pricing
from accelsim.model import Accelerator, Arrival, Design
from accelsim.model.binding import Common
from accelsim.records import recorder
from accelsim.trace import SCHEMA, schema
from accelsim.trace.schema import to_arrow
from tests.conftest import CONV, RELU

IMAGES = 40


class Sink:
    """Counts records."""

    def __init__(self):
        self.records = 0

    def write(self, records):
        self.records += len(records)

    def close(self):
        """Nothing is left to do."""


@pytest.fixture
def accelerator(make_network):
    def make(contexts, *sinks):
        changes = {"sequencer.contexts": contexts, "banks.planes": 2 * contexts}
        machine = accelsim.load_machine("irmen", changes)
        program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
        arrivals = [Arrival(number, 0) for number in range(IMAGES)]
        return Accelerator(Design.of(machine), program, arrivals, sinks, fast_forward=False)

    return make


def test_what_contexts_share_is_looked_at_once_a_decision(accelerator, monkeypatch):
    # For each of four instructions, before and after the issue: 8 in a decision; 4 issues an image,
    # one in each cycle once four images overlap.
    looks, obstacle = [], Common.obstacle
    monkeypatch.setattr(
        Common, "obstacle", lambda self, image: looks.append(image) or obstacle(self, image)
    )
    found = {}
    for contexts in (4, 8, 32):
        looks.clear()
        accelerator(contexts).run()
        found[contexts] = len(looks)
    assert found[4] == found[8] == found[32] <= 8 * 4 * IMAGES


def test_waits_fill_a_block_as_steps_do(accelerator, monkeypatch):
    # 40 images wait at once, each with a record for each cycle: far more than steps have.
    monkeypatch.setattr(recorder, "LINES_PER_BLOCK", 50)
    lines, flush = [], recorder.Recorder._flush

    def watched(self, *, to_the_last=False):
        lines.append(len(self._phases) // 5 + len(self._events) // 9)
        flush(self, to_the_last=to_the_last)

    monkeypatch.setattr(recorder.Recorder, "_flush", watched)
    sink = Sink()
    accelerator(IMAGES, sink).run()
    # At most 50 of each sort are there before a decision, which adds a wait for each context, the
    # issue, and the clock before it.
    assert max(lines) <= 2 * 50 + 2 * (IMAGES + 2)
    assert sum(lines) > 40 * 50
    assert sink.records > sum(lines)


def test_rows_of_what_contexts_share_are_there_once(accelerator):
    # Rows of another context: two planes, each of which is read, written and settles, by more
    # than one step (2 x 3), the group of its results (compute, write, settle), one wait for all
    # steps and one in the queue: 6 + 3 + 2.
    rows = {
        number: len(accelerator(number)._recorder._expander.templates.tables().counts)
        for number in (2, 3, 10)
    }
    assert rows[3] - rows[2] == 11
    assert rows[10] - rows[3] == 7 * (rows[3] - rows[2])


@pytest.mark.parametrize("few", [0, 2048])
def test_a_block_of_many_texts_has_those_of_its_own_records(accelerator, monkeypatch, few):
    monkeypatch.setattr(schema, "_FEW_TEXTS", few)
    blocks = []

    class Kept(Sink):
        def write(self, priced):
            blocks.append((to_arrow(priced), priced.records))

    accelerator(8, Pricing({}, [Kept()])).run()
    for batch, records in blocks:
        for name in ("component", "kind", "op", "layer", "cause", "resource"):
            column, codes = batch.column(name), getattr(records, name)
            expected = [records.vocabulary.texts[code] for code in codes]
            assert column.to_pylist() == expected
            known = records.vocabulary.texts if few else set(expected)
            assert sorted(column.dictionary.to_pylist()) == sorted(known)
        assert batch.schema.equals(SCHEMA)
    assert sum(len(np.asarray(batch.column("id"))) for batch, _ in blocks) > IMAGES
