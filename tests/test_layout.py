"""The layout holds: import directions, top level, size of files."""

import configparser
import subprocess
import sys

import pytest


def test_imports_run_one_way(repository):
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "5 kept, 0 broken" in done.stdout


def test_top_level_is_as_fixed(repository):
    fixed = {"setup.cfg", "accelsim", "workloads", "configs", "tests", "traces"}
    allowed = fixed | {
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "LICENSE",
        "pyproject.toml",
        "docs",
        "benchmarks",
    }
    tracked = subprocess.run(
        ["git", "ls-files"],  # noqa: S607
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout")
    top = {path.split("/")[0] for path in tracked if not path.startswith(".")}
    assert fixed <= top <= allowed


def test_files_stay_small(repository):
    for path in (repository / "accelsim").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 350, path


def test_the_names_of_the_package_are_loaded_when_used():
    import accelsim  # noqa: PLC0415

    for name in accelsim.__all__:
        assert getattr(accelsim, name) is not None
        assert name in dir(accelsim)
    with pytest.raises(AttributeError, match="module 'accelsim' has no attribute 'simulat'"):
        accelsim.simulat  # noqa: B018


def test_every_package_is_installed(repository):
    setup = configparser.ConfigParser()
    setup.read(repository / "setup.cfg")
    declared = set(setup["options"]["packages"].split())
    folders = {path.parent for path in (repository / "accelsim").rglob("__init__.py")}
    found = {".".join(path.relative_to(repository).parts) for path in folders}
    assert declared == found | {"accelsim.configs", "accelsim.workloads"}
