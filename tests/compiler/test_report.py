"""What a program is made of, lower bounds of its cycles, and the smallest machine for a network."""

from dataclasses import replace

import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.compiler.limits import LimitError
from accelsim.compiler.report import report_on
from accelsim.compiler.smallest import fits
from accelsim.config import load_machine
from accelsim.errors import InputError
from accelsim.topology import Place
from tests.compiler.networks import inception
from tests.compiler.test_folding import BRANCHES, cycles, holds
from tests.conftest import AVG2, CONV, MAX2, MAX3, RELU
from tests.plain_network import random_weights

TO_4 = CONV | {"out": 4}
ROOM = {"banks.planes": 40}


def report_of(network, machine):
    program = compile_network(network, machine)
    return report_on(
        program, network, machine, compile_network(network, machine, in_layer_order=True)
    )


def test_the_bounds_of_the_reference_program(mnist, irmen):
    # Steps of 3 cycles, issued at 0, 3, ..., 39. Of a resource: issue of its first step, cycles it
    # is held, and what follows the last read.
    report = report_of(mnist, irmen)
    bounds = {bound.what: bound.cycles for bound in report.bounds}
    assert report.cycles == report.layer_order == report.bound == bounds[""] == 42
    assert bounds["sequencer"] == 0 + 14 + 2
    # 6 convs and diffs from 3 on; after the last diff (33): its 2 write cycles, add and handoff.
    assert bounds["datapath.a_to_b"] == 3 + 6 + (2 + 3 + 3)
    # 6 relus and adds from 6 on; after the last add (36): 2 write cycles and the handoff.
    assert bounds["datapath.b_to_a"] == 6 + 6 + (2 + 3)
    # The load takes array 0 of A from 0 on, the last add leaves 2 + 3: 0 + 7 + 5, and array 4,
    # which the second half alone uses: relu2@24 and two adds.
    assert bounds["circuit_a.lane4.array"] == 24 + 3 + (2 + 3)
    assert bounds["host.handoff"] == 39 + 1 + 2
    assert [(peak.place, peak.planes, peak.op, peak.layer) for peak in report.peaks] == [
        (Place.A, 2, "add_h", "pool1"),
        (Place.B, 1, "conv", "conv1"),
    ]
    assert report.overheads == ()


def test_ports_that_give_several_planes_bound_less(make_network):
    # Six planes of a bank, 2 at once: 4 + 2 reads of the lane in sums of 2 and 2 and 2 planes and,
    # of B, two reads of partial sums.
    network = make_network([6, 4, 4], CONV, RELU)
    machine = load_machine("irmen", {"arrays.lanes": 1, "banks.planes": 8})
    bounds = {bound.what: bound.cycles for bound in report_of(network, machine).bounds}
    # 6 loads; conv reads from 3 on, 6 + handoff 1 = 7 reads at 2 a cycle = 4; handoff's 2 left.
    assert bounds["circuit_a.lane0.bank.read_ports"] == 3 + 4 + 2
    # Planes that are loaded last are read by the last sum: 2 write cycles, conv, relu, handoff.
    assert bounds["host.load"] == 0 + 6 + (2 + 3 * 3)


def test_what_layers_take(make_network, irmen):
    # 8 -> 16 maps: sums in 3 steps of 2 folds. load@0-6 partial@7,8 load@9 partial@10,11 conv@13,14
    # relu@16,17 handoff@19,20.
    report = report_of(make_network([8, 4, 4], CONV | {"out": 16}, RELU), irmen)
    rows = {row.layer: (row.steps, row.folds, row.partial) for row in report.layers}
    assert rows == {
        "input": (8, 8, 0), "conv0": (6, 2, 4), "relu1": (2, 2, 0), "output": (2, 2, 0),
    }  # fmt: skip
    assert [(row.first, row.last) for row in report.layers] == [(0, 9), (7, 14), (16, 17), (19, 20)]
    # Tap-cycles: 128 cells x (36 + 36 + 28 + 28 + 11 + 11); partial sums are the first four.
    (partial,) = report.overheads
    assert (partial.what, partial.steps, partial.tap_cycles) == ("partial sums", 4, 128 * 128)


