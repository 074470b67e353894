"""Maps in the SRAM: steps, their cycles by hand, refetch, values, and what is refused."""

import random

import pytest

from accelsim.compiler import (
    Place,
    check_program,
    compile_network,
    count,
    program_json,
    read_program,
)
from accelsim.compiler.bounds import bounds
from accelsim.compiler.counts import count_words
from accelsim.compiler.issue import issue_cycles
from accelsim.compiler.limits import LimitError
from accelsim.compiler.phases import Phase, Phases, Rate
from accelsim.compiler.report import cycles_of
from accelsim.compiler.use import Pace, Part, Use, work_of_program
from accelsim.config import load_machine
from accelsim.errors import InputError
from tests.compiler.networks import SHAPE, random_layers
from tests.compiler.test_folding import MIXED, cycles, holds
from tests.conftest import AVG2, CONV, MAX2, MAX3, RELU
from tests.plain_network import random_weights

SMALL = {
    "timing.read_cycles": 3,
    "converters.adc.count": 4,
    "converters.dac.count": 2,
    "digital.alus": 4,
    "arrays.rows": 8,
    "arrays.cols": 8,
}
ONE, TWO = (CONV, RELU), (CONV, RELU, CONV, RELU)
DIGITAL = {"maps.digital": "relu, pool"}


def machine_of(*changes, **keys):
    named = {key.replace("__", "."): value for key, value in keys.items()}
    merged = SMALL | named
    for each in changes:
        merged |= each
    return load_machine("mixed_signal", merged)


def ops(program):
    return " ".join(step.op for step in program.instructions)


# 16 cells. A step of cells takes 3 + 2 cycles, a store 16 / 4 + 1, a fetch 16 / 2 + 2, a handoff
# of words 1 + 1; an operation of the engine a fourth of a cycle, and 1 to write.
@pytest.mark.parametrize(
    ("layers", "keys", "steps", "expected"),
    [
        (ONE, {}, "load conv relu store handoff", 3 * 5 + 5 + 2),
        (TWO, {}, "load conv relu store fetch conv relu store handoff", 5 * 5 + 2 * 5 + 10 + 2),
        # One operation a cell.
        (ONE, {"maps.digital": "relu"}, "load conv store relu_d handoff", 2 * 5 + 5 + 5 + 2),
        # 4 cells of a maximum of 4 are 12 operations, a mean of 4 is 16; the analog relu before.
        ((*ONE, MAX2), {"maps.digital": "pool"}, "load conv relu store max_d handoff",
         3 * 5 + 5 + 4 + 2),
        ((*ONE, AVG2), {"maps.digital": "pool"}, "load conv relu store avg_d handoff",
         3 * 5 + 5 + 5 + 2),
        # Eight comparisons a cell.
        ((*ONE, MAX3), {"maps.digital": "pool"}, "load conv relu store max3_d handoff",
         3 * 5 + 5 + 33 + 2),
        # Analog, only the 4 cells of the pooled map are stored: in a cycle, but read in 3.
        ((*ONE, AVG2), {}, "load conv relu avg store handoff", 4 * 5 + 4 + 2),
        ((*ONE, AVG2), DIGITAL, "load conv store relu_d avg_d handoff", 2 * 5 + 5 + 5 + 5 + 2),
        # ADCs: one after another, and more than cells.
        (ONE, {"converters.adc.count": 1}, "load conv relu store handoff", 3 * 5 + 17 + 2),
        (ONE, {"converters.adc.count": 28}, "load conv relu store handoff", 3 * 5 + 4 + 2),
        (ONE, {"converters.adc.count": 784}, "load conv relu store handoff", 3 * 5 + 4 + 2),
        # Four conversions of 1.6 ns are 6.4 ns; four cycles of 2.5 ns are 10 ns.
        (ONE, {"converters.adc.conversion_time": "1600 ps"}, "load conv relu store handoff",
         3 * 5 + 8 + 2),
        (ONE, {"maps.digital": "relu", "digital.clock": "400 MHz"},
         "load conv store relu_d handoff", 2 * 5 + 5 + 11 + 2),
    ],
)  # fmt: skip
def test_cycles_by_hand(make_network, layers, keys, steps, expected):
    network, machine = make_network([1, 4, 4], *layers), machine_of(keys)
    program = compile_network(network, machine)
    check_program(program, machine)
    assert ops(program) == steps
    assert cycles(program, machine) == cycles_of(program, machine) == expected


