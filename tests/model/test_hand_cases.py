"""Small machines and networks whose schedule and counts are derived by hand.

Each case says its sum in a comment. A step is read + write cycles, 1 + 2 unless the
case changes it; written, read and tap-cycles follow docs/machine.md section 4.
"""

import pytest

import accelsim
from tests.conftest import AVG2, CONV, MAX2, MAX3, RELU

CASES = {
    # load, conv, relu, handoff: 4 x 3. Written 4 x 16; read conv 16, relu 16, handoff 16;
    # taps 16 x (1 + 10 + 2 + 1).
    "conv and relu": ([1, 4, 4], (CONV, RELU), {}, 12, 64, 48, 224),
    # The same in steps of 2 + 3 = 5: 20 cycles; taps and read cell-cycles count twice.
    "longer phases": (
        [1, 4, 4],
        (CONV, RELU),
        {"timing.read_cycles": 2, "timing.write_cycles": 3},
        20,
        64,
        96,
        448,
    ),
    # One circuit: load, conv, copy, relu, copy, handoff: 6 x 3. The copies write and read
    # 16 cells each with one tap and no bias: 64 + 32, 48 + 32, 224 + 32.
    "one circuit": ([1, 4, 4], (CONV, RELU), {"circuits": 1}, 18, 96, 80, 256),
    # 2 maps in, 3 out. The second load is issued a cycle after the first: 1 + 4 x 3.
    # conv 16 x 3 cells x (2 x 9 + 1) taps, reading 2 x 16 cells once.
    # Written 2 x 16 + 48 + 48 + 48; read 32 + 48 + 48; taps 2 x 16 + 912 + 96 + 48.
    "maps": ([2, 4, 4], (CONV | {"out": 3}, RELU), {}, 13, 176, 128, 1088),
    # The same in steps of 2 + 3: the load port is held for 2 cycles, 2 + 4 x 5.
    # Taps and read cell-cycles count twice.
    "maps in longer phases": (
        [2, 4, 4],
        (CONV | {"out": 3}, RELU),
        {"timing.read_cycles": 2, "timing.write_cycles": 3},
        22,
        176,
        256,
        2176,
    ),
    # load, load_more, avg, handoff: 1 + 3 x 3. avg writes 2 x 4 cells, 4 taps and no bias, reads
    # all 32. Written 2 x 16 + 8 + 8; read 32 + 8; taps 2 x 16 + 32 + 8.
    "average pooling": ([2, 4, 4], (AVG2,), {}, 10, 48, 40, 72),
    # load, diff_h, add_h, diff_v, add_v, handoff: 6 x 3. 4 x 4: columns 4 x 2 cells, then
    # 2 x 2. Written 16 + 8 + 8 + 4 + 4 + 4; read 16 + 16 + 8 + 8 + 4;
    # taps 16 + 8 x 3 + 8 x 3 + 4 x 3 + 4 x 3 + 4.
    "max-pooling": ([1, 4, 4], (MAX2,), {}, 18, 44, 52, 92),
    # 5 x 5 pools to 2 x 2: row and column 4 are not needed. Columns 4 x 2, then 2 x 2.
    # Written 25 + 8 + 8 + 4 + 4 + 4; read 16 + 16 + 8 + 8 + 4; taps 25 + 24 + 24 + 12 + 12 + 4.
    "odd size": ([1, 5, 5], (MAX2,), {}, 18, 53, 52, 101),
    # load, eight pooling steps, handoff: 10 x 3. Each step writes 9 cells with 3 taps;
    # a diff reads 9 cells (its neighbours among them), an add 9 + 9.
    # Written 10 x 9; read 4 x (9 + 18) + 9; taps 9 + 8 x 27 + 9.
    "3 x 3 max-pooling": ([1, 3, 3], (MAX3,), {}, 30, 90, 117, 234),
    # After avg the maps are in circuit B: conv goes B to A, relu A to B, handoff from B.
    # 5 x 3. Written 16 + 4 + 4 + 4 + 4; read 16 + 4 + 4 + 4; taps 16 + 16 + 40 + 8 + 4.
    "the other circuit": ([1, 4, 4], (AVG2, CONV, RELU), {}, 15, 32, 28, 84),
    # A single row: a conv's taps count at the border too. 4 x 3. Written 4 x 3;
    # read 3 + 3 + 3; taps 3 x (1 + 10 + 2 + 1).
    "border": ([1, 1, 3], (CONV, RELU), {}, 12, 12, 9, 42),
    # One circuit and average pooling: load, avg, copy, handoff: 4 x 3.
    # Written 16 + 4 + 4 + 4; read 16 + 4 + 4; taps 16 + 16 + 4 + 4.
    "one circuit, average": ([1, 4, 4], (AVG2,), {"circuits": 1}, 12, 28, 24, 40),
}


@pytest.mark.parametrize("case", CASES)
def test_case(make_network, case):
    shape, layers, changes, cycles, written, read, taps = CASES[case]
    machine = accelsim.load_machine("irmen", changes)
    result = accelsim.simulate(machine, make_network(shape, *layers))
    counts = result.ledger.counts
    assert result.stats.cycles_per_image.value == cycles
    assert counts["cell_write"] == written
    assert counts["cell_read_cycle"] == read
    assert counts["ota_tap_cycle"] == taps
    steps = len(result.schedule)
    assert counts["issue"] == steps
    energy = taps * 500 + read * 1600 + written * 10 + steps * 350_000 + cycles * 20_000
    assert result.stats.energy.total.value == energy


def test_sources_and_destination_never_share_a_plane(make_network):
    result = accelsim.simulate(
        accelsim.load_machine("irmen"), make_network([1, 4, 4], CONV, RELU, MAX2)
    )
    for instruction in result.program.instructions:
        assert not set(instruction.sources) & set(instruction.destination)
