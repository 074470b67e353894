"""A run that cannot go on says who waits for what, and since when."""

from dataclasses import replace

import pytest

from accelsim.compiler import compile_network
from accelsim.errors import DeadlockError
from accelsim.model import Accelerator, Arrival, Design


def test_a_plane_that_nobody_writes(irmen, mnist):
    program = compile_network(mnist, irmen)
    # Without step 2 (conv), step 3 (relu) reads planes of circuit B that are never written.
    broken = replace(program, instructions=program.instructions[:1] + program.instructions[2:])
    accelerator = Accelerator(Design.of(irmen), broken, [Arrival(7, 0)])
    with pytest.raises(DeadlockError) as caught:
        accelerator.run()
    assert str(caught.value) == (
        "deadlock: nothing can happen any more, and images are in flight\n"
        "  sequencer.context0: image 7, step 3 (relu of layer 'relu1') waits for "
        "unwritten circuit_b.lane0.bank.plane0 since 1 ns"
    )


def test_a_finished_run_is_no_deadlock(irmen, mnist):
    Accelerator(Design.of(irmen), compile_network(mnist, irmen), [Arrival(0, 0)]).run()
