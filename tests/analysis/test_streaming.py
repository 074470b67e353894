"""Figures of columns that are read in pieces, against NumPy on whole columns."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accelsim
from accelsim.analysis.flow import area, changes, lengths
from accelsim.analysis.load import load_of
from accelsim.analysis.steady import steady_interval, steady_interval_of
from accelsim.analysis.streaming import GROUP, ranked, sums_between, warm_up
from accelsim.analysis.times import Times
from accelsim.arrivals import Arrivals
from accelsim.energy import images

COLUMN = st.lists(st.integers(0, 2**40), min_size=1, max_size=80)
SIZE = st.integers(1, 20)


def pieces(*columns, size):
    """Return a reader of columns, so many rows at a time."""

    def read():
        for start in range(0, len(columns[0]), size):
            found = tuple(np.array(column)[start : start + size] for column in columns)
            yield found if len(found) > 1 else found[0]

    return read


@given(COLUMN, SIZE, st.data())
@settings(max_examples=60, deadline=None)
def test_ranks_and_sums(values, size, data):
    read = pieces(values, size=size)
    ranks = data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1, max_size=3))
    assert ranked(read, ranks) == [sorted(values)[rank] for rank in ranks]
    edges = sorted(data.draw(st.lists(st.integers(0, len(values)), min_size=2, max_size=5)))
    sums = [sum(values[a:b]) for a, b in pairwise(edges)]
    assert sums_between(read, edges) == sums


def mser(values):
    """Return the warm-up of MSER-5 by its definition: floats are summed from the end."""
    groups = values[: len(values) // GROUP * GROUP].reshape(-1, GROUP).mean(axis=1)
    if len(groups) < 2:
        return 0
    rest = np.arange(len(groups), 0, -1)
    total, squares = np.cumsum(groups[::-1])[::-1], np.cumsum(groups[::-1] ** 2)[::-1]
    spread = np.maximum(squares - total**2 / rest, 0) / rest**2
    return int(spread[: len(groups) // 2 + 1].argmin()) * GROUP


@given(COLUMN, SIZE)
@settings(max_examples=60, deadline=None)
def test_the_warm_up(values, size):
    assert warm_up(pieces(values, size=size)) == mser(np.array(values))


def test_a_warm_up_that_begins_anywhere():
    chance = np.random.default_rng(3)
    for _ in range(40):
        values = chance.integers(900, 1100, 300)
        values[: chance.integers(0, 200)] += 5000
        assert warm_up(pieces(values, size=int(chance.integers(1, 70)))) == mser(values)
    # Where all are the same, the first is taken.
    assert warm_up(pieces([7] * 100, size=9)) == 0


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), min_size=1, max_size=50), SIZE)
@settings(max_examples=80, deadline=None)
def test_numbers_between_points(images_, size):
    entered = np.array([begin for begin, _ in images_])
    left = entered + [stay for _, stay in images_]
    read = pieces(entered, left, size=size)
    whole = lengths(entered, left)
    found = list(changes(read))
    assert np.concatenate([times for times, _ in found]).tolist() == whole[0].tolist()
    assert np.concatenate([numbers for _, numbers in found]).tolist() == whole[1].tolist()
    assert area(read) == (int((left - entered).sum()), int(whole[1].max()))


@given(st.lists(st.integers(0, 9), min_size=2, max_size=60), st.integers(1, 3), SIZE)
@settings(max_examples=60, deadline=None)
def test_the_steady_interval_in_pieces(gaps, contexts, size):
    arrived = np.cumsum(gaps)
    done = np.zeros(len(gaps), np.int64)
    admitted = arrived.copy()
    for number in range(len(gaps)):
        if number >= contexts:
            admitted[number] = max(arrived[number], done[number - contexts])
        done[number] = admitted[number] + 10
    columns = arrived, admitted, done
    assert steady_interval_of(pieces(*columns, size=size)) == steady_interval(*columns)


@pytest.mark.parametrize("size", [3, 1000])
def test_images_in_pieces(monkeypatch, size):
    monkeypatch.setattr(images, "PIECE", size)
    chance = np.random.default_rng(size)
    kept = images.PerImage(["least", "most", "sum"])
    least, most, total = np.full(60, images.NEVER), np.zeros(60, int), np.zeros(60, int)
    for _ in range(200):
        # In order by and large; some come late, images 10 to 14 never.
        near = np.unique(chance.integers(0, 60, 3))
        near = near[(near < 10) | (near > 14)]
        values = chance.integers(1, 100, len(near))
        kept.add(near, np.stack([values, values, values]))
        least[near], most[near] = np.minimum(least[near], values), np.maximum(most[near], values)
        total[near] += values
    found = list(kept.pieces())
    numbers = np.concatenate([number for number, _ in found])
    columns = np.concatenate([column for _, column in found], axis=1)
    assert (np.diff(numbers) > 0).all()
    seen = columns[2] > 0
    assert numbers[seen].tolist() == np.flatnonzero(total).tolist()
    for column, expected in zip(columns, (least, most, total), strict=True):
        assert column[seen].tolist() == expected[total > 0].tolist()
    assert len(found) > 2 or size == 1000
    assert images.ImageColumn(kept, 2).sum() == total.sum()
    assert (images.ImageColumn(kept, 2) - total[: numbers[-1] + 1] == 0).all()


@pytest.mark.parametrize("contexts", [1, 2])
def test_a_run_in_pieces_has_the_figures_of_a_run_in_one(make_network, monkeypatch, contexts):
    machine = accelsim.load_machine("irmen", {"sequencer.contexts": contexts})
    network = make_network([1, 4, 4], {"op": "conv", "out": 1, "kernel": 3}, {"op": "relu"})
    poisson = np.cumsum(np.random.default_rng(2).exponential(14_000, 400).astype(np.int64))
    for given_ in (Arrivals(poisson, None, np.full(400, 30_000)), Arrivals(np.arange(400) * 9000),
                   range(7, 300)):  # fmt: skip
        whole = accelsim.simulate(machine, network, given_, trace=None)
        monkeypatch.setattr(images, "PIECE", 16)
        parts = accelsim.simulate(machine, network, given_, trace=None)
        assert len(list(parts.times.pieces())) > 10
        assert parts.stats.to_dict() == whole.stats.to_dict()
        assert (np.asarray(parts.ledger.image_aJ) == np.asarray(whole.ledger.image_aJ)).all()
        assert (parts.times.done_ps == whole.times.done_ps).all()
        monkeypatch.undo()


def test_images_that_are_not_numbered_as_they_arrive():
    zero = np.zeros(3, np.int64)
    done = np.array([10, 40, 60])
    one = load_of(Times(np.arange(3), np.array([0, 20, 30]), zero, done, zero, zero))
    other = [2, 0, 1]
    times = Times(np.arange(3), np.array([0, 20, 30])[other], zero, done[other], zero, zero)
    assert load_of(times, np.array([30, -1, 20])).missed == 0
    assert load_of(times, np.array([29, 10, 20])).missed == 1
    assert load_of(times).percentiles == one.percentiles
