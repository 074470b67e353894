"""Two RCs in a row against the two nodes stepped in time, noise and all."""

import numpy as np
import pytest

from accelsim.device.rcs import Pair

CELLS, STEPS = 10_000, 250


def nodes(first, second, time, source, kept):
    """Step both nodes for a time from 0; return the second one, over a constant's share.

    source: white noise that begins with the read; kept: Johnson noise that is there before. Each
    as the deviation that the first node has of it after a long time.
    """
    random, dt = np.random.default_rng(1), time / STEPS
    decay, follow = np.exp(-dt / first), np.exp(-dt / second)
    fresh = np.sqrt(1 - decay**2)
    node, out, rising, share = kept * random.normal(size=CELLS), np.zeros(CELLS), 0.0, 0.0
    for _ in range(STEPS):
        before, low = node, rising
        node = decay * node + np.hypot(source, kept) * fresh * random.normal(size=CELLS)
        rising = decay * rising + 1 - decay
        out = follow * out + (1 - follow) * (before + node) / 2
        share = follow * share + (1 - follow) * (low + rising) / 2
    return out / share


@pytest.mark.parametrize(
    ("first", "second", "time"),
    [(0.2513, 0.05, 1.0), (0.2513, 0.05, 0.2), (0.1, 0.1, 0.5), (0.05, 0.2, 0.4)],
)
def test_noise_behind_both_is_that_of_the_nodes(first, second, time):
    pair = Pair.of(first, second)
    # Deviations of 10,000 numbers are known to 0.7 %, of steps this fine to 0.3 %.
    new = nodes(first, second, time, 1.0, 0.0).std()
    assert pair.of_new_noise(time) == pytest.approx(new, rel=0.021 + 0.003)
    kept = nodes(first, second, time, 0.0, 1.0).std()
    assert pair.of_kept_noise(time) == pytest.approx(kept, rel=0.021 + 0.003)


def test_shares_of_the_default_cell(device):
    # After a long time both are sqrt(RC / (RC + R_w C)): 0.2513 and 0.05 ns.
    assert device.rcs.of_kept_noise(1e-6) == pytest.approx(0.9133, abs=1e-4)
    assert device.rcs.of_new_noise(1e-6) == pytest.approx(0.9133, abs=1e-4)
    # After 1 ns 0.9767 of the signal is there, and the gain makes up for the rest.
    assert device.rcs.followed(1e-9) == pytest.approx(0.9767, abs=1e-4)
    assert device.rcs.of_kept_noise(1e-9) == pytest.approx(0.9133 / 0.9767, abs=1e-4)
    assert device.rcs.of_new_noise(1e-9) == pytest.approx(0.9133 / 0.9767, abs=1e-3)


def test_two_that_are_the_same_are_the_limit():
    # 1 - (1 + t/RC) exp(-t/RC).
    assert Pair.of(0.1, 0.1).followed(0.1) == pytest.approx(1 - 2 / np.e, abs=1e-4)
