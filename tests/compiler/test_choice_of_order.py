"""Whether another order than the given one is looked for, and in how many planes: by hand."""

from accelsim.compiler.dependencies import dependencies
from accelsim.compiler.ordering import as_given, ordered
from accelsim.compiler.scheduler import order_of_few_planes
from accelsim.topology import Place
from tests.compiler.uses import FREE, PACE, Steps

A, B = Place.A, Place.B


def stalled(others):
    """Return steps that lose 2 cycles; `others` of them depend on nothing.

    load@0, two others @1,2, conv@3, relu@6, all others from 7 on, and the handoff after them.
    """
    steps = Steps(A, B, A)
    load, conv, relu = steps.use(to=0), steps.use(0, to=1), steps.use(1, to=2)
    return steps.work(load, FREE, FREE, conv, relu, *[FREE] * (others - 2), steps.use(2))


def test_what_is_in_reach_is_looked_for():
    # 102 others: the handoff is issued at 7 + 100 and stored at 110. No slot idle: 106 steps, 108.
    assert as_given(stalled(102), PACE).cycles == 110
    assert ordered(stalled(102), PACE, 4).cycles == 108


def test_what_is_not_worth_it_is_left():
    # A share of 1 in 1000: 2 of 2000 cycles are left, 2 of 1998 are taken.
    assert as_given(stalled(1992), PACE).cycles == 2000
    assert ordered(stalled(1992), PACE, 4).cycles == 2000
    assert ordered(stalled(1990), PACE, 4).cycles == 1998 - 2


def two_chains():
    """Return two chains, one after the other: each fills a plane of B, which is handed off."""
    steps = Steps(A, B, B)
    convs, handoffs = [steps.use(0, to=n) for n in (1, 2)], [steps.use(n) for n in (1, 2)]
    return steps.work(steps.use(to=0), convs[0], handoffs[0], convs[1], handoffs[1], FREE)


def test_planes_that_are_spared_are_not_taken():
    # As given, in one plane of B: load@0 conv@3 handoff@6 conv@7 handoff@10, the last @11: 14.
    # In two planes: conv@3,4 handoff@6,7, the last @8.
    given = as_given(two_chains(), PACE)
    assert (given.cycles, given.needed) == (14, {A: 1, B: 1})
    found = ordered(two_chains(), PACE, 2)
    assert (found.cycles, found.needed) == (11, {A: 1, B: 2})
    spared = ordered(two_chains(), PACE, 2, spares=True)
    assert (spared.cycles, spared.needed) == (14, {A: 1, B: 1})


def test_of_two_without_room_the_one_with_fewer_planes_is_returned():
    # As given A holds stores 0 and 1, then 1 and 3. The order of few planes takes step 4 before 2,
    # as it frees store 1 and nobody reads what it writes: then A holds 0, 1 and 4.
    steps = Steps(A, A, B, A, A)
    work = steps.work(
        steps.use(to=0), steps.use(0, to=1), steps.use(0, to=2), steps.use(2, to=3),
        steps.use(1, to=4), FREE,
    )  # fmt: skip
    assert order_of_few_planes(work, dependencies(work.uses, PACE)) == [0, 1, 4, 2, 3, 5]
    found = ordered(work, PACE, 1)
    assert (list(found.steps), found.most) == ([0, 1, 2, 3, 4, 5], 2)
