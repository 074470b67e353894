"""Maps that the host keeps while planes do not suffice: order, time, counts, values, refusals."""

import json
import random
from dataclasses import replace

import pytest

import accelsim
from accelsim.analysis.critical import critical_path
from accelsim.compiler import Place, check_program, compile_network, program_json, read_program
from accelsim.compiler.limits import LimitError
from accelsim.compiler.report import cycles_of
from accelsim.config import load_machine
from accelsim.errors import InputError
from accelsim.model import Accelerator, Arrival, Design
from accelsim.simulation import run_events
from accelsim.trace import TableTrace
from tests.compiler.networks import SHAPE, random_layers
from tests.compiler.test_folding import cycles, holds
from tests.conftest import CONV, RELU, with_faults
from tests.plain_network import random_weights

SPILL = {"host.spill.cycles": 5, "host.spill.cell": "2 pJ"}
ONE_PLANE = {"arrays.lanes": 1, "banks.planes": 1}
SPILLS = ("spill", "fill")
TWO_MAPS = (CONV | {"out": 2}, RELU)


def machine_of(**changes):
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    return load_machine("irmen", SPILL | ONE_PLANE | keys)


def test_by_hand(make_network):
    # One plane in each bank, two maps in one lane. The relu of the first map needs the plane of
    # the input, which the second conv reads later:
    #   load@0 spill@3 and conv@4 read it; relu@7 handoff@10.
    #   The spill settles at 3 + 3 = 6 and can be back at 6 + 5 = 11, when the handoff has read the
    #   plane: fill@11 conv@14 relu@17 handoff@20, stored at 23.
    network, machine = make_network([1, 4, 4], *TWO_MAPS), machine_of()
    program = compile_network(network, machine)
    check_program(program, machine)
    assert [step.op for step in program.instructions] == [
        "load", "spill", "conv", "relu", "handoff_more", "fill", "conv", "relu", "handoff",
    ]  # fmt: skip
    assert program.planes == {Place.A: 1, Place.B: 1}
    assert cycles(program, machine) == cycles_of(program, machine) == 23
    # A link of 8 cycles: fill@14. One that is faster gains nothing.
    assert [cycles(program, machine_of(host__spill__cycles=n)) for n in (8, 1)] == [26, 23]
    holds(network, program, random_weights(network))


def test_what_it_counts_and_costs(make_network):
    # 16 cells cross the link twice, at 2 pJ. A spill drives and writes 16 cells at the boundary,
    # as a handoff does; a fill writes 16 of a plane, with a tap each, as a load does.
    machine = machine_of(host__spill__cycles=8)
    result = accelsim.simulate(machine, make_network([1, 4, 4], *TWO_MAPS), 1)
    counts = result.ledger.counts
    assert counts["host_cell"] == 16 + 16
    assert counts["cell_write"] == 16 * 9
    assert counts["ota_tap_cycle"] == 16 * (1 + 2 * (10 + 2) + 1 + 1 + 2)
    rows = {row.op: row for row in result.schedule}
    assert (rows["spill"].lanes, rows["fill"].lanes) == (1, 1)
    assert rows["spill"].energy_aJ > 16 * 2_000_000
    path = critical_path(result.trace)
    assert sum(record.duration_ps for record in path.path) == path.latency_ps == 26_000
    waits = {
        (row["resource"], row["op"]) for row in result.trace.to_pylist() if row["kind"] == "wait"
    }
    assert ("host.boundary.plane0", "fill") in waits


def test_what_is_read_last_is_spilled(make_network):
    # relu3 needs a third plane of A, beside the input, which the last sum reads, and relu1, which
    # the sum before that reads: the input goes to the host, once, and comes back once.
    layers = (
        CONV, RELU, CONV, RELU, {"op": "add", "inputs": ["relu3", "relu1"]},
        {"op": "add", "inputs": ["add4", "input"]},
    )  # fmt: skip
    network = make_network([1, 4, 4], *layers)
    program = compile_network(network, machine_of(banks__planes=2))
    moved = [(step.op, step.layer) for step in program.instructions if step.op in SPILLS]
    assert moved == [("spill", "input"), ("fill", "input")]
    holds(network, program, random_weights(network))


@pytest.mark.parametrize("seed", range(10))
def test_any_network_in_few_planes(make_network, seed):
    order = random.Random(seed)
    network = make_network(SHAPE, *random_layers(order))
    changes = {
        "arrays__lanes": order.choice([1, 2]),
        "banks__read_ports": 3,
        "circuits": order.choice([1, 2]),
        "timing__read_cycles": order.choice([1, 3]),
    }
    weights = random_weights(network)
    planes = 1
    try:
        compile_network(network, machine_of(**changes, banks__planes=planes), weights)
    except LimitError as error:
        planes = error.needed
    machine = machine_of(**changes, banks__planes=planes)
    program = compile_network(network, machine, weights)
    check_program(program, machine)
    assert max(program.planes.values()) <= planes
    assert cycles(program, machine) == cycles_of(program, machine)
    holds(network, program, weights)


