"""What users call is described in numpy style, and the examples in it run."""

import doctest
import inspect

import pytest

import accelsim

CALLED = [name for name in accelsim.__all__ if inspect.isroutine(getattr(accelsim, name))]


@pytest.mark.parametrize("name", CALLED)
def test_a_function_says_what_it_takes_returns_and_raises(name):
    function = getattr(accelsim, name)
    text = inspect.getdoc(function)
    for heading in ("Parameters", "Returns", "Raises", "Examples"):
        assert f"{heading}\n{'-' * len(heading)}\n" in text, heading
    lines = text.partition("Parameters\n")[2].partition("Returns\n")[0].splitlines()
    parameters = {name.lstrip("*") for line in lines for name in line.split(", ")}
    for parameter in inspect.signature(function).parameters:
        assert parameter in parameters


@pytest.mark.parametrize("name", CALLED)
def test_the_examples_run(name):
    function = getattr(accelsim, name)
    (test,) = doctest.DocTestFinder(recurse=False).find(function, name, globs={})
    assert test.examples
    out = []
    failed, _ = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=out.append)
    assert not failed, "".join(out)