def test_what_the_order_gains(make_network):
    machine = load_machine("irmen", {"banks.planes": 40})
    report = report_of(make_network([1, 8, 8], *inception(2)), machine)
    assert report.layer_order > report.cycles >= report.bound
    plain = report.to_dict()
    assert plain["bounds"][0]["what"] == "critical path"
    assert plain["bounds"][0]["ratio"] >= 1


def load_of(changes):
    return lambda more: load_machine("irmen", {**changes, **more})


FITS = {
    # 8 maps in one lane: 8 planes and the result of the ninth step.
    "one lane": ({"arrays.lanes": 1}, [{"banks.planes": 9}, {"arrays.lanes": 2}]),
    # 3 images of 2 planes; with 4 planes 2 images.
    "images in flight": (
        {"sequencer.contexts": 3}, [{"sequencer.contexts": 2}, {"banks.planes": 6}],
    ),
    # Tiles of a row have no 2 x 2 window; those of 2 rows need 5 planes one after another.
    "rows": ({"arrays.rows": 1}, [{"arrays.rows": 2, "banks.planes": 5}]),
    "ports": ({"circuits": 1, "banks.read_ports": 1}, [{"banks.read_ports": 2}]),
    "two keys": ({"arrays.fan_in": 1, "banks.planes": 1}, [
        {"arrays.fan_in": 2, "banks.planes": 2},
    ]),
    "none": ({}, [{}]),
}  # fmt: skip


@pytest.mark.parametrize("name", FITS)
def test_the_smallest_machines(mnist, name):
    changes, expected = FITS[name]
    found = fits(mnist, load_of(changes))
    assert [fit.changes for fit in found] == expected
    for fit in found:
        machine = load_of(changes)(fit.changes)
        assert cycles(compile_network(mnist, machine), machine) == fit.cycles
        for key, value in fit.changes.items():  # none smaller would do
            less = load_of(changes)({**fit.changes, key: value - 1})
            if key != "sequencer.contexts":
                with pytest.raises(LimitError):
                    compile_network(mnist, less)


def test_no_machine_helps_a_layer_without_steps(make_network):
    with pytest.raises(InputError, match="a conv must be followed by a relu"):
        fits(make_network([1, 4, 4], CONV), load_of({}))


def test_the_cheapest_has_the_fewest_cells_and_synapses(mnist):
    one, two = fits(mnist, load_of({"arrays.lanes": 1}))
    # Banks of both circuits: 2 x planes x 784 cells a lane; synapses: 2 x 784 x 9 x 4 a lane.
    assert (one.cells, one.synapses) == (2 * 9 * 784, 2 * 784 * 36)
    assert (two.cells, two.synapses) == (2 * 2 * 4 * 784, 2 * 2 * 784 * 36)


def test_commands(command, tmp_path):
    code, out, _ = command("compile", "--report")
    assert code == 0
    assert "Lower bounds of the 42 cycles per image" in out
    assert "circuit A        2           5   add_h   pool1" in out
    code, out, _ = command("compile", "--report", "--json", "--set", "arrays.lanes=2")
    assert code == 0
    assert '"cycles": 63' in out
    assert '"layer_order": null' in out
    code, out, _ = command("compile", "--fit", "--set", "arrays.lanes=1")
    assert code == 0
    assert "To use the cheapest: --set banks.planes=9" in out
    code, out, _ = command("compile", "--fit")
    assert out == "'mnist' fits the machine 'irmen': no key has to change\n"
    code, out, _ = command("compile", "--fit", "--json", "--set", "arrays.fan_in=1")
    assert '"arrays.fan_in": 2' in out


def test_fit_takes_one_network_alone(command):
    message = "error: --fit: got {} beside it; expected one network, and no report\n"
    assert command("compile", "--fit", "--report") == (2, "", message.format("--report"))
    tenants = ("--tenant", "a=mnist", "--tenant", "b=mnist")
    assert command("compile", "--fit", *tenants) == (2, "", message.format("--tenant"))


