"""The state of a run, visited: compared, moved in time, written down, read back.

Each block has one method, `exchange`, which names everything of it that may change while it runs,
by kind:

    def exchange(self, state: State) -> None:
        state.times(self, "ready_ps")
        state.records(self, "previous_id")

A visit of `kernel.visits` does something with that. `Writer` writes it down: relative to a moment,
so that equal lists mean that the same will follow, or absolute, as plain data that can be kept.
`Reader` puts plain data into the blocks of a machine that was built alike, `Shift` moves a machine
to a later moment. What does not matter any more, such as the beginning of a wait that is over, is
left out.

An *object in flight* (a step, a message) is shared by the blocks that hold it: it has an
`exchange` of its own and is visited once. A *known* object was made before the run.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Protocol

from accelsim.records.recorder import Cause

Plain = int | str | None
NONE = -1
"""What stands for no image and no record."""


class Exchanges(Protocol):
    """Whatever has state."""

    def exchange(self, state: "State") -> None:
        """Name what may change while it runs."""


class Known:
    """Objects from before the run, by names that are the same in a machine that is built alike."""

    def __init__(self) -> None:
        self._things: dict[str, object] = {}
        self._names: dict[int, str] = {}

    def add(self, name: str, thing: object) -> None:
        """Give an object its name."""
        self._things[name] = thing
        self._names[id(thing)] = name

    def name(self, thing: object) -> str:
        """Return the name of an object."""
        return self._names[id(thing)]

    def thing(self, name: str) -> object:
        """Return the object of a name; KeyError if a machine has none."""
        return self._things[name]


class State(ABC):
    """Visits state: each method takes a block and names of its attributes.

    changes: whether blocks are not as before after the visit.
    """

    changes: ClassVar[bool] = True

    def times(self, thing: object, *names: str) -> None:
        """Visit times in ps, or None."""
        self._visit(thing, names, self._time)

    def begins(self, thing: object, *names: str) -> None:
        """Visit when something began that is asked for once, when it is over and reported.

        What follows until then does not depend on it: it is not compared.
        """
        self._visit(thing, names, self._begin)

    def records(self, thing: object, *names: str) -> None:
        """Visit ids of records; NONE for none."""
        self._visit(thing, names, self._record)

    def images(self, thing: object, *names: str) -> None:
        """Visit numbers of images; NONE for none."""
        self._visit(thing, names, self._image)

    def counts(self, thing: object, *names: str) -> None:
        """Visit numbers of images that were counted since the run began."""
        self._visit(thing, names, self._count)

    def absolutes(self, thing: object, *names: str) -> None:
        """Visit times and numbers of what happened once in a run: a jump does not move them."""
        self._visit(thing, names, self._absolute)

    def values(self, thing: object, *names: str) -> None:
        """Visit integers, truth values and texts that do not depend on when it is."""
        self._visit(thing, names, self._value)

    def causes(self, thing: object, *names: str) -> None:
        """Visit causes, or None."""
        self._visit(thing, names, self._cause)

    def known(self, thing: object, *names: str) -> None:
        """Visit known objects, or None."""
        self._visit(thing, names, self._known)

    def flights(self, thing: object, *names: str) -> None:
        """Visit objects in flight, or None."""
        self._visit(thing, names, self._flight)

    def lists_of_values(self, thing: object, *names: str) -> None:
        """Visit lists of what `values` takes."""
        self._visit_lists(thing, names, self._value)

    def lists_of_absolutes(self, thing: object, *names: str) -> None:
        """Visit lists of what `absolutes` takes."""
        self._visit_lists(thing, names, self._absolute)

    def lists_of_known(self, thing: object, *names: str) -> None:
        """Visit lists of known objects."""
        self._visit_lists(thing, names, self._known)

    def lists_of_flights(self, thing: object, *names: str) -> None:
        """Visit lists of objects in flight."""
        self._visit_lists(thing, names, self._flight)

    def holds(self, thing: object, *names: str) -> None:
        """Visit lists of pairs: an object in flight, and the lanes that it holds."""
        self._visit_lists(thing, names, self._hold)

    def _visit(self, thing: object, names: Iterable[str], one: Callable[[Any], Any]) -> None:
        for name in names:
            setattr(thing, name, one(getattr(thing, name, None)))

    def _visit_lists(self, thing: object, names: Iterable[str], one: Callable[[Any], Any]) -> None:
        for name in names:
            items = getattr(thing, name)
            found = [one(item) for item in self._items(items)]
            items.clear()  # who looks at a list keeps it
            items.extend(found)

    def _items(self, items: Any) -> Any:
        return list(items)

    def _hold(self, hold: tuple[Exchanges, int] | None) -> tuple[Exchanges | None, Any]:
        holder, lanes = hold or (None, 0)
        return self._flight(holder), self._value(lanes)

    def _begin(self, ps: int | None) -> int | None:
        return self._time(ps)

    @abstractmethod
    def _time(self, ps: int | None) -> int | None: ...
    @abstractmethod
    def _record(self, number: int) -> int: ...
    @abstractmethod
    def _image(self, number: int) -> int: ...
    @abstractmethod
    def _count(self, number: int) -> int: ...
    @abstractmethod
    def _absolute(self, number: int) -> int: ...
    @abstractmethod
    def _value(self, value: Any) -> Any: ...
    @abstractmethod
    def _cause(self, cause: Cause | None) -> Cause | None: ...
    @abstractmethod
    def _known(self, thing: object) -> object: ...
    @abstractmethod
    def _flight(self, thing: Exchanges | None) -> Exchanges | None: ...
