"""The stream of records: ids, causes, blocks, and that sinks cost nothing when absent."""

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.model import Accelerator, Arrival, Design
from accelsim.records import KINDS, recorder


class Collected:
    def __init__(self):
        self.blocks = []
        self.closed = 0

    def write(self, records):
        self.blocks.append(records)

    def close(self):
        self.closed += 1


def collect(machine, network, images, sinks, *, fast_forward=True):
    program = compile_network(network, machine)
    arrivals = [Arrival(number, 0) for number in range(images)]
    Accelerator(Design.of(machine), program, arrivals, sinks, fast_forward=fast_forward).run()


@pytest.mark.parametrize("lines_per_block", [1, 20, 300])
@pytest.mark.parametrize("contexts", [1, 3])
def test_blocks_do_not_change_the_stream(monkeypatch, mnist, lines_per_block, contexts):
    machine = accelsim.load_machine(
        "irmen", {"sequencer.contexts": contexts, "banks.planes": 2 * contexts}
    )
    whole, parts = Collected(), Collected()
    collect(machine, mnist, 7, [whole], fast_forward=False)
    monkeypatch.setattr(recorder, "LINES_PER_BLOCK", lines_per_block)
    monkeypatch.setattr(recorder, "BLOCK", 100)
    collect(machine, mnist, 7, [parts], fast_forward=False)
    assert len(whole.blocks) == 1
    # Every hundred records, inside of a group of records or not, and the rest.
    ends = [int(block.id[-1]) + 1 for block in parts.blocks]
    assert ends == [*range(100, len(whole.blocks[0]), 100), len(whole.blocks[0])]
    assert whole.closed == parts.closed == 1
    for name in ("id", "t_start_ps", "t_end_ps", "step", "image", "cause_id"):
        joined = np.concatenate([getattr(block, name) for block in parts.blocks])
        assert (joined == getattr(whole.blocks[0], name)).all()
    for action, column in whole.blocks[0].actions.items():
        joined = np.concatenate([block.counts(action) for block in parts.blocks])
        assert (joined == column).all()


def test_ids_run_without_gap_and_causes_come_before(mnist, irmen):
    sink = Collected()
    collect(irmen, mnist, 3, [sink])
    (block,) = sink.blocks
    assert (block.id == np.arange(len(block))).all()
    assert (block.t_end_ps > block.t_start_ps).all()
    known = block.cause_id >= 0
    assert (block.cause_id[known] < block.id[known]).all()
    # What a record waited for ends when the wait does; what one followed had begun by then.
    waits = known & (block.kind == KINDS.index("wait"))
    assert (block.t_end_ps[block.cause_id[waits]] == block.t_end_ps[waits]).all()
    follows = known & ~waits
    assert (block.t_start_ps[block.cause_id[follows]] <= block.t_start_ps[follows]).all()


def test_a_dependent_step_waits_for_the_settling_of_its_source(mnist, irmen):
    sink = Collected()
    collect(irmen, mnist, 1, [sink])
    (block,) = sink.blocks
    waits = np.flatnonzero(block.kind == KINDS.index("wait"))
    assert len(waits) == 13  # each step but the first waits for the one before
    for wait in waits:
        waited_for = block.cause_id[wait]
        assert block.kind[waited_for] == KINDS.index("settle")
        assert block.step[waited_for] == block.step[wait] - 1
        assert block.t_end_ps[waited_for] == block.t_end_ps[wait]


def test_a_run_without_sinks_keeps_nothing(mnist, irmen):
    program = compile_network(mnist, irmen)
    accelerator = Accelerator(Design.of(irmen), program, [Arrival(n, 0) for n in range(3)])
    assert accelerator.run() == 3 * 42_000
    assert not accelerator._recorder._phases
    assert not accelerator._recorder._events
