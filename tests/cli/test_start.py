"""What a command waits for before it does anything: modules that take long to import."""

import subprocess
import sys
from importlib import import_module
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
        (("show", "arrays.lanes"), {"numpy", "pydantic"}),
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


LAZY = ("accelsim", *(f"accelsim.{name}" for name in ("arrivals", "device", "network", "runs")))


@pytest.mark.parametrize("name", LAZY)
def test_every_name_of_a_package_is_there(name):
    package = import_module(name)
    assert {*package.__all__} <= {*dir(package)}
    for each in package.__all__:
        assert getattr(package, each) is not None
    with pytest.raises(AttributeError, match=f"^module '{name}' has no attribute 'nothing'$"):
        _ = package.nothing


@pytest.mark.parametrize("name", LAZY)
def test_no_name_of_a_package_is_one_of_its_modules(name):
    """A module that is imported later would take the place of the name."""
    package = import_module(name)
    modules = {path.stem for path in Path(package.__file__).parent.glob("*.py")}
    assert not modules & {*package.__all__}
