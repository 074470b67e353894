"""A fast-forward leaves what the run event by event leaves, byte for byte."""

import pytest

from tests.forward.cases import make, run


@pytest.mark.parametrize("seed", range(30))
def test_the_same_bytes(seed):
    case = make(seed)
    one, other = run(case, fast_forward=True), run(case, fast_forward=False)
    assert one.plain == other.plain, case.shown
    assert one.trace == other.trace, case.shown
    assert other.skipped == 0