def test_two_folds_take_turns_at_the_converters(make_network):
    # One lane: conv@5 and @8 on the same array, relu@10 and @13, store@15 until 19. The second
    # relu is stored at 18, and the ADCs are free at 19: store@19 until 23, stored at 24.
    # handoff@20; the last one @24, at the host at 26.
    network, machine = make_network([1, 4, 4], CONV | {"out": 2}, RELU), machine_of(arrays__lanes=1)
    program = compile_network(network, machine)
    assert cycles(program, machine) == cycles_of(program, machine) == 26


@pytest.mark.parametrize(("ports", "lane", "expected"), [(1, 0, 8), (2, 0, 1), (1, 1, 1)])
def test_a_fetch_and_a_step_that_charge_a_bank_take_turns(ports, lane, expected):
    # A fetch takes the write port of lane 0 of circuit A for 8 cycles, a relu into A then wants it.
    places = (Place.SRAM, Place.B, Place.A, Place.A)
    words, other, fetched = (Part(store, 1) for store in range(3))
    fetch = Use((words,), fetched, ("converters.dac",), None, (0, 2), phase=Phase(8, 2))
    made = Part(3, 1 << lane)
    relu = Use((other,), made, ("datapath.b_to_a",), ("a", 1 << lane), (1, 3))
    pace = Pace(read=3, write=2, read_ports=2, write_ports=ports, varies=True)
    assert issue_cycles([fetch, relu], places, pace) == [0, expected]


def test_maps_are_dropped_and_fetched_again(make_network):
    # Four maps in one lane, and room for two: each of two sums reads all of them.
    layers = (CONV | {"out": 4}, RELU, CONV | {"out": 2}, RELU)
    network = make_network([1, 4, 4], *layers)
    enough, few = (machine_of({"arrays.lanes": 1, "banks.planes": n}) for n in (8, 2))
    once, again = (compile_network(network, machine) for machine in (enough, few))
    assert ops(once).count("fetch") == 4
    assert ops(again).count("fetch") > 4
    assert max(again.planes[Place.A], again.planes[Place.B]) == 2
    check_program(again, few)
    assert cycles(again, few) == cycles_of(again, few) > cycles(once, enough)
    for program in (once, again):
        holds(network, program, random_weights(network))


@pytest.mark.parametrize("digital", ["none", "relu", "pool", "relu, pool"])
@pytest.mark.parametrize("narrow", [{}, {"arrays.lanes": 2, "banks.planes": 4},
                                    {"arrays.rows": 5, "arrays.cols": 6, "banks.planes": 24},
                                    {"circuits": 1, "banks.planes": 12}])  # fmt: skip
def test_everything_at_once_has_the_values_of_the_network(make_network, digital, narrow):
    network, machine = make_network([3, 8, 8], *MIXED), machine_of(narrow, maps__digital=digital)
    program = compile_network(network, machine, weights := random_weights(network))
    check_program(program, machine)
    holds(network, program, weights)
    assert cycles(program, machine) == cycles_of(program, machine)
    words = {step.op for step in program.instructions if step.touches_sram}
    assert {"store", "fetch", "handoff"} <= words


@pytest.mark.parametrize("seed", range(6))
def test_the_compiler_expects_what_the_model_does(make_network, seed):
    order = random.Random(seed)
    network = make_network(SHAPE, *random_layers(order, blocks=3))
    machine = machine_of({
        "arrays.lanes": order.choice([1, 3]), "banks.planes": order.choice([3, 5, 24]),
        "maps.digital": order.choice(["none", "relu"]),
        "converters.adc.count": order.choice([1, 9]),
    })  # fmt: skip
    weights = random_weights(network)
    try:
        program = compile_network(network, machine, weights)
    except LimitError as error:
        assert error.key == "banks.planes"  # noqa: PT017
        return
    check_program(program, machine)
    holds(network, program, weights)
    found = cycles(program, machine)
    phases = Phases.of_machine(machine)
    assert cycles_of(program, machine) == found
    work = work_of_program(program, phases)
    assert max(bound.cycles for bound in bounds(work, Pace.of(machine))) <= found


