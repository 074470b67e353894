"""What users call is described in numpy style, whichever package it is in."""

import doctest
import inspect
import re

import pytest

import accelsim
from accelsim.compiler import lower

CALLED = [name for name in accelsim.__all__ if inspect.isroutine(getattr(accelsim, name))]


@pytest.mark.parametrize("name", CALLED)
def test_a_function_says_what_it_takes_returns_and_raises(name):
    function = getattr(accelsim, name)
    text = inspect.getdoc(function)
    for heading in ("Parameters", "Returns", "Raises"):
        assert f"{heading}\n{'-' * len(heading)}\n" in text, heading
    section = text.partition("Parameters\n")[2].partition("Returns\n")[0]
    named = set(re.findall(r"\w+", " ".join(re.findall(r"^\S.*$", section, re.MULTILINE))))
    assert set(inspect.signature(function).parameters) <= named


def test_the_example_of_the_compiler_runs():
    (test,) = doctest.DocTestFinder(recurse=False).find(lower.compile_network, globs={})
    assert test.examples
    out = []
    failed, _ = doctest.DocTestRunner().run(test, out=out.append)
    assert not failed, "".join(out)
