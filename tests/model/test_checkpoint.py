"""A machine that is restored from a checkpoint goes on as the one that was left."""

import json

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.model import Accelerator, Arrival, Design
from accelsim.model.accelerator import Checkpoint
from accelsim.records import recorder
from tests.conftest import with_faults

MACHINES = {
    "one context": {},
    "three contexts": {"sequencer.contexts": 3, "banks.planes": 6},
    "one circuit": {"circuits": 1},
    "refresh": {"banks.refresh_interval": "60 ns", "banks.refresh_cycles": 2},
    "sram": {"sequencer.contexts": 2, "banks.planes": 8, "maps.digital": "relu"},
    "faults": {"banks.refresh_interval": "60 ns", "banks.refresh_cycles": 2},
}
FAULTS = (
    {"kind": "late_settle", "where": "circuit_b.lane1.bank.plane0", "at": "0 ns", "cycles": 9},
    {"kind": "late_settle", "rate": "50 MHz", "cycles": 2, "detected": False},
    {"kind": "stuck_port", "rate": "50 MHz", "duration": "30 ns"},
    {"kind": "stuck_port", "where": "circuit_a.lane3.bank.read_ports", "at": "5 ns"},
    {"kind": "missed_refresh", "rate": "5 MHz"},
    {"kind": "power_failure", "at": "20 ns", "duration": "60 ns"},
)
STREAMS = {
    "at once": [(number, 0) for number in range(8)],
    "in time": [(number, 37_300 * number) for number in range(8)],
    "bursts": [(number, 150_000 * (number // 3)) for number in range(8)],
}


class Collected:
    """Records as rows."""

    def __init__(self):
        self.rows = []

    def write(self, records):
        texts = records.vocabulary.texts
        columns = [
            records.id,
            records.t_start_ps,
            records.t_end_ps,
            records.image,
            records.cause_id,
        ]
        codes = (records.component, records.kind, records.cause, records.resource)
        columns += [np.array([texts[code] for code in column]) for column in codes]
        self.rows += list(zip(*(column.tolist() for column in columns), strict=True))

    def close(self):
        pass


@pytest.mark.parametrize("images", [1, 2, 5])
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("changes", MACHINES)
def test_the_same_records_follow(monkeypatch, make_network, changes, stream, images):
    monkeypatch.setattr(recorder, "BLOCK", 50)
    name = "mixed_signal" if changes == "sram" else "irmen"
    machine = accelsim.load_machine(name, MACHINES[changes])
    if changes == "faults":
        machine = with_faults(machine, *FAULTS)
    network = make_network([1, 8, 8], {"op": "conv", "out": 2, "kernel": 3}, {"op": "relu"})
    program = compile_network(network, machine)

    def accelerator(sink):
        arrivals = [Arrival(*each) for each in STREAMS[stream]]
        return Accelerator(Design.of(machine), program, arrivals, [sink], fast_forward=False)

    whole, first, second = Collected(), Collected(), Collected()
    end = accelerator(whole).run()
    left = accelerator(first)
    assert left.run(pause=lambda done: done >= images) is None
    saved = Checkpoint(*json.loads(json.dumps(left.checkpoint())))
    assert len(first.rows) == saved.records
    follower = accelerator(second)
    follower.restore(saved)
    assert follower.run() == end
    assert first.rows + second.rows == whole.rows
    assert left.run() == end  # the one that was left can go on as well
    assert first.rows == whole.rows


def test_also_where_the_machine_repeats_itself(monkeypatch, make_network, irmen):
    monkeypatch.setattr(recorder, "BLOCK", 50)
    program = compile_network(make_network([1, 4, 4], {"op": "avgpool", "kernel": 2}), irmen)

    def accelerator(sink, *, fast_forward=True):
        stream = [Arrival(number, 0 if number < 40 else 2_000_000) for number in range(60)]
        design = Design.of(irmen)
        return Accelerator(design, program, stream, [sink], fast_forward=fast_forward)

    whole = Collected()
    end = accelerator(whole, fast_forward=False).run()
    for images in range(1, 59, 7):
        first, second = Collected(), Collected()
        left = accelerator(first)
        assert left.run(pause=lambda done, images=images: done >= images) is None
        follower = accelerator(second)
        follower.restore(left.checkpoint())
        assert follower.run() == end
        assert first.rows + second.rows == whole.rows
    assert left.skipped > 20


def test_a_checkpoint_of_another_machine_is_refused(mnist, irmen):
    one = Accelerator(
        Design.of(irmen), compile_network(mnist, irmen), [Arrival(0, 0), Arrival(1, 0)]
    )
    assert one.run(pause=bool) is None
    other = accelsim.load_machine("irmen", {"sequencer.contexts": 2})
    program = compile_network(mnist, other)
    with pytest.raises(ValueError, match="of another machine"):
        Accelerator(Design.of(other), program, [Arrival(0, 0)]).restore(one.checkpoint())
