"""Random streams: the published generator, normal numbers, independence."""

import math

import numpy as np

from accelsim.device.streams import normal_pairs, seed_streams

MASK = 2**32 - 1


def by_hand(state: list[int], count: int) -> list[int]:
    """xoshiro128+ in Python's integers."""
    draws = []
    for _ in range(count):
        draws.append((state[0] + state[3]) & MASK)
        shifted = state[1] << 9 & MASK
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = (state[3] << 11 | state[3] >> 21) & MASK
    return draws


def test_generator_and_normals_by_hand():
    streams = seed_streams(7, 0, 128)
    states = [[int(word) for word in column] for column in streams.T]
    out = np.zeros((2, 128), np.float32)
    normal_pairs(streams, out)
    for magnet, state in enumerate(states):
        first, second = by_hand(state, 2)
        assert [int(word) for word in streams[:, magnet]] == state
        radius = math.sqrt(-2 * math.log(((first >> 8) + 0.5) / 2**24))
        angle = (second if second < 2**31 else second - 2**32) / 2**31 * math.pi
        # Single precision: 24 bits of a number of size 5, and an angle of 24 bits.
        expected = (radius * math.cos(angle), radius * math.sin(angle))
        np.testing.assert_allclose(out[:, magnet], expected, atol=3e-6)


def test_a_stream_depends_on_seed_and_number_alone():
    whole = seed_streams(3, 0, 1000)
    np.testing.assert_array_equal(whole[:, 700:710], seed_streams(3, 700, 10))
    assert len(np.unique(whole, axis=1).T) == 1000
    assert not (whole == seed_streams(4, 0, 1000)).any(axis=1).all()


def test_moments_of_the_normals():
    streams = seed_streams(11, 0, 1024)
    drawn = np.empty((200, 6, 1024), np.float32)
    for out in drawn:
        normal_pairs(streams, out)
    x = drawn.astype(float)
    n = x.size  # 1.2 million: standard errors 0.0009, 0.0013, 0.0022, 0.0044
    assert abs(x.mean()) < 4 / math.sqrt(n)
    assert abs(x.var() - 1) < 4 * math.sqrt(2 / n)
    assert abs((x**3).mean()) < 4 * math.sqrt(15 / n)
    assert abs((x**4).mean() - 3) < 4 * math.sqrt(96 / n)
    # Independent on each axis, from step to step and from magnet to magnet.
    for a, b in (
        (x[:, 0], x[:, 1]),
        (x[:, 1], x[:, 2]),
        (x[1:, 0], x[:-1, 5]),
        (x[..., 1:], x[..., :-1]),
    ):
        assert abs((a * b).mean()) < 4 / math.sqrt(a.size)
