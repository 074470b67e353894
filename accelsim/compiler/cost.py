"""What steps cost before they have planes: cycles first, then energy.

Cycles are an estimate: steps of one turn are issued one read phase after another, and those of the
next when the first of them is stored and the last of them issued, or off the arrays that both use.
What takes maps to the SRAM and back is left out.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import NamedTuple

from accelsim.compiler.allocate import instruction_of
from accelsim.compiler.counts import Counts, distinct_cells, taps_per_cell
from accelsim.compiler.draft import Draft, DraftOperand, Fold
from accelsim.compiler.folding import Folding
from accelsim.compiler.memory import ends_in_words
from accelsim.compiler.partial import PartialSums
from accelsim.compiler.tiles import Chain, Stage, in_groups
from accelsim.config import Codes, Machine
from accelsim.ops import STEP_OPS, Value

_NO_PLANES: Mapping[Fold, int] = defaultdict(int)
"""Planes where it does not matter which."""


class Cost(NamedTuple):
    """Cycles, and energy in aJ without that of the clock."""

    cycles: int = 0
    energy_aJ: int = 0  # noqa: N815 - aJ is the unit

    def plus(self, other: "Cost") -> "Cost":
        """Return the cost of both."""
        return Cost(self.cycles + other.cycles, self.energy_aJ + other.energy_aJ)


class OfDraft(NamedTuple):
    """What a draft takes: instructions in each turn of its folds, cells written, energy in aJ."""

    turns: tuple[int, ...]
    written: int
    energy_aJ: int  # noqa: N815 - aJ is the unit

    @property
    def steps(self) -> int:
        """Number of its instructions."""
        return sum(self.turns)


class _Form(NamedTuple):
    """What a draft takes, whatever its size and those of what it reads.

    turns: instructions in each. maps: that they write in all. taps: of a cell of each of these,
    with bias and driver. reads: planes of each source. partial: planes of partial sums.
    """

    turns: tuple[int, ...]
    maps: int
    taps: int
    reads: tuple[int, ...]
    partial: int


class Costs:
    """Costs of steps on a machine; drafts that are alike are looked at once."""

    def __init__(self, machine: Machine) -> None:
        self._prices, self._codes = machine.prices_aJ, machine.codes
        timing = machine.timing
        self._read, self._write = timing.read_cycles.value, timing.write_cycles.value
        self._folding = Folding(machine, PartialSums({}, lambda: None))
        self._known: dict[Hashable, OfDraft] = {}
        self._forms: dict[Hashable, _Form] = {}

    def of(self, stages: Iterable[Stage], tiles: int) -> Cost:
        """Return the cost of stages, of so many tiles at once."""
        cycles = energy = 0
        for bundle in in_groups(stages, tiles):
            each = [self.of_draft(draft) for draft in bundle]
            energy += sum(draft.energy_aJ for draft in each)
            cycles += self.cycles([draft.turns for draft in each])
        return Cost(cycles, energy)

    def cycles(self, together: Iterable[Sequence[int]]) -> int:
        """Return the cycles of drafts issued together, of so many instructions in each turn."""
        steps = [sum(turn) for turn in zip_longest(*together, fillvalue=0)]
        return sum(
            self._cycles(number, is_last=turn == len(steps))
            for turn, number in enumerate(steps, start=1)
        )

    def _cycles(self, steps: int, *, is_last: bool) -> int:
        """Return when the turn after one of so many steps begins.

        is_last: of their sums, so that the next step writes other arrays.
        """
        issued = (steps - 1) * self._read + (1 if is_last else self._read)
        return max(issued, self._read + self._write)

    def of_draft(self, draft: Draft) -> OfDraft:
        """Return what a draft takes."""
        key = _key(draft)
        if key not in self._known:
            self._known[key] = self._sized(draft)
        return self._known[key]

    def _sized(self, draft: Draft) -> OfDraft:
        key = _form_key(draft)
        if key not in self._forms:
            self._forms[key] = self._form(draft)
        form, cells = self._forms[key], draft.rows * draft.cols
        window = draft.rows, draft.cols
        read = form.partial * cells
        for planes, each in zip(form.reads, draft.sources, strict=True):
            extent = each.value.rows, each.value.cols
            read += planes * distinct_cells(each.taps, window, each.grid, extent)
        written, taps = cells * form.maps, cells * form.taps
        if self._codes is not None and ends_in_words(draft.op):
            return OfDraft(form.turns, written, self._words_aJ(draft, form, self._codes))
        counts = Counts(written, read, taps * self._read, written * self._read)
        return OfDraft(form.turns, written, self._energy_aJ(counts, sum(form.turns)))

    def _form(self, draft: Draft) -> _Form:
        # With a value of its own, each source is known in the steps that read it.
        sources = tuple(replace(each, value=replace(each.value)) for each in draft.sources)
        turns, planes, maps, taps = Counter[int](), Counter[Value](), 0, 0
        for chain, folds in self._folding.kinds(replace(draft, sources=sources)):
            for turn, step in enumerate(chain):
                turns[turn] += folds
                maps += folds * step.maps
                taps += folds * step.maps * taps_per_cell(instruction_of(1, step, _NO_PLANES))
                for operand in step.operands:
                    planes[operand.runs[0].fold.value] += folds * operand.planes
        reads = tuple(planes.pop(each.value, 0) for each in sources)
        return _Form(tuple(turns.values()), maps, taps, reads, planes.total())

    def _words_aJ(self, draft: Draft, form: _Form, codes: Codes) -> int:  # noqa: N802 - aJ
        """Return the energy of the digital engine and the SRAM in a step of words, in aJ."""
        cells, prices = draft.rows * draft.cols, self._prices
        window = draft.rows, draft.cols
        read = 0
        for planes, each in zip(form.reads, draft.sources, strict=True):
            extent = each.value.rows, each.value.cols
            read += planes * codes.words(distinct_cells(each.taps, window, each.grid, extent))
        found = read * prices["sram_read"] + sum(form.turns) * prices["issue"]
        if draft.result is None:
            return found
        operations = cells * form.maps * STEP_OPS[draft.op].operations
        words = codes.words(cells) * form.maps
        return found + operations * prices["digital_op"] + words * prices["sram_write"]

    def _energy_aJ(self, counts: Counts, steps: int) -> int:  # noqa: N802 - aJ is the unit
        """Return the energy of steps of such counts in all, in aJ, without that of the clock."""
        prices = self._prices
        return (
            counts.written * prices["cell_write"]
            + counts.read * self._read * prices["cell_read_cycle"]
            + counts.tap_cycles * prices["ota_tap_cycle"]
            + counts.static_cycles * prices["cell_static_cycle"]
            + steps * prices["issue"]
        )


class AtOnce:
    """Cycles of tiles that are computed at once, a lower bound as long as some are missing."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs
        self._turns: list[tuple[int, ...]] = []
        self.cycles = 0

    def add(self, chain: Chain) -> None:
        """Add the steps of a tile: they share turns with those in the same place of others."""
        of_tile = [self._costs.of_draft(draft).turns for draft in chain]
        self._turns = [
            tuple(map(sum, zip_longest(*turns, fillvalue=0)))
            for turns in zip_longest(self._turns, of_tile, fillvalue=())
        ]
        self.cycles = sum(self._costs.cycles([turns]) for turns in self._turns)


def _key(draft: Draft) -> Hashable:
    """Return all of a draft that its counts depend on."""
    result = None if draft.result is None else draft.result.place
    sources = tuple(map(_source, draft.sources))
    window = draft.rows, draft.cols, draft.maps, draft.at
    return draft.op, window, draft.grid, draft.bias is None, result, sources


def _form_key(draft: Draft) -> Hashable:
    """Return all of a draft that its form depends on."""
    result = None if draft.result is None else draft.result.place
    sources = tuple(
        (each.value.place, len(each.taps), each.first, each.maps) for each in draft.sources
    )
    return draft.op, draft.maps, draft.at, draft.bias is None, result, sources


def _source(source: DraftOperand) -> Hashable:
    value = source.value
    return (
        value.place, value.rows, value.cols, source.taps, source.grid, source.first, source.maps,
    )  # fmt: skip
