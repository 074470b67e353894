"""The integers of a machine's power states, and what is lost in them. Times in ps."""

from dataclasses import dataclass
from math import isinf
from typing import NamedTuple

from accelsim.config import Machine
from accelsim.config.power import ALWAYS_ON, GATE_AFTER, OFF_AFTER, GatedSection, OffSection
from accelsim.device.technologies import storage_of
from accelsim.kernel import Clock
from accelsim.topology import PowerState
from accelsim.units import PS_PER_S


class Words(NamedTuple):
    """What is held between images: words in logic, which needs power, and in cells."""

    logic: int = 0
    cells: int = 0


@dataclass(frozen=True)
class Transition:
    """How long it takes into a state and back, in whole cycles."""

    entry_ps: int
    exit_ps: int


@dataclass(frozen=True)
class PowerDesign:
    """States and policy of a machine.

    policy_state: what it goes into after `after_ps` of rest; None: an oracle decides. restore_ps:
    to write a word again. keeps_ps: how long cells hold what they have without power; None: for
    ever.
    """

    policy_state: PowerState | None
    after_ps: int
    gated: Transition
    off: Transition
    restore_ps: int
    keeps_ps: int | None

    @classmethod
    def of(cls, machine: Machine) -> "PowerDesign | None":
        """Return the power states of a machine file; None for a machine that is always on."""
        power = machine.power
        if power is None or power.policy == ALWAYS_ON:
            return None
        return cls.of_supply(machine)

    @classmethod
    def of_supply(cls, machine: Machine) -> "PowerDesign | None":
        """Return what a machine file says of its states, whatever its policy; None for nothing."""
        power = machine.power
        if power is None:
            return None
        states = {GATE_AFTER: PowerState.GATED, OFF_AFTER: PowerState.OFF}
        return cls(
            policy_state=states.get(power.policy),
            after_ps=power.after.value,
            gated=_transition(machine, power.clock_gated),
            off=_transition(machine, power.off),
            restore_ps=power.off.restore_cycles.value * machine.period_ps,
            keeps_ps=keeps_ps(machine),
        )

    def of_state(self, state: PowerState) -> Transition:
        """Return the times of a state."""
        return self.gated if state == PowerState.GATED else self.off

    def forgets(self, state: PowerState, asleep_ps: int) -> bool:
        """Tell whether cells lose what they hold in a state that lasts so long."""
        keeps_ps = self.keeps_ps
        return state == PowerState.OFF and keeps_ps is not None and asleep_ps > keeps_ps

    def lost(self, state: PowerState, words: Words, asleep_ps: int) -> int:
        """Return how many of some words are lost in a state that lasts so long."""
        if state == PowerState.GATED:
            return 0
        return words.logic + (words.cells if self.forgets(state, asleep_ps) else 0)

    def waking_ps(self, state: PowerState, words: Words, left_ps: int) -> int:
        """Return how long before the end of a time it has to be woken, to be usable at its end.

        left_ps: from the end of the entry. It sleeps for what is left, and loses words by that.
        """
        exit_ps = self.of_state(state).exit_ps
        if state == PowerState.GATED:
            return exit_ps
        brief = exit_ps + words.logic * self.restore_ps
        lost = self.lost(state, words, left_ps - brief)
        return exit_ps + lost * self.restore_ps


def keeps_ps(machine: Machine) -> int | None:
    """Return how long the cells of a machine hold a level without power; None: for ever.

    Until a full level has moved by half a step of the cell's precision. Cells that no section
    `cell` describes are not known to hold anything.
    """
    storage = storage_of(machine)
    if storage is None or machine.cell is None or not storage.unpowered:
        return 0
    seconds = storage.usable_for(machine.cell.precision.value)
    return None if isinf(seconds) else int(seconds * PS_PER_S)


def _transition(machine: Machine, section: GatedSection | OffSection) -> Transition:
    edges = Clock(machine.period_ps)
    return Transition(edges.edge(section.entry_time.value), edges.edge(section.exit_time.value))
