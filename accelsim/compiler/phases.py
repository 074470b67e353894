"""How long the two phases of a step are, in cycles: the one owner of it.

Steps of CeNN cells take the machine's read and write cycles. Those of converters and of the digital
engine take as long as their cells do, so many at once, rounded up to cycles of the sequencer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from accelsim.config import Machine
from accelsim.ops import FETCH_STEP, HANDOFFS, STEP_OPS, STORE_STEP

_OF_WORDS = 1
"""Cycles in which words that are there are taken over, by the SRAM or by the host."""


class Phase(NamedTuple):
    """Cycles of the read phase of a step, and of its write phase."""

    read: int
    write: int

    @property
    def step(self) -> int:
        """Cycles from the issue of a step until what reads it may be issued."""
        return self.read + self.write


class Timed(Protocol):
    """What a phase depends on: op, window, and maps of a step."""

    @property
    def op(self) -> str:
        """Its op."""

    @property
    def rows(self) -> int:
        """Rows of its window."""

    @property
    def cols(self) -> int:
        """Columns of its window."""

    @property
    def maps(self) -> int:
        """Maps that it computes or moves."""


class Rate(NamedTuple):
    """What does so many things at once, and how long (ps) it takes for them.

    each: things that a cell takes. least: cycles of a read phase, at least. write: cycles of the
    write phase.
    """

    at_once: int
    time_ps: int
    each: int
    least: int
    write: int

    def phase(self, cells: int, period_ps: int) -> Phase:
        """Return the phases of a step of so many cells."""
        busy_ps = -(-cells * self.each // self.at_once) * self.time_ps
        return Phase(max(self.least, -(-busy_ps // period_ps)), self.write)


@dataclass(frozen=True)
class Phases:
    """The phases of all steps on a machine. usual: of those that have no other.

    fixed: by op, whatever the cells. rates: by op, of those that last as long as their cells take.
    """

    usual: Phase
    period_ps: int
    fixed: Mapping[str, Phase] = field(default_factory=dict)
    rates: Mapping[str, Rate] = field(default_factory=dict)

    def of(self, step: Timed) -> Phase:
        """Return the phases of a step."""
        rate = self.rates.get(step.op)
        if rate is not None:
            return rate.phase(step.rows * step.cols * step.maps, self.period_ps)
        return self.fixed.get(step.op, self.usual)

    def in_ps(self, step: Timed) -> tuple[int, int]:
        """Return the lengths of the read and the write phase of a step."""
        phase = self.of(step)
        return phase.read * self.period_ps, phase.write * self.period_ps

    def read_ps(self, step: Timed) -> int:
        """Return the length of the read phase of a step."""
        return self.in_ps(step)[0]

    @property
    def vary(self) -> bool:
        """Whether steps differ."""
        return bool(self.rates)

    @classmethod
    def of_machine(cls, machine: Machine) -> "Phases":
        """Return the phases of a machine file."""
        timing = machine.timing
        usual = Phase(timing.read_cycles.value, timing.write_cycles.value)
        if not machine.keeps_maps_in_sram:
            return cls(usual, machine.period_ps)
        words = Phase(_OF_WORDS, _OF_WORDS)
        return cls(usual, machine.period_ps, dict.fromkeys(HANDOFFS, words), _rates(machine, usual))


def _rates(machine: Machine, usual: Phase) -> dict[str, Rate]:
    """Return how fast converters and digital engine are. A cell is read as long as in any step."""
    rates: dict[str, Rate] = {}
    if machine.converters is not None:
        adc, dac = machine.converters.adc, machine.converters.dac
        rates[STORE_STEP] = Rate(
            adc.count.value, adc.conversion_time.value, 1, usual.read, _OF_WORDS
        )
        if dac is not None:
            rates[FETCH_STEP] = Rate(dac.count.value, dac.conversion_time.value, 1, 1, usual.write)
    if machine.digital is not None:
        lanes, period_ps = machine.digital.alus.value, machine.digital.clock.value
        rates |= {
            op.name: Rate(lanes, period_ps, op.operations, 1, _OF_WORDS)
            for op in STEP_OPS.values()
            if op.is_digital
        }
    return rates
