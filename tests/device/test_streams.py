"""Random streams: the published generator, normal numbers, independence."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from accelsim.device.streams import FIELD_BITS, field_draws, normal_pairs, seed_streams

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


def test_field_draws_by_hand():
    streams = seed_streams(7, 0, 128)
    states = [[int(word) for word in column] for column in streams.T]
    out = np.zeros((3, 128), np.float32)
    field_draws(streams, out)
    for magnet, state in enumerate(states):
        (draw,) = by_hand(state, 1)
        assert [int(word) for word in streams[:, magnet]] == state
        fields = (draw >> 22, draw >> 12 & 1023, draw >> 2 & 1023)
        # Signed, and in the middle between two multiples of 1/512.
        signed = np.array([f - 1024 if f >= 512 else f for f in fields])
        u = (signed + 0.5) / 512
        np.testing.assert_allclose(out[:, magnet], 0.6078286 * u + 1.7686012 * u**3, atol=1e-6)


def test_field_draws_have_the_moments_of_normal_numbers_up_to_the_fifth():
    # All 1024 values, each as likely as any other: exact.
    u = (np.arange(-512, 512) + 0.5) / 512
    x = 0.607828592534 * u + 1.768601228011 * u**3
    moments = [float((x**k).mean()) for k in range(7)]
    assert moments[:6] == pytest.approx([1, 0, 1, 0, 3, 0], abs=1e-9)
    assert moments[6] == pytest.approx(11.5, abs=0.1)
    assert FIELD_BITS == 10
    assert (np.diff(x) > 0).all()


def test_field_draws_are_independent():
    streams = seed_streams(12, 0, 1024)
    x = np.empty((400, 3, 1024), np.float32)
    for out in x:
        field_draws(streams, out)
    x = x.astype(float)
    assert abs(x.mean()) < 4 / math.sqrt(x.size)
    assert abs((x**2).mean() - 1) < 4 * math.sqrt(2 / x.size)
    assert abs((x**4).mean() - 3) < 4 * math.sqrt((49.4 - 9) / x.size)
    for a, b in (
        (x[:, 0], x[:, 1]),
        (x[:, 0], x[:, 2]),
        (x[:, 1], x[:, 2]),
        (x[1:], x[:-1]),
        (x[1:, 0], x[:-1, 2]),
        (x[2:], x[:-2]),
        (x[..., 1:], x[..., :-1]),
    ):
        assert abs((a * b).mean()) < 4 / math.sqrt(a.size)
        # Not through their sizes either; a square has variance 2.
        assert abs(((a * a - 1) * (b * b - 1)).mean()) < 4 * 2 / math.sqrt(a.size)


def test_sums_of_field_draws_are_normal():
    # What a magnet sees: sums over many steps. Kolmogorov's distance of 8192 sums of 64.
    streams = seed_streams(13, 0, 8192)
    total = np.zeros((3, 8192))
    out = np.empty((3, 8192), np.float32)
    for _ in range(64):
        field_draws(streams, out)
        total += out
    cumulative = np.array([NormalDist().cdf(x) for x in np.sort(total.ravel() / 8)])
    rank = (np.arange(total.size) + 0.5) / total.size
    assert abs(cumulative - rank).max() < 1.95 / math.sqrt(total.size)  # once in 1000


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
