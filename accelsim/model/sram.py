"""SRAM of a machine that keeps feature maps there: words, in planes of a map a lane.

Modelled: what a plane holds, and of which image; that it cannot be written while it is read; words
that are read and written; leakage over the run. Left out: ports and banks of the memory, of which
each converter lane and the digital engine are assumed to have their own; its refresh, as it has
none. Time in ps.
"""

from typing import NamedTuple

from accelsim.config import Codes
from accelsim.kernel import Process, Simulation, State
from accelsim.model.design import Design
from accelsim.model.messages import Charged, Issued, Stored
from accelsim.model.planes import Planes
from accelsim.model.standby import Standby
from accelsim.records.recorder import Recorder
from accelsim.topology import SRAM, Place


class WordActions(NamedTuple):
    """Words: as many are read, or written, as hold the codes of the cells."""

    codes: Codes

    def read(self, cells: int) -> dict[str, int]:
        """Return what a read of a plane counts."""
        return {"sram_read": self.codes.words(cells)}

    def write(self, cells: int) -> dict[str, int]:
        """Return what a write of a plane counts."""
        return {"sram_write": self.codes.words(cells)}


class Sram(Planes):
    """The maps in the SRAM."""

    def __init__(
        self, simulation: Simulation, design: Design, codes: Codes, recorder: Recorder
    ) -> None:
        super().__init__(
            simulation,
            design,
            Place.SRAM,
            recorder,
            planes=design.sram_planes,
            actions=WordActions(codes),
        )
        powered = ("sram_leakage", 1)
        self._standby = Standby(recorder, design.period_ps, [SRAM], powered)

    def run(self) -> Process:
        """Do everything that can happen to the SRAM."""
        inbox = self.inbox
        while True:
            message = yield inbox
            what = type(message)
            if what is Issued:
                self._take(message.step)
            elif what is Charged:
                self._isolate(message.step, message.time_ps)
            elif what is Stored:
                self._store(message.step, message.isolated_ps, message.time_ps)

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        super().exchange(state)
        self._standby.exchange(state)

    def close(self, end_ps: int) -> None:
        """Report the leakage up to the end of the run."""
        self._standby.report(end_ps)