def test_reports_are_readable_at_80_columns(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for option in ("--report", "--fit"):
        _, out, _ = command("compile", option, "--set", "arrays.lanes=2", "--set", "banks.planes=3")
        assert max(map(len, out.splitlines()), default=0) <= 80, out


def test_a_refusal_says_what_would_do(command):
    code, out, err = command("compile", "--set", "arrays.lanes=1")
    assert (code, out) == (2, "")
    assert "the machine has banks.planes = 4: 9 would do; accelsim compile --fit says" in err


def test_pools_in_folds_are_measured(make_network):
    report = report_of(
        make_network([1, 8, 8], CONV | {"out": 4}, RELU, MAX2),
        load_machine("irmen", {"arrays.lanes": 2, "banks.planes": 8}),
    )
    assert {row.layer: row.folds for row in report.layers}["maxpool2"] == 2


def test_folds_of_maps_that_were_put_together(make_network, irmen):
    # The pool reads maps 0 and 1 of one relu and 2 and 3 of another, all in lanes 0 and 1: the two
    # instructions are two folds of its maps, and so are the handoffs.
    report = report_of(make_network([1, 4, 4], *BRANCHES), irmen)
    assert {row.layer: row.folds for row in report.layers} == {
        "input": 1, "conv0": 1, "relu1": 1, "conv2": 1, "relu3": 1, "avgpool5": 2, "output": 2,
    }  # fmt: skip


@pytest.mark.parametrize("circuits", [1, 2])
def test_steps_name_the_maps_of_their_layer(make_network, circuits):
    # Branches of 2 maps in 5 lanes and 3 maps of an add of both, through all that a layer does.
    network = make_network([1, 9, 9], *BRANCHES[:-1], MAX3, AVG2)
    machine = accelsim.load_machine("irmen", ROOM | {"circuits": circuits, "arrays.rows": 6})
    program = compile_network(network, machine)
    for op in {step.op for step in program.instructions if step.layer in ("maxpool5", "avg6")}:
        assert {step.first_map for step in program.instructions if step.op == op} >= {0, 2}, op
    holds(network, program, random_weights(network))


def test_spills_are_no_folds(make_network):
    # The one map of the input is spilled once and comes back twice, wherever the host keeps it.
    machine = accelsim.load_machine(
        "irmen", {"host.spill.cycles": 5, "host.spill.cell": "2 pJ", "arrays.lanes": 1,
                  "banks.planes": 1},
    )  # fmt: skip
    network = make_network([1, 4, 4], CONV | {"out": 3}, RELU)
    program = compile_network(network, machine)
    moved = tuple(
        replace(step, first_map=7) if step.op in ("spill", "fill") else step
        for step in program.instructions
    )
    rows = report_on(replace(program, instructions=moved), network, machine, None).layers
    assert [(row.layer, row.steps, row.folds) for row in rows] == [
        ("input", 4, 1), ("conv0", 3, 3), ("relu1", 3, 3), ("output", 3, 3),
    ]  # fmt: skip


AGAIN = {
    # Four tiles for each of 4 steps. Tiles of 5 and 3 rows load 6 and 4: (6 + 4)^2 - 8^2 cells.
    "loads": ([1, 8, 8], (TO_4, RELU), {"arrays.rows": 6, "arrays.cols": 6}, (12, 36)),
    # Tiles of 5 and 4 rows of conv2 read 6 + 5 of relu1, which read 7 + 6 of the input; 8 columns:
    # 4 x 8 of the input with a tap, 2 x 8 of 4 maps with 9 + 1 and of a relu with 1 + 1.
    "recomputed": (
        [1, 9, 8], (TO_4, RELU, CONV | {"out": 2}, RELU), {"arrays.rows": 7, "arrays.cols": 8},
        (6, 32 + 64 * 10 + 64 * 2),
    ),
    # A conv of stride 2 that reads across computes no cell twice, and so does not its input.
    "read across": (
        [1, 9, 9], (CONV | {"stride": 2}, RELU), {"arrays.rows": 5, "arrays.cols": 5}, (3, 0),
    ),
    # A 1x1 conv of stride 2 skips cells: its tiles do not load the last row and column.
    "fewer": (
        [1, 8, 8], (CONV | {"kernel": 1, "stride": 2}, RELU),
        {"arrays.rows": 6, "arrays.cols": 6}, (None, 0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", AGAIN)
def test_what_tiles_do_again(make_network, name):
    shape, layers, changes, (steps, tap_cycles) = AGAIN[name]
    report = report_of(make_network(shape, *layers), accelsim.load_machine("irmen", ROOM | changes))
    found = report.overheads[-1]
    assert found.what == "tiles, and cells computed again"
    assert found.tap_cycles == tap_cycles
    assert steps in (found.steps, None)
