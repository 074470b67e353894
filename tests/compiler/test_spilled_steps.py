"""Which fold is spilled, when, and which of its lanes: steps by hand, as `spilled` takes them."""

import pytest

from accelsim.compiler.draft import Fold, FoldedDraft, FoldedOperand, Run
from accelsim.compiler.instruction import Kernel
from accelsim.compiler.spilling import SpillError, spilled
from accelsim.ops import CENTRE, DENSE, Value
from accelsim.topology import Place


def fold(place=Place.A):
    return Fold(Value(place, 8, 4, 4, DENSE), 0)


def run(of, lane=0, maps=1):
    return Run(of, lane, maps)


def step(op, *reads, to=None):
    operands = tuple(
        FoldedOperand((each,), (CENTRE,), Kernel(fixed=(1.0,)), DENSE, (4, 4), shared=False)
        for each in reads
    )
    return FoldedDraft(op, "layer", operands, to, DENSE, 4, 4, 1, None, 0)


def ops(drafts):
    return [draft.op for draft in drafts]


def moved(drafts):
    """Return what crosses the link: op, lanes and the first map at the host, and the value."""
    runs = [draft.to or draft.operands[0].runs[0] for draft in drafts]
    return [
        (draft.op, lanes.lane, lanes.maps, draft.first_map, lanes.fold.value)
        for draft, lanes in zip(drafts, runs, strict=True)
        if draft.op in ("spill", "fill")
    ]


def test_the_next_reader_decides_not_the_last():
    # Two planes. c needs one while a and b are held: b is read next, and last, so a goes to the
    # host, though it came first and b is read once more at the end.
    a, b, c = fold(), fold(), fold()
    found = spilled(
        [
            step("a", to=run(a)), step("b", to=run(b)), step("c", to=run(c)),
            step("read", run(b), run(c)), step("read", run(a)), step("read", run(b)),
        ], 2,
    )  # fmt: skip
    assert ops(found) == ["a", "b", "spill", "c", "read", "fill", "read", "read"]
    assert [each[-1] for each in moved(found)] == [a.value, a.value]


def test_a_fold_is_complete_before_it_is_spilled():
    # p has one of its two writers when c needs a plane. It is used last, and stays: a goes.
    a, p, c, x = fold(), fold(), fold(), fold(Place.B)
    found = spilled(
        [
            step("a", to=run(a)), step("p0", to=run(p)), step("c", to=run(c)),
            step("read", run(c), to=run(x)), step("read", run(a)), step("p1", to=run(p, 1)),
            step("read", run(x), run(p, 0, 2)),
        ], 2,
    )  # fmt: skip
    assert ops(found) == ["a", "p0", "spill", "c", "read", "fill", "read", "p1", "read"]
    assert [each[-1] for each in moved(found)] == [a.value, a.value]
    # As soon as it is complete it may go.
    rest = [step("c", to=run(c)), step("read", run(c)), step("read", run(p, 0, 2))]
    whole = [step("p0", to=run(p)), step("p1", to=run(p, 1)), *rest]
    assert ops(spilled(whole, 1)) == ["p0", "p1", "spill", "c", "read", "fill", "read"]
    # And with one plane there is nothing else that could.
    with pytest.raises(SpillError):
        spilled([whole[0], *rest[:2], whole[1], rest[2]], 1)


@pytest.mark.parametrize("order", [1, -1])
def test_all_lanes_of_its_writers_are_spilled(order):
    # A group of 1 map and one of 5, in lanes 2 and 3 to 7: 6 maps from lane 2 on, whoever is first.
    # They are maps 0 to 5 at the host, those of b 6 and 7, those of c from 8 on.
    a, b, c, d = (fold() for _ in range(4))
    writers = [step("a", to=run(a, 2, 1)), step("a", to=run(a, 3, 5))][::order]
    found = spilled(
        [
            *writers, step("b", to=run(b, 0, 2)), step("c", to=run(c, 1, 3)), step("d", to=run(d)),
            step("read", run(d)), step("read", run(c, 1, 3)), step("read", run(b, 0, 2)),
            step("read", run(a, 2, 6)),
        ], 1,
    )  # fmt: skip
    a_run, b_run, c_run = (2, 6, 0, a.value), (0, 2, 6, b.value), (1, 3, 8, c.value)
    assert moved(found) == [
        *(("spill", *each) for each in (a_run, b_run, c_run)),
        *(("fill", *each) for each in (c_run, b_run, a_run)),
    ]
