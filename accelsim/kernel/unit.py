"""A resource with a number of slots, whose holders are known.

SimPy's Resource queues its users. Here nobody queues at a unit: the sequencer
looks whether all units of a step are free and takes them at once, so that no step
ever holds one unit while it waits for another.
"""

from typing import Protocol


class Holder(Protocol):
    """Who holds a unit; `row_id` is the record that a waiting component waits for."""

    def row_id(self, subject: object) -> int:
        """Return the id of the record in which the holder holds the subject."""


class Unit:
    """A resource of `capacity` slots. `path` is its dotted name in records."""

    __slots__ = ("capacity", "holders", "path")

    def __init__(self, path: str, capacity: int = 1) -> None:
        self.path = path
        self.capacity = capacity
        self.holders: list[Holder] = []

    def __repr__(self) -> str:
        return f"Unit({self.path}, {len(self.holders)} of {self.capacity} held)"
