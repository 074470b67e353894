"""Connects what lets faults strike to the blocks that they strike."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from accelsim.kernel import Line, Message, Port, Simulation
from accelsim.model.bank import Banks
from accelsim.model.bank_faults import BankFaults
from accelsim.model.datapath import Direction, RouteFaults
from accelsim.model.design import Design
from accelsim.model.fault_design import FaultDesign, Target
from accelsim.model.faults import FaultWatch, Injector
from accelsim.model.host import HostSink
from accelsim.model.sequencer import Sequencer
from accelsim.model.supply import Sleeper, Supply
from accelsim.records.recorder import Recorder
from accelsim.topology import PathKind

_SUPPLY = "supply"


class FaultyBlocks(NamedTuple):
    """The blocks that faults concern."""

    sequencer: Sequencer
    sink: HostSink
    banks: Sequence[Banks]
    directions: Sequence[Direction]


class FaultWiring:
    """The injector of a machine's faults, and its supply, if that may fail."""

    def __init__(
        self,
        simulation: Simulation,
        design: Design,
        faults: FaultDesign,
        blocks: FaultyBlocks,
        recorder: Recorder,
    ) -> None:
        self.injector = Injector(simulation, faults)
        self.supply: Supply | None = None
        if design.supply is not None:
            self.supply = Supply(simulation, design, faults, design.supply, recorder)
        self._blocks = blocks

    def connect(
        self,
        line: Callable[..., Line[Message]],
        sleepers: Callable[[Line[Message]], list[Sleeper]],
    ) -> FaultWatch:
        """Connect them. line: makes one to some ports. sleepers: lists all that needs a supply.

        Return what the fast-forward has to know of faults.
        """
        injector, sequencer = self.injector, self._blocks.sequencer.inbox
        injector.own_line = line(injector.inbox)
        lines: dict[str, Line[Message]] = {}
        blocks: list[BankFaults | RouteFaults] = []
        for name, faults, inbox in self._struck():
            lines[name] = faults.log.own_line = line(inbox)
            blocks.append(faults)
            if isinstance(faults, BankFaults):
                faults.sequencer_line = line(inbox, sequencer)
        logs = [block.log for block in blocks]
        if self.supply is not None:
            lines[_SUPPLY] = line(self.supply.inbox)
            self._connect_supply(self.supply, lines[_SUPPLY], line, sleepers)
            logs.append(self.supply.log)
        injector.line_to = lambda target: lines[_name(target)]
        return FaultWatch(injector, logs, blocks)

    def _connect_supply(
        self,
        supply: Supply,
        own_line: Line[Message],
        line: Callable[..., Line[Message]],
        sleepers: Callable[[Line[Message]], list[Sleeper]],
    ) -> None:
        blocks = self._blocks
        supply.own_line = own_line
        supply.awake_line = line(blocks.sequencer.inbox)
        supply.coming_back.sleepers = sleepers(supply.awake_line)
        supply.bystanders = [line(blocks.sink.inbox, *(each.inbox for each in blocks.directions))]

    def _struck(self) -> list[tuple[str, BankFaults | RouteFaults, Port[Message]]]:
        """Return the blocks that are struck one by one: a name, what goes wrong, where it hears."""
        banks, ways = self._blocks.banks, self._blocks.directions
        return [
            *((one.place.value, one.faults, one.inbox) for one in banks if one.faults is not None),
            *((one.path, one.faults, one.inbox) for one in ways if one.faults is not None),
        ]


def _name(target: Target) -> str:
    """Return the name of the block whose process is struck: a place, a way, or the supply."""
    if target.part is PathKind.DIRECTION:
        return target.path
    return _SUPPLY if target.place is None else target.place.value
