"""What power states did in a run: time and energy in each, entries, what was restored, who waited.

Times in ps, energies in aJ, from the records alone.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accelsim.energy import Priced
from accelsim.records import KINDS, Groups
from accelsim.records.reasons import ASLEEP, WAKING
from accelsim.topology import PowerState, power_path

_ENTER, _SLEEP, _EXIT = (KINDS.index(kind) for kind in ("enter", "sleep", "exit"))
_RESTORE, _WAIT = KINDS.index("restore"), KINDS.index("wait")
_STATIC = KINDS.index("standby")


@dataclass(frozen=True)
class PowerUse:
    """Power states of a run.

    entries, asleep_ps: by state. asleep_aJ: what the whole machine drew in any state.
    transitions_aJ: entries and exits. restored: words. waited, waited_ps: images whose wait in the
    queue was for the machine to wake, and how long together.
    """

    entries: dict[PowerState, int]
    asleep_ps: dict[PowerState, int]
    asleep_aJ: int  # noqa: N815 - aJ is the unit
    transitions_aJ: int  # noqa: N815
    restored: int
    restored_aJ: int  # noqa: N815
    waited: int
    waited_ps: int


class PowerTally:
    """A priced sink that adds up what power states did."""

    def __init__(self) -> None:
        self._entries, self._asleep = Counter[str](), Counter[str]()
        self._sums = Counter[str]()

    def write(self, priced: Priced) -> None:
        """Add one block."""
        records, sums = priced.records, self._sums
        vocabulary, kind = records.vocabulary, records.kind
        asleep = records.cause == vocabulary.find(ASLEEP)
        woken = (kind == _WAIT) & (records.cause == vocabulary.find(WAKING))
        moves = (kind == _ENTER) | (kind == _EXIT)
        restores = kind == _RESTORE
        if not (asleep.any() or woken.any() or moves.any() or restores.any()):
            return
        lasted = records.t_end_ps - records.t_start_ps
        for number in np.flatnonzero(kind == _ENTER).tolist():
            self._entries[vocabulary.texts[records.component[number]]] += 1
        for number in np.flatnonzero(kind == _SLEEP).tolist():
            self._asleep[vocabulary.texts[records.component[number]]] += int(lasted[number])
        sums["asleep"] += _sum(priced.energy_aJ[asleep & ((kind == _SLEEP) | (kind == _STATIC))])
        sums["moves"] += _sum(priced.energy_aJ[moves])
        sums["restored_aJ"] += _sum(priced.energy_aJ[restores])
        for action in ("restore_template", "restore_instruction"):
            sums["restored"] += _sum(records.counts(action)[restores])
        sums["waited"] += int(woken.sum())
        sums["waited_ps"] += _sum(lasted[woken])

    def close(self) -> None:
        """Nothing is left to do."""

    def use(self) -> PowerUse:
        """Return what was found."""
        sums = self._sums
        return PowerUse(
            entries={state: self._entries[power_path(state)] for state in PowerState},
            asleep_ps={state: self._asleep[power_path(state)] for state in PowerState},
            asleep_aJ=sums["asleep"],
            transitions_aJ=sums["moves"],
            restored=sums["restored"],
            restored_aJ=sums["restored_aJ"],
            waited=sums["waited"],
            waited_ps=sums["waited_ps"],
        )


def _sum(values: NDArray[np.integer]) -> int:
    return sum(Groups(len(values)).exact_sums(values))
