"""Intervals between images: exact for a stream that repeats."""

import numpy as np
import pytest

from accelsim.analysis import Times


def times(done):
    done = np.array(done, np.int64)
    zeros = np.zeros_like(done)
    return Times(np.arange(len(done)), zeros, done, zeros)


@pytest.mark.parametrize(
    ("done", "interval"),
    [
        ([42], None),
        ([42, 84], None),
        ([42, 84, 126], 42),
        # Bursts of three every 42: 14 on average, wherever the run ends.
        ([42, 43, 44, 84, 85, 86, 126, 127, 128, 168, 169, 170, 210, 211, 212, 252], 14),
        # A start that does not belong to the pattern is not counted.
        ([5, 50, 60, 70, 80, 90, 100, 110], 10),
        # Nothing repeats, or there is too little to see it: the mean, (102 - 0) / 6.
        ([0, 1, 12, 40, 55, 77, 102], 17),
        ([42, 43, 126], 42),
    ],
)
def test_interval(done, interval):
    assert times(done).interval_ps == interval


def test_order_of_images_does_not_matter():
    assert times([126, 42, 84]).interval_ps == 42
    assert times([126, 42, 84]).makespan_ps == 126
