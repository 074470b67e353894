"""The pytest plugin as its users meet it, in a pytest of its own."""

import re
import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

UPDATE = "--accelsim-update-golden"


@pytest.fixture
def documented(repository) -> str:
    """Return the test that docs/golden.md shows."""
    text = (repository / "docs" / "golden.md").read_text()
    return re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]


@pytest.fixture
def project(pytester, documented):
    pytester.makepyfile(test_my_machine=documented)
    return pytester


def test_the_documented_example(project, repository):
    project.runpytest_inprocess().assert_outcomes(failed=1)
    written = project.runpytest_inprocess(UPDATE)
    written.assert_outcomes(passed=1)
    written.stdout.fnmatch_lines(["accelsim: golden trace written: golden/my-machine.csv"])
    golden = project.path / "golden" / "my-machine.csv"
    head = golden.read_text().splitlines()[:4]
    assert "\n".join(head) in (repository / "docs" / "golden.md").read_text()
    project.runpytest_inprocess().assert_outcomes(passed=1)
    # What still holds is left as it is, whatever its header says.
    golden.write_text("# checked by me\n" + golden.read_text())
    again = project.runpytest_inprocess(UPDATE)
    again.assert_outcomes(passed=1)
    assert "written" not in again.stdout.str()
    assert golden.read_text().startswith("# checked by me\n")


def test_a_failure_says_what_the_documentation_shows(project, documented, repository):
    project.runpytest_inprocess(UPDATE).assert_outcomes(passed=1)
    project.makepyfile(test_my_machine=documented.replace('_cycles": 3', '_cycles": 2'))
    failed = project.runpytest_inprocess()
    failed.assert_outcomes(failed=1)
    shown = failed.stdout.str().replace("\nE       ", "\n")
    text = (repository / "docs" / "golden.md").read_text()
    example = re.search(r"```text\n(this run differs.*?)```", text, re.DOTALL)[1]
    assert example.strip() in shown
    assert "latency: 56 ns -> 42 ns" in shown
    assert "actions, clock_cycle: 112 -> 84" in shown
    assert "(if this is meant: pytest --accelsim-update-golden)" in shown
    # Short: the line of the test and what differs, not the inside of the plugin.
    assert "_difference" not in shown
    # With CI set, pytest cuts no lines off; two of the three parts are its own.
    assert len(shown.splitlines()) < 65


def test_a_golden_trace_that_cannot_be_aligned_is_written_anew(project, documented):
    project.runpytest_inprocess(UPDATE).assert_outcomes(passed=1)
    project.makepyfile(
        test_my_machine=documented.replace('"timing.write_cycles": 3', '"circuits": 1')
    )
    failed = project.runpytest_inprocess()
    failed.assert_outcomes(failed=1)
    failed.stdout.fnmatch_lines(["*cannot be aligned: their programs differ: step 3 of image 0*"])
    project.runpytest_inprocess(UPDATE).assert_outcomes(passed=1)
    project.runpytest_inprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("golden", "text", "message"),
    [
        ("golden/x.csv", None, "*golden/x.csv: no such golden trace*"),
        ("golden/x.parquet", None, "*golden/x.parquet: a golden trace is a .csv file*"),
        ("x.csv", "id,foo\n", "*x.csv:1: expected the header id,t_start_ps*"),
    ],
)
def test_a_golden_trace_that_cannot_be_used(project, documented, golden, text, message):
    project.makepyfile(test_my_machine=documented.replace("golden/my-machine.csv", golden))
    if text:
        (project.path / golden).write_text(text)
    failed = project.runpytest_inprocess()
    failed.assert_outcomes(failed=1)
    failed.stdout.fnmatch_lines([message])


def test_what_is_no_trace_is_told(project, documented):
    project.makepyfile(
        test_my_machine=documented.replace("check(result,", 'check("nowhere",'),
    )
    failed = project.runpytest_inprocess()
    failed.assert_outcomes(failed=1)
    failed.stdout.fnmatch_lines(["*nowhere: no such file; expected a run directory or a trace*"])


def test_the_plugin_is_light():
    script = (
        "import sys, accelsim, accelsim.pytest_plugin; "
        "heavy = {'numba', 'pyarrow', 'numpy', 'simpy', 'pydantic', 'networkx'} & {*sys.modules}; "
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
