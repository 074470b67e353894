"""Steps by hand, as orders see them: what they read and write.

Steps are read in 1 cycle and written in 2. A step without stores takes nothing but its issue slot.
"""

from accelsim.compiler.use import Pace, Part, Use, Work, ways

PACE = Pace(read=1, write=2, read_ports=2)
FREE = Use((), None, (), None, ())


class Steps:
    """Makes steps that read and write stores, which are numbers, of two lanes. places: of each."""

    def __init__(self, *places):
        self.places = places

    def use(self, *reads, to=None, lane=0):
        """Return a step that reads stores and writes a lane of one, or hands off what it reads."""
        place = None if to is None else self.places[to]
        return Use(
            tuple(Part(store, 0b11) for store in reads),
            None if to is None else Part(to, 1 << lane),
            ways(tuple(self.places[store] for store in reads), place),
            None if place is None else (place.circuit, 1 << lane),
            reads if to is None else (*reads, to),
        )

    def work(self, *uses):
        """Return steps in an order."""
        return Work(uses, self.places)
