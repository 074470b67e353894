"""What a run returns: one frozen object, the same whatever the options."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from accelsim.analysis import Classification, ScheduleRow, Stats, Times
from accelsim.compiler import Program
from accelsim.config import Machine
from accelsim.config.checks import cells_of, warnings_of
from accelsim.energy import Ledger
from accelsim.network import Network, Tenant
from accelsim.values import Values


@dataclass(frozen=True, eq=False)
class TenantResult:
    """The share of a tenant in a finished run.

    stats, times: None without an image. schedule: the steps of its first image. values: None if
    there are none; `no_values` then says why.
    """

    tenant: Tenant
    program: Program
    stats: Stats | None
    ledger: Ledger
    times: Times | None
    schedule: tuple[ScheduleRow, ...]
    values: Values | None
    no_values: str


@dataclass(frozen=True, eq=False)
class Result:
    """A finished run.

    schedule: the steps of the first image. values: None if the network has no weights
    or data set; `no_values` then says why. outdir: the run directory, or None. tenants: empty
    for a network that is alone; else network, program, schedule and values are those of the first
    of them, and stats, ledger and times are of all together. skipped: images that were not run
    event by event, as the machine repeated itself; not_skipped: why there are none, "" if there
    are. classification: what is behind the handoff, with times and ledger of its own; None for a
    run that ends with it.
    """

    machine: Machine
    network: Network
    program: Program
    stats: Stats
    ledger: Ledger
    times: Times
    schedule: tuple[ScheduleRow, ...]
    values: Values | None
    no_values: str
    outdir: Path | None
    read_trace: Callable[[], pa.Table] = field(repr=False, compare=False)
    tenants: tuple[TenantResult, ...] = ()
    skipped: int = 0
    not_skipped: str = ""
    classification: Classification | None = None

    @property
    def whole_ledger(self) -> Ledger:
        """The ledger of all records, of those behind the handoff, too."""
        return self.ledger if self.classification is None else self.classification.ledger

    @property
    def warnings(self) -> tuple[str, ...]:
        """What has to be said of the machine before the figures, as stats.json has it."""
        return warnings_of(self.machine)

    @property
    def cells(self) -> str:
        """What cells the values are of, as stats.json has it: 'ideal cells', or effects."""
        return cells_of(self.machine)

    @property
    def trace(self) -> pa.Table:
        """The trace as an Arrow table (accelsim.trace.SCHEMA).

        With a run directory it is read from there each time; else it is in memory.
        """
        return self.read_trace()
