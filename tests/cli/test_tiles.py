"""What people see of tiles: the program, the ways of their edges, explanations and pictures."""

from dataclasses import dataclass

import numpy as np
import pytest

import accelsim
from accelsim.compiler import tiles_of
from accelsim.records import CodedTexts
from accelsim.runs import open_run
from accelsim.timeline.detail import by_tile
from tests.conftest import CONV, RELU

# Two convs of 8 maps on arrays of 6 x 6: tests/compiler/test_tiles.py derives the program.
NETWORK = """\
name: tiled
input: [1, 12, 12]
layers:
- {name: conv1, op: conv, out: 8, kernel: 3}
- {name: relu1, op: relu}
- {name: conv2, op: conv, out: 8, kernel: 3}
- {name: relu2, op: relu}
"""
SIX = ("--set", "arrays.rows=6", "--set", "arrays.cols=6", "--set", "banks.planes=16")


@pytest.fixture
def tiled(tmp_path):
    (tmp_path / "net.yaml").write_text(NETWORK)
    return "-w", "net.yaml", *SIX


def test_compile_says_which_edges_are_had_how_and_what_tiles_cost(command, tiled, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = command("compile", *tiled)
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    rows = [line.split() for line in out.split("Tiles of maps larger than 6 x 6")[1].splitlines()]
    assert ["input", "1x12x12", "2x2", "read", "4", "+3", "144", "+0", "1.473", "+1.050"] in rows
    # conv1 2 x 4 and relu1 4 steps instead of 1 and 1, and 5 exchanges; 1152 cells each of conv1
    # twice and of relu1, 4 x 288 + 192 of exchanges; whole 1152 and 1152.
    (relu1,) = (row for row in rows if row[:1] == ["conv1,"])
    assert relu1[1:8] == ["8x12x12", "2x2", "exchanged", "17", "+15", "4,800", "+2,496"]
    # conv2 9 x 3 and relu2 9 steps instead of 3 and 1; 4 x 1152 cells, no more than whole.
    (relu2,) = (row for row in rows if row[:1] == ["conv2,"])
    assert relu2[1:8] == ["8x12x12", "3x3", "read", "36", "+32", "4,608", "+0"]
    # 65 steps, of 7 whole: load, conv1, relu1, 3 of conv2, relu2, handoff are 8.
    (total,) = (row for row in rows if row[:1] == ["all"])
    assert total[1:3] == ["65", "+57"]
    # The tile is below its layer, in the column of layers.
    assert " @4,4 " in out


def test_maps_that_fit_have_no_such_table(command):
    code, out, _ = command("compile")
    assert (code, "Tiles" in out) == (0, False)


def test_pixels_that_are_loaded_again_and_cells_that_are_recomputed(make_network):
    # Tiles of 5 and 3 rows need 6 and 4 of relu1, which needs as many of the input: 100 cells.
    network = make_network([1, 8, 8], CONV | {"kernel": 1}, RELU, CONV, RELU)
    changes = {"arrays.rows": 6, "arrays.cols": 6}
    rows = tiles_of(network, accelsim.load_machine("irmen", changes))
    assert [each.edges for each in rows] == [("loaded again",), ("recomputed",), (), ()]
    # 36 more than 64 of the input, of conv0 and of relu1; 4 tiles for one.
    assert [each.over.cells for each in rows] == [36, 72, 0, 0]
    assert [each.over.steps for each in rows] == [3, 6, 6, 3]


def test_what_a_run_says_of_tiles(command, tiled, tmp_path):
    code, _, _ = command("run", *tiled, "--images", "1", "--outdir", "out")
    assert code == 0
    code, out, _ = command("explain", "out", "energy", "--full")
    assert code == 0
    assert "relu1 @6,6" in out
    run = open_run(tmp_path / "out")
    steps = run.program.instructions
    assert run.layer_of(1, "input") == "input @0,0"
    assert run.layer_of(len(steps), "output") == steps[-1].of_tile == "output @6,6"
    assert [run.layer_of(*other) for other in ((1, "conv1"), (None, "conv1"), (99, "input"))] == [
        "conv1", "conv1", "input",
    ]  # fmt: skip
    code, _, _ = command("timeline", "out", "--format", "svg", "--to", "9 ns")
    assert code == 0
    assert "input @0,6" in next((tmp_path / "out").glob("*.svg")).read_text()


def test_records_of_tenants_have_the_tiles_of_their_own_programs(make_network):
    @dataclass(frozen=True)
    class Detail:
        image: np.ndarray
        step: np.ndarray
        layer: CodedTexts

    machine = accelsim.load_machine("irmen", {"arrays.rows": 6, "arrays.cols": 6})
    programs = [
        accelsim.compile_network(make_network([1, size, size], CONV, RELU), machine)
        for size in (6, 8)
    ]
    # Image 0 is of the network that fits, image 1 of the other; a record of no image stays.
    layers = CodedTexts(np.array([0, 0, 1]), ["input", "idle"])
    detail = Detail(np.array([0, 1, -1]), np.array([1, 2, 0]), layers)
    named = by_tile(detail, programs, np.array([0, 1])).layer.read()
    assert named == ("input", "input @0,4", "idle")
