"""Which step goes next, by hand: by what it waits for, in the window, and by planes."""

from accelsim.compiler.dependencies import dependencies
from accelsim.compiler.scheduler import LOOKED_AT, WINDOW, ListScheduler, order_of_few_planes
from accelsim.compiler.use import Work
from accelsim.topology import Place
from tests.compiler.uses import FREE, PACE, Steps

A, B = Place.A, Place.B


def listed(edges):
    """Return the order of steps without stores, which wait as edges say."""
    return ListScheduler(Work([FREE] * len(edges), ()), edges, PACE, {}).order()


def frugal(steps, *uses):
    work = steps.work(*uses, FREE)
    return order_of_few_planes(work, dependencies(work.uses, PACE))


def test_a_step_waits_for_all_before_it():
    # 1@3 2@4. Step 3 may go 9 after 1, at 12, and 1 after 2; step 4 at 4 + 2 = 6.
    edges = [[], [(0, 3)], [(0, 3)], [(1, 9), (2, 1)], [(2, 2)], []]
    assert listed(edges) == [0, 1, 2, 4, 3, 5]


def test_the_last_step_stays_the_last():
    # It could go at 2, step 2 not before 9.
    assert listed([[], [(0, 1)], [(0, 9)], [(1, 1)]]) == [0, 1, 2, 3]


def test_the_longest_path_goes_first():
    # Of 1, 2 and 3 the end is 3, 5 and 4 away, of 4 and 5 it is 3.
    edges = [[], [], [], [], [(2, 2)], [(3, 1)], []]
    assert listed(edges) == [0, 2, 3, 1, 4, 5, 6]


def test_no_step_is_beyond_the_window():
    # Step 1 waits until all others in the window are issued; the step behind these waits for it.
    edges = [[], [(0, 2 * WINDOW)], *[[] for _ in range(WINDOW + 3)]]
    found = listed(edges)
    assert found[: WINDOW + 1] == [0, *range(2, WINDOW + 1), 1]
    assert found[WINDOW + 1 :] == list(range(WINDOW + 1, len(edges)))


def test_the_first_step_that_is_left_goes_if_none_of_the_most_urgent_can():
    # One plane of A, which step 1 frees. All that are more urgent, as another reads what they
    # write, need it, and they are more than are looked at.
    others = LOOKED_AT + 1
    steps = Steps(*[A] * (others + 1))
    pairs = [use for n in range(1, others + 1) for use in (steps.use(to=n), steps.use(n))]
    work = steps.work(steps.use(to=0), steps.use(0), *pairs, FREE)
    edges = dependencies(work.uses, PACE)
    found = ListScheduler(work, edges, PACE, dict.fromkeys(Place, 1)).order()
    assert found == list(range(len(work.uses)))


def test_of_steps_alike_the_first_goes():
    # Handoffs of one store, before the last of which it is held; and loads that wait for nothing.
    steps = Steps(A)
    assert frugal(steps, steps.use(to=0), *[steps.use(0)] * 3) == [0, 1, 2, 3, 4]
    assert frugal(steps, steps.use(to=0), FREE, FREE, FREE) == [0, 1, 2, 3, 4]


def test_what_was_begun_is_finished_first():
    # After 1, steps 2 and 3 each free as much as they take; 3 became possible last.
    steps = Steps(A, B, B, A)
    uses = steps.use(to=0), steps.use(0, to=1), steps.use(0, to=2), steps.use(1, to=3)
    assert frugal(steps, *uses, steps.use(2, 3)) == [0, 1, 3, 2, 4, 5]


def test_what_takes_a_plane_goes_later():
    steps = Steps(A, B)
    uses = steps.use(to=0), steps.use(0, to=1), steps.use(0), steps.use(1)
    assert frugal(steps, *uses) == [0, 2, 1, 3, 4]


def test_the_last_reader_of_a_store_frees_it():
    # After 1, step 2 is the last reader of store 0: it takes a plane and frees one, while 3 takes
    # one, as store 1 has another reader. Then 5 frees store 2.
    steps = Steps(A, B, B, A)
    uses = (
        steps.use(to=0), steps.use(0, to=1), steps.use(0, to=2), steps.use(1, to=3),
        steps.use(1, 3), steps.use(2),
    )  # fmt: skip
    assert frugal(steps, *uses) == [0, 1, 2, 5, 3, 4, 6]


def test_a_plane_that_is_open_is_no_more_to_take():
    # 1 takes a plane for both lanes of store 1, so that 3 takes none, and 2 would.
    steps = Steps(A, B, B)
    uses = (
        steps.use(to=0), steps.use(0, to=1), steps.use(0, to=2), steps.use(0, to=1, lane=1),
        steps.use(1, 2),
    )  # fmt: skip
    assert frugal(steps, *uses) == [0, 1, 3, 2, 4, 5]
