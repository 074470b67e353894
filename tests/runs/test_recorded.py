"""A run directory opens to what the run had, or says what is wrong with it."""

import json
from pathlib import Path

import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.runs import open_run


@pytest.fixture
def outdir(tmp_path: Path) -> Path:
    return tmp_path / "run"


def test_a_run_opens_to_what_it_ran(outdir: Path) -> None:
    machine = accelsim.load_machine("irmen", {"timing.write_cycles": 3})
    result = accelsim.simulate(machine, accelsim.load_network("mnist"), 2, outdir=outdir)
    run = open_run(outdir)
    assert run.machine == machine
    assert run.program == result.program
    assert run.stats["latency"] == {"value": 56_000, "unit": "ps"}
    assert run.trace.table() == result.trace
    assert run.name == "irmen, mnist"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda run: (run / "program.json").unlink(), "missing program.json"),
        (lambda run: (run / "stats.json").write_text("{}"), "stats.json: changed since the run"),
        (lambda run: (run / "manifest.json").write_text("{"), "manifest.json: damaged"),
        (
            lambda run: (run / "manifest.json").write_text("{}"),
            "manifest.json: damaged: accelsim: Field required$",
        ),
    ],
)
def test_a_damaged_run_is_refused(outdir: Path, damage: object, message: str) -> None:
    accelsim.simulate(accelsim.load_machine(), accelsim.load_network("mnist"), 1, outdir=outdir)
    assert callable(damage)
    damage(outdir)
    with pytest.raises(InputError, match=message):
        open_run(outdir)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder; expected the folder of a run"):
        open_run(tmp_path / "none")


def test_a_program_of_another_shape_is_refused(outdir: Path, tmp_path: Path) -> None:
    from accelsim.compiler import read_program  # noqa: PLC0415

    path = tmp_path / "program.json"
    path.write_text(json.dumps({"network": "x"}))
    with pytest.raises(InputError, match=r"not a program of accelsim: input: Field required"):
        read_program(path)
    assert not outdir.exists()


def test_a_truth_value_is_no_number_of_a_program(tmp_path: Path) -> None:
    from accelsim.compiler import read_program  # noqa: PLC0415

    accelsim.simulate(
        accelsim.load_machine(), accelsim.load_network("mnist"), 1, outdir=tmp_path / "run"
    )
    path = tmp_path / "run" / "program.json"
    program = json.loads(path.read_text())
    program["instructions"][1]["rows"] = True
    path.write_text(json.dumps(program))
    message = r"not a program of accelsim: instructions\.1\.rows: Input should be a valid integer$"
    with pytest.raises(InputError, match=message):
        read_program(path)