def test_counts_of_steps_in_words(make_network):
    machine = machine_of(DIGITAL, digital__sram__word=7)
    program = compile_network(make_network([1, 4, 4], *ONE, MAX2, *ONE), machine)
    steps = {step.op: step for step in reversed(program.instructions)}
    words = {op: count_words(step, machine.codes) for op, step in steps.items()}
    # 16 codes of 4 bits are 64 bits: 10 words of 7. Four codes are 16 bits: 3 words.
    assert words["relu_d"] == {"digital_op": 16, "sram_read": 10, "sram_write": 10}
    assert words["max_d"] == {"digital_op": 12, "sram_read": 10, "sram_write": 3}
    assert words["fetch"] == {"dac_conversion": 4, "sram_read": 3}
    assert words["store"] == {"adc_conversion": 16, "sram_write": 10}
    assert words["handoff"] == {"sram_read": 3}
    assert words["conv"] == words["load"] == {}
    counts = {op: count(step, 3) for op, step in steps.items()}
    assert [(counts[op].written, counts[op].read) for op in ("store", "fetch")] == [(0, 16), (4, 0)]
    for op in ("store", "fetch", "relu_d", "max_d", "handoff"):
        assert counts[op].tap_cycles == counts[op].static_cycles == 0


def test_rates_are_rounded_up_to_cycles():
    rate = Rate(at_once=28, time_ps=1500, each=1, least=9, write=1)
    assert rate.phase(784, 1000) == Phase(42, 1)  # 28 conversions of 1.5 ns
    assert rate.phase(785, 1000) == Phase(44, 1)  # 29 of them: 43.5 ns
    assert rate.phase(28, 1000) == Phase(9, 1)  # a cell is read for nine cycles, at least
    assert Rate(8, 1000, 3, 1, 1).phase(49, 1000).step == 19 + 1  # 147 operations


def test_a_program_is_read_back(make_network, tmp_path):
    network, machine = make_network([1, 4, 4], *TWO), machine_of(DIGITAL)
    program = compile_network(network, machine)
    (tmp_path / "program.json").write_text(program_json(program))
    assert read_program(tmp_path / "program.json") == program


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"digital.sram.size": 255},
         "test.yaml: layer 'relu1': step 4 (store) needs 1 maps a lane in the SRAM, 256 bytes; the "
         "machine has digital.sram.size = 255: 256 would do, or codes of fewer bits "
         "(converters.adc.bits)"),
        ({"digital.sram.size": 256, "sequencer.contexts": 2, "banks.planes": 8},
         "test.yaml: layer 'relu1': step 4 (store) needs 2 maps a lane in the SRAM with 2 images "
         "in flight (sequencer.contexts), 512 bytes; the machine has digital.sram.size = 256: 512 "
         "would do, or codes of fewer bits (converters.adc.bits)"),
    ],
)  # fmt: skip
def test_an_sram_too_small_is_refused(make_network, keys, message):
    # 64 cells of 4 bits are 4 words of 64 bits, 32 bytes, in each of 8 lanes.
    with pytest.raises(LimitError) as caught:
        compile_network(make_network([1, 4, 4], *ONE), machine_of(keys))
    assert str(caught.value) == message
    assert caught.value.key == "digital.sram.size"
    compile_network(make_network([1, 4, 4], *ONE),
                    machine_of(keys, {"digital.sram.size": caught.value.needed}))  # fmt: skip


def test_a_program_of_another_machine_is_refused(make_network, charge):
    network, machine = make_network([1, 4, 4], *ONE), machine_of()
    program = compile_network(network, machine)
    with pytest.raises(InputError, match=r"step 4 \(store of layer 'relu1'\) needs maps in the SRAM"
                       r", the machine 'charge' has maps.memory = analog"):  # fmt: skip
        check_program(program, charge)
    small = machine_of(digital__sram__size=255)
    with pytest.raises(InputError, match=r"needs 256 bytes of maps, the machine 'mixed_signal' has "
                       r"digital.sram.size = 255"):  # fmt: skip
        check_program(program, small)
