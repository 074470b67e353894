"""The command as a user meets it, in an empty directory."""

import sys

import pytest

from accelsim.cli import main


@pytest.fixture
def accelsim_command(monkeypatch, capfd, tmp_path):
    """Run the command in an empty directory; return exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["accelsim", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capfd.readouterr()
        return caught.value.code or 0, out, err

    return run