def test_images_in_flight_shuffles_and_fast_forward_agree(make_network):
    machine = machine_of(sequencer__contexts=2, banks__planes=2)
    program = compile_network(make_network([1, 4, 4], *TWO_MAPS), machine)
    assert any(step.op == "fill" for step in program.instructions)
    images = [Arrival(number, 0) for number in range(20)]
    tables = []
    for forward in (True, False):
        trace = TableTrace()
        run_events(machine, program, images, trace=trace, fast_forward=forward)
        tables.append(trace.table())
    assert tables[0].equals(tables[1])
    design = Design.of(machine)
    ends = {Accelerator(design, program, images, shuffle=random.Random(n)).run() for n in range(3)}
    assert ends == {Accelerator(design, program, images).run()}


def test_a_checkpoint_holds_what_is_on_its_way(make_network):
    # Image 0 is done when a spill of the second context is on its way.
    machine = machine_of(sequencer__contexts=2, banks__planes=2, host__spill__cycles=30)
    program = compile_network(make_network([1, 4, 4], *TWO_MAPS), machine)
    images, design = [Arrival(n, 20_000 * n) for n in range(4)], Design.of(machine)
    end = Accelerator(design, program, images).run()
    first = Accelerator(design, program, images)
    assert first.run(lambda done: done == 1) is None
    assert [step.binding.instruction.op for step in first._sink.on_their_way()] == ["spill"]
    kept = json.loads(json.dumps(first.checkpoint()))
    second = Accelerator(design, program, images)
    second.restore(type(first.checkpoint())(*kept))
    assert second.run() == end


def test_the_fold_that_is_read_last_is_spilled(make_network, mnist):
    # What is spilled once is not spilled again: the host still has it.
    program = compile_network(mnist, machine_of(banks__planes=2))
    steps = program.instructions
    spilled = [step.first_map for step in steps if step.op == "spill"]
    assert len(set(spilled)) == len(spilled)
    filled = [step.first_map for step in steps if step.op == "fill"]
    assert set(filled) == set(spilled)
    assert len(filled) > len(spilled)


def test_no_spill_where_planes_suffice(mnist):
    machine = load_machine("irmen", SPILL)
    plain = load_machine("irmen")
    assert compile_network(mnist, machine) == compile_network(mnist, plain)


def test_refusals(make_network, mnist):
    message = "the machine has banks.planes = 1: 2 would do; accelsim compile --fit"
    with pytest.raises(InputError, match=message):  # an add reads one plane of A and writes one
        compile_network(mnist, machine_of())
    program = compile_network(mnist, machine_of(banks__planes=2))
    plain = load_machine("irmen", ONE_PLANE | {"banks.planes": 2})
    message = "needs maps that the host keeps, the machine 'irmen' has host.spill = none"
    with pytest.raises(InputError, match=message):
        check_program(program, plain)


def test_a_damaged_program_is_refused(make_network, tmp_path):
    machine = machine_of()
    program = compile_network(make_network([1, 4, 4], *TWO_MAPS), machine)
    steps = tuple(
        replace(step, first_map=7) if step.op == "fill" else step for step in program.instructions
    )
    message = r"step 6 \(fill of layer 'input'\) is damaged: it fills 1 x 4 x 4 from 7, where no"
    with pytest.raises(InputError, match=message):
        check_program(replace(program, instructions=steps), machine)
    path = tmp_path / "program.json"
    path.write_text(program_json(program))
    assert read_program(path) == program


def test_machine_files(make_network):
    for changes, message in (
        ({"host.spill.cycles": 5}, "host.spill.cell: missing key"),
        (SPILL | {"host.spill.cycles": 0}, "got 0; expected a whole number of cycles from 1"),
        ({"host.spil.cycles": 5}, "host.spil: unknown key; allowed here: spill; did you mean"),
    ):
        with pytest.raises(InputError) as caught:
            load_machine("irmen", changes)
        assert message in str(caught.value)
    event = {"kind": "power_failure", "at": "1 us", "duration": "1 us"}
    with pytest.raises(ValueError, match=r"beside host\.spill; expected one of them alone"):
        with_faults(machine_of(), event)


def test_commands(command):
    settings = [f"--set={key}={value}" for key, value in (SPILL | ONE_PLANE).items()]
    settings += ["--set=banks.planes=2"]
    code, out, err = command("compile", "--report", *settings)
    assert (code, err) == (0, "")
    assert "maps spilled to the host" in out
    code, out, err = command("run", "--images", "2", "--outdir", "out", *settings)
    assert (code, err) == (0, "")
    _, out, _ = command("explain", "out")
    assert "host_cell" in out
    code, out, _ = command("replay", "out")
    assert "The run came out as it was recorded." in out
