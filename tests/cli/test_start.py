"""What a command waits for before it does anything: modules that take long to import."""

import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {"bokeh", "distributed", "matplotlib", "networkx", "numba", "numpy", "optuna", "pyarrow",
        "pydantic", "scipy", "simpy"}  # fmt: skip
SCRIPT = """
import sys
from accelsim.cli import main
sys.argv = ["accelsim", *sys.argv[1:]]
try:
    main()
except SystemExit:
    print("loaded", *sys.modules)
"""


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (("--help",), set()),
        (("study", "--help"), {"pydantic"}),  # typer reads types with it
        (("sweep", "--help"), {"pydantic"}),
        (("validate", "configs/irmen.yaml"), {"numpy", "pydantic"}),
    ],
)
def test_what_a_command_loads(arguments, allowed, repository):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        capture_output=True, text=True, check=True, cwd=repository,
    )  # fmt: skip
    *_, last = done.stdout.splitlines()
    assert last.startswith("loaded")
    assert SLOW & set(last.split()) <= allowed


def test_every_name_of_the_package_of_runs_is_there():
    import accelsim.runs  # noqa: PLC0415

    for name in accelsim.runs.__all__:
        assert getattr(accelsim.runs, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = accelsim.runs.nothing


def test_no_name_of_the_package_is_one_of_its_modules():
    """A module that is imported later would take the place of the name."""
    import accelsim.runs  # noqa: PLC0415

    modules = {path.stem for path in Path(accelsim.runs.__file__).parent.glob("*.py")}
    assert not modules & set(accelsim.runs.__all__)
