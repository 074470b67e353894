"""What a rest costs in each power state, and from how long on a state pays.

A rest is the time between two images in which the machine has nothing to do. Costs are those
that differ between states, in attojoules: clock, leakage, refresh, entry, exit and what is
written again. All follow from prices and times of the machine file and the size of
the program; a run counts them one by one.
"""

from dataclasses import dataclass
from fractions import Fraction

from accelsim.compiler import Program, Tenancy
from accelsim.compiler.counts import taps_per_cell
from accelsim.config import Machine
from accelsim.config.power import ORACLE
from accelsim.model.power import Oracle
from accelsim.model.power_design import PowerDesign, Words
from accelsim.topology import PowerState

ACTIVE = None
"""The state of a machine that stays as it is."""
State = PowerState | None
_LONGEST_CYCLES = 2**60


@dataclass(frozen=True)
class RestCosts:
    """Costs of a rest of a machine that has a program.

    words: that the machine holds between images. standing: what a cycle costs, in aJ, active and
    in each state, without refresh. switching: entry and exit of each state. round_aJ: of a round
    of refresh over all cells; round_ps: from one to the next, 0 for none. word_prices: of an
    instruction and a template's word that are written again.
    """

    period_ps: int
    power: PowerDesign
    words: Words
    standing: dict[State, int]
    switching: dict[PowerState, int]
    word_prices: tuple[int, int]
    round_aJ: int = 0  # noqa: N815 - aJ is the unit
    round_ps: int = 0

    @classmethod
    def of(cls, machine: Machine, program: Program | Tenancy) -> "RestCosts":
        """Return the costs of a machine whose file has a section `power`."""
        power = PowerDesign.of(machine)
        if machine.power is None or power is None:
            raise ValueError("a machine that is always on has no other states")
        prices = {name: price.at_aJ(machine.period_ps) for name, price in machine.prices.items()}
        lanes = machine.arrays.lanes.value * machine.circuits.value
        banks = machine.arrays.lanes.value * 2
        cells = banks * _cells(machine)
        interval = machine.banks.refresh_interval
        supplied = cells * prices["leakage"] + lanes * prices.get("array_leakage", 0)
        unsupplied = banks * prices["off_bank"] + lanes * prices.get("off_array", 0)
        return cls(
            period_ps=machine.period_ps,
            power=power,
            words=words_of(program),
            standing={
                ACTIVE: supplied + prices["clock_cycle"],
                PowerState.GATED: supplied + prices["gated_cycle"],
                PowerState.OFF: unsupplied + prices["off_cycle"],
            },
            switching={
                PowerState.GATED: lanes * (prices["gate_entry"] + prices["gate_exit"]),
                PowerState.OFF: lanes * (prices["off_entry"] + prices["off_exit"]),
            },
            word_prices=(prices["restore_instruction"], prices["restore_template"]),
            round_aJ=cells * prices["refresh"],
            round_ps=interval.value if interval is not None else 0,
        )

    def cost_aJ(  # noqa: N802 - aJ is the unit
        self, state: State, rest_ps: int, rounds: int | None = None
    ) -> Fraction | None:
        """Return what a rest costs in a state that is left in time; None if it is too short.

        rounds: of refresh that are due in it; None: as many as there are on average.
        """
        if rounds is None:
            due = Fraction(rest_ps, self.round_ps) if self.round_ps else Fraction(0)
        else:
            due = Fraction(rounds)
        refresh = Fraction(0) if state == PowerState.OFF else due * self.round_aJ
        if state is None:
            return refresh + self.standing[ACTIVE] * (rest_ps // self.period_ps)
        entry = self.power.of_state(state).entry_ps
        left = rest_ps - entry
        waking = self.power.waking_ps(state, self.words, left)
        asleep = left - waking
        if asleep < 0:
            return None
        awake = (entry + waking) // self.period_ps
        standing = self.standing[ACTIVE] * awake
        standing += self.standing[state] * (asleep // self.period_ps)
        return refresh + standing + self.switching[state] + self._restoring(state, asleep)

    def best(self, rest_ps: int, rounds: int) -> State:
        """Return the cheapest state of a rest; of those that cost the same the most awake."""
        found: State = ACTIVE
        least: Fraction | None = None
        for state in (ACTIVE, *PowerState):
            cost = self.cost_aJ(state, rest_ps, rounds)
            if cost is not None and (least is None or cost < least):
                found, least = state, cost
        return found

    def break_even_ps(self, state: PowerState, other: State = ACTIVE) -> int | None:
        """Return the shortest rest in which a state costs less than another; None: no rest.

        A state that loses what its cells hold is looked at as such from the beginning on.
        """
        low, high = 0, _LONGEST_CYCLES
        if not self._pays(state, other, high * self.period_ps):
            return None
        while low < high:
            middle = (low + high) // 2
            if self._pays(state, other, middle * self.period_ps):
                high = middle
            else:
                low = middle + 1
        return low * self.period_ps

    def _pays(self, state: PowerState, other: State, rest_ps: int) -> bool:
        mine, others = self.cost_aJ(state, rest_ps), self.cost_aJ(other, rest_ps)
        return mine is not None and (others is None or mine < others)

    def _restoring(self, state: PowerState, asleep_ps: int) -> int:
        instruction, template = self.word_prices
        if state == PowerState.GATED:
            return 0
        forgotten = self.words.cells if self.power.forgets(state, asleep_ps) else 0
        return self.words.logic * instruction + forgotten * template


def oracle_of(machine: Machine, program: Program | Tenancy) -> Oracle | None:
    """Return the oracle of a machine whose policy asks for one."""
    if machine.power is None or machine.power.policy != ORACLE:
        return None
    return RestCosts.of(machine, program).best


def words_of(program: Program | Tenancy) -> Words:
    """Return the words that a machine holds for programs: instructions, and their templates."""
    instructions = [step for each in Tenancy.of(program).programs for step in each.instructions]
    templates = sum(len(each.destination) * taps_per_cell(each) for each in instructions)
    return Words(len(instructions), templates)


def _cells(machine: Machine) -> int:
    """Return the cells of a bank."""
    return machine.arrays.rows.value * machine.arrays.cols.value * machine.banks.planes.value
