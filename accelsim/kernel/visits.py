"""What is done with state: written down, moved to a later moment, read back. See `kernel.state`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from accelsim.kernel.state import NONE, Exchanges, Known, Plain, State
from accelsim.records.recorder import Cause


class Writer(State):
    """Writes state down as plain data, without changing it.

    now_ps, image, record: the moment that times and numbers are relative to. Counts and what
    happened once are absolute: they, and what `begins` visits, are only written by who says
    `counted`.
    """

    changes = False

    def __init__(
        self,
        known: Known,
        now_ps: int = 0,
        image: int = 0,
        record: int = 0,
        *,
        counted: bool = True,
    ) -> None:
        self.data: list[Plain] = []
        self._names = known
        self._now, self._first_image, self._first_record = now_ps, image, record
        self._counted = counted
        self._places: dict[int, int] = {}

    def _visit(self, thing: object, names: Iterable[str], one: Callable[[Any], Any]) -> None:
        for name in names:
            one(getattr(thing, name))

    def _visit_lists(self, thing: object, names: Iterable[str], one: Callable[[Any], Any]) -> None:
        for name in names:
            items = getattr(thing, name)
            self.data.append(len(items))
            for item in items:
                one(item)

    def _time(self, ps: int | None) -> int | None:
        self.data.append(None if ps is None else ps - self._now)
        return ps

    def _begin(self, ps: int | None) -> int | None:
        return self._time(ps) if self._counted else ps

    def _record(self, number: int) -> int:
        self.data.append(None if number == NONE else number - self._first_record)
        return number

    def _image(self, number: int) -> int:
        self.data.append(None if number == NONE else number - self._first_image)
        return number

    def _count(self, number: int) -> int:
        if self._counted:
            self.data.append(number)
        return number

    _absolute = _count

    def _value(self, value: Any) -> Any:
        self.data.append(value)
        return value

    def _cause(self, cause: Cause | None) -> Cause | None:
        if cause is None:
            self.data.append(None)
        else:
            self.data += (cause.reason, cause.resource)
            self._record(cause.record)
        return cause

    def _known(self, thing: object) -> object:
        self.data.append(None if thing is None else self._names.name(thing))
        return thing

    def _flight(self, thing: Exchanges | None) -> Exchanges | None:
        if thing is None:
            self.data.append(None)
        elif (place := self._places.get(id(thing))) is not None:
            self.data.append(place)
        else:
            self._places[id(thing)] = len(self._places)
            self.data.append(type(thing).__name__)
            thing.exchange(self)
        return thing


class Shift(State):
    """Moves state to a later moment: by a time, so many images and so many records.

    since_ps: when the period that repeats began. What began before it, and is not over, is not
    part of it: it goes on.
    """

    def __init__(self, time_ps: int, images: int, records: int, since_ps: int = -1) -> None:
        self._by_ps, self._by_images, self._by_records = time_ps, images, records
        self._since_ps = since_ps
        self._done: dict[int, Exchanges] = {}

    def _time(self, ps: int | None) -> int | None:
        return None if ps is None else ps + self._by_ps

    def _begin(self, ps: int | None) -> int | None:
        return ps if ps is None or ps <= self._since_ps else ps + self._by_ps

    def _record(self, number: int) -> int:
        return number if number == NONE else number + self._by_records

    def _image(self, number: int) -> int:
        return number if number == NONE else number + self._by_images

    def _count(self, number: int) -> int:
        return number + self._by_images

    def _absolute(self, number: int) -> int:
        return number

    def _value(self, value: Any) -> Any:
        return value

    def _cause(self, cause: Cause | None) -> Cause | None:
        return cause and cause._replace(record=self._record(cause.record))

    def _known(self, thing: object) -> object:
        return thing

    def _flight(self, thing: Exchanges | None) -> Exchanges | None:
        if thing is not None and id(thing) not in self._done:
            self._done[id(thing)] = thing
            thing.exchange(self)
        return thing


class Reader(State):
    """Puts what an absolute `Writer` wrote into a machine that was built alike.

    flights: classes of objects in flight by their names.
    """

    def __init__(
        self, data: Iterable[Plain], known: Known, flights: Mapping[str, type[Exchanges]]
    ) -> None:
        self._data = iter(data)
        self._known_by_name, self._kinds = known, flights
        self._made: list[Exchanges] = []

    @property
    def is_at_end(self) -> bool:
        """Whether all that was written has been read."""
        return next(self._data, self) is self

    def _items(self, items: Any) -> Any:  # noqa: ARG002 - replaced by what was written
        return [None] * self._next()

    def _next(self) -> Any:
        return next(self._data)

    def _time(self, ps: int | None) -> int | None:  # noqa: ARG002
        found: int | None = self._next()
        return found

    def _record(self, number: int) -> int:  # noqa: ARG002
        found = self._next()
        return NONE if found is None else found

    _image = _record

    def _count(self, number: int) -> int:  # noqa: ARG002
        found: int = self._next()
        return found

    _absolute = _count

    def _value(self, value: Any) -> Any:  # noqa: ARG002
        return self._next()

    def _cause(self, cause: Cause | None) -> Cause | None:  # noqa: ARG002
        reason = self._next()
        return None if reason is None else Cause(reason, self._next(), self._record(NONE))

    def _known(self, thing: object) -> object:  # noqa: ARG002
        name = self._next()
        return None if name is None else self._known_by_name.thing(name)

    def _flight(self, thing: Exchanges | None) -> Exchanges | None:  # noqa: ARG002
        found = self._next()
        if found is None:
            return None
        if isinstance(found, int):
            return self._made[found]
        kind = self._kinds[found]
        made = kind.__new__(kind)
        self._made.append(made)
        made.exchange(self)
        return made
