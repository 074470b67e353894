"""Orders for a machine whose maps are in the SRAM: some folds from their sources to the SRAM.

What ends a path through planes are stores and what reads words. Of these so many at a time are
looked at, with all that they wait for: then no more folds are in planes at once than that.
"""

from collections.abc import Sequence

from accelsim.compiler.dependencies import Edges
from accelsim.compiler.draft import FoldedDraft
from accelsim.compiler.memory import ends_in_words
from accelsim.ops import STORE_STEP


def in_blocks(drafts: Sequence[FoldedDraft], edges: Edges, folds: int) -> list[int]:
    """Return the steps in an order of so many folds at a time. edges: what each waits for."""
    ends = [
        step
        for step, draft in enumerate(drafts)
        if draft.op == STORE_STEP or ends_in_words(draft.op)
    ]
    taken, found = [False] * len(drafts), list[int]()
    for first in range(0, len(ends), folds):
        found += _before(ends[first : first + folds], edges, taken)
    return found


def _before(ends: Sequence[int], edges: Edges, taken: list[bool]) -> list[int]:
    """Return some steps and those that they wait for, without those that have been taken."""
    left, found = list(ends), list[int]()
    while left:
        step = left.pop()
        if not taken[step]:
            taken[step] = True
            found.append(step)
            left += [before for before, _ in edges[step]]
    return sorted(found)
