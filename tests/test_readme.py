"""The README tells the truth: its code runs, its output is what the command prints."""

import contextlib
import io
import re
import sys

import pytest

from accelsim.cli import main

FEWER = {
    ("device", "characterize"): ["--samples", "64"],
    ("study", "load"): ["--images", "300", "--contexts", "1,3", "--loads", "0.5,0.9"],
    ("study", "power"): ["--images", "2", "--rates", "1/h,1MHz"],
    ("study", "energy"): ["--images", "20"],
    ("study", "accuracy"): ["--values", "1,2", "--clock", "1GHz"],
}


@pytest.fixture
def readme(repository):
    return (repository / "README.md").read_text()


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_python_code_runs(readme, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    (code,) = blocks(readme, "python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 6
    namespace = {}
    exec(code, namespace)  # noqa: S102
    result = namespace["result"]
    assert "42.0 99.72 pJ 98.00 %" in capsys.readouterr().out
    assert result.trace.num_rows == result.stats.records.value
    assert result.values.predicted.shape == (100,)


def test_printed_output(readme, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys, "argv", ["accelsim", "run"])
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as caught:
        main()
    assert not caught.value.code
    (printed,) = blocks(readme, "text")
    actual = [line.rstrip() for line in out.getvalue().splitlines()]
    assert actual == printed.splitlines()


@pytest.mark.usefixtures("few_cells")
def test_commands(readme, monkeypatch, tmp_path, repository):
    monkeypatch.chdir(tmp_path)
    for name, source in (("machine", "configs/irmen"), ("net", "workloads/mnist")):
        text = (repository / f"{source}.yaml").read_text()
        text = text.replace("mnist/", f"{repository}/workloads/mnist/")
        (tmp_path / f"my_{name}.yaml").write_text(text)
    # The same commands on fewer images and fewer simulated cells.
    (shell,) = (block for block in blocks(readme, "sh") if "accelsim compile" in block)
    for line in shell.splitlines():
        words = line.partition("#")[0].replace("--images 500", "--images 20").split()
        monkeypatch.setattr(sys, "argv", [*words, *FEWER.get(tuple(words[1:3]), [])])
        with contextlib.redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as caught:
            main()
        assert not caught.value.code, line


def test_ci_runs_the_test_command_of_the_readme(readme, repository):
    commands = [line for line in readme.splitlines() if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    assert commands[0].endswith("accelsim run")
    assert commands[1].endswith("pytest")
    assert "README.md" in (repository / ".ci" / "run").read_text()
