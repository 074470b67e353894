"""Takes maps to the SRAM and back, on a machine that keeps them there between layers.

Sums read what the SRAM has, in planes: a `fetch` brings it. What they write, and what CeNN steps
make of that, stays in planes, until a digital step, the handoff or another sum reads it: a `store`
takes it to the SRAM as soon as it is complete. Images that are loaded, and tiles that have just
been joined, are read where they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from accelsim.compiler.draft import Draft, DraftOperand
from accelsim.compiler.instruction import Kernel
from accelsim.ops import (
    CENTRE,
    EXCHANGE_STEP,
    FETCH_STEP,
    HANDOFF_STEP,
    LOAD_STEP,
    STEP_OPS,
    STORE_STEP,
    Value,
)
from accelsim.topology import Place

_READ_WHERE_THEY_ARE = {LOAD_STEP, EXCHANGE_STEP}
Bundles = list[list[Draft]]
"""Steps in their order; those of a bundle do not depend on one another."""


def through_sram(bundles: Iterable[Sequence[Draft]]) -> Bundles:
    """Return bundles with the stores and fetches that they take."""
    return _Memory([list(bundle) for bundle in bundles]).bundles()


def ends_in_words(op: str) -> bool:
    """Tell whether what a step of an op reads has to be in the SRAM."""
    return STEP_OPS[op].is_digital or op == HANDOFF_STEP


class _Memory:
    def __init__(self, given: Bundles) -> None:
        self._given = given
        self._writers: dict[Value, list[Draft]] = {}
        self._complete: dict[Value, int] = {}
        for place, bundle in enumerate(given):
            for draft in bundle:
                if draft.result is not None:
                    self._writers.setdefault(draft.result, []).append(draft)
                    self._complete[draft.result] = place
        self._words: dict[Value, Value] = {}
        self._fetched: dict[Value, Value] = {}

    def bundles(self) -> Bundles:
        leaving = self._leaving()
        found: Bundles = []
        for place, bundle in enumerate(self._given):
            fetches: list[Draft] = []
            moved = [self._moved(draft, fetches) for draft in bundle]
            stores = [self._store(value) for value in leaving.get(place, ())]
            found += [each for each in (fetches, moved, stores) if each]
        return found

    def _leaving(self) -> dict[int, list[Value]]:
        """Return the values that go to the SRAM, by the bundle that completes them."""
        leaving: dict[int, list[Value]] = {}
        for value in dict.fromkeys(self._asked_for()):
            if value.place is not Place.SRAM:
                self._words[value] = replace(value, place=Place.SRAM)
                leaving.setdefault(self._complete[value], []).append(value)
        return leaving

    def _asked_for(self) -> Iterator[Value]:
        for bundle in self._given:
            for draft in bundle:
                for source in draft.sources:
                    if ends_in_words(draft.op) or self._is_brought(draft, source.value):
                        yield source.value

    def _is_brought(self, draft: Draft, value: Value) -> bool:
        """Tell whether a step reads what a fetch has brought of a value."""
        if ends_in_words(draft.op):
            return False
        if value.place is Place.SRAM:
            return True
        first = self._writers[value][0]
        return STEP_OPS[draft.op].is_sum and first.op not in _READ_WHERE_THEY_ARE

    def _moved(self, draft: Draft, fetches: list[Draft]) -> Draft:
        """Return a step that reads maps where they are; adds the fetches that it takes first."""
        sources = tuple(
            replace(source, value=self._read(draft, source.value, fetches))
            for source in draft.sources
        )
        return replace(draft, sources=sources)

    def _read(self, draft: Draft, value: Value, fetches: list[Draft]) -> Value:
        if ends_in_words(draft.op):
            return self._words.get(value, value)
        if not self._is_brought(draft, value):
            return value
        words = self._words.get(value, value)
        if words not in self._fetched:
            place = Place.A if value.place is Place.SRAM else value.place
            self._fetched[words] = replace(words, place=place)
            fetches.append(self._copy(FETCH_STEP, value, words, self._fetched[words]))
        return self._fetched[words]

    def _store(self, value: Value) -> Draft:
        return self._copy(STORE_STEP, value, value, self._words[value])

    def _copy(self, op: str, made: Value, source: Value, result: Value) -> Draft:
        """Return the step that copies a value; it is of the layer that made it."""
        first = self._writers[made][0]
        read = DraftOperand(source, (CENTRE,), Kernel(fixed=(1.0,)), first.grid)
        return replace(
            first, op=op, sources=(read,), result=result, maps=made.maps, bias=None,
            first_map=first.first_map - first.at, at=0,
        )  # fmt: skip
