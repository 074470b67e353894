"""Arbitration: which image gets a free context, and which may take the issue slot first.

`oldest`    the image that arrived first: images of several tenants are numbered so
`priority`  the image of the highest priority, then the oldest. An image of a lower one gets what
            the others leave, which may be nothing for as long as they come: it may starve
`fair`      tenants take turns, in the order of their numbers from the one after that which had it
            last; inside a tenant the oldest first. A tenant that cannot use its turn does not
            hold up the others; one that can waits for at most one step, or one image, of each other

Turns at contexts and at the issue slot are counted apart. Whoever goes first, nothing that has
been issued is interrupted.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from accelsim.config.sections import FAIR, PRIORITY
from accelsim.kernel import State
from accelsim.model.context import Context
from accelsim.model.stream import Arrival

Rank: TypeAlias = tuple[int, ...]


class Arbiter:
    """Arbitration of a machine by a policy among so many tenants.

    in_turn: whether tenants take turns. context_turn, slot_turn: whose turn it is then, the state.
    """

    def __init__(self, policy: str, tenants: int) -> None:
        self._tenants = tenants
        self.in_turn = policy == FAIR and tenants > 1
        self._by_priority = policy == PRIORITY
        self._in_order = policy != PRIORITY and tenants == 1
        self.context_turn = self.slot_turn = 0

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.values(self, "context_turn", "slot_turn")

    def rank(self, one: "Arrival | Context") -> Rank:
        """Return what images are ordered by, the first the least, leaving turns aside."""
        if self._in_order:
            return ()
        return (-one.priority if self._by_priority else 0), one.image

    def next_of(self, heads: Iterable[Arrival]) -> Arrival:
        """Return which of some images, at least one, is next to get a context."""
        if self.in_turn:
            turn = self.context_turn
            return min(heads, key=lambda one: (self._turns(one, turn), self.rank(one)))
        return min(heads, key=self.rank)

    def order(self, active: Sequence[Context]) -> Sequence[Context]:
        """Return contexts in the order of their ranks as, in turns, they may take the slot."""
        turn = self.slot_turn
        return sorted(active, key=lambda context: self._turns(context, turn))

    def admitted(self, arrival: Arrival) -> None:
        """Take note that an image has got a context, in its turn."""
        self.context_turn = (arrival.tenant + 1) % self._tenants

    def issued(self, context: Context) -> None:
        """Take note that the image of a context has got the issue slot, in its turn."""
        self.slot_turn = (context.tenant + 1) % self._tenants

    def _turns(self, one: "Arrival | Context", turn: int) -> int:
        """Return how many tenants come before that of an image."""
        return (one.tenant - turn) % self._tenants
