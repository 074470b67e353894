"""A few kills of runs; `python -m tests.kill` kills more, and other commands."""

import random

import accelsim
from tests.kill.harness import JOBS, duration, kill, moments


def test_a_killed_run_keeps_what_it_should(tmp_path, irmen, mnist):
    accelsim.simulate(irmen, mnist, 1, outdir=tmp_path / "run")
    longest = duration(JOBS["replace"], tmp_path / "run", tmp_path / "whole")
    for number, after in enumerate(moments(random.Random(1), longest, 2)):
        assert kill(JOBS["replace"], tmp_path / "run", tmp_path / str(number), after) == ""


def test_a_killed_run_is_resumed_from_its_last_checkpoint(tmp_path):
    longest = duration(JOBS["resume"], tmp_path / "run", tmp_path / "whole")
    assert kill(JOBS["resume"], tmp_path / "run", tmp_path / "killed", 0.9 * longest) == ""
