"""`study_load` and `study_power`: streams of images, as the commands study them, as objects."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from accelsim.api.frames import frame_of_csv
from accelsim.api.inputs import Changes, NetworkLike, network_of
from accelsim.api.studies import Progress, check_name
from accelsim.api.tabled import PAGE, Tabled, print_tables
from accelsim.cli import power_tasks
from accelsim.cli.load_tasks import load_table
from accelsim.cli.study_tasks import source_of
from accelsim.study import load, power
from accelsim.study.captions import Source
from accelsim.study.catalog import Setting
from accelsim.study.load_figure import load_figure
from accelsim.study.power_figure import power_figure
from accelsim.values.effects import check_seed
from accelsim.wording import of_arguments

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd

Process = Literal["poisson", "periodic", "bursty"]


@dataclass(frozen=True, repr=False, kw_only=True)
class LoadResult(Tabled):
    """Latency under load. See `study_load`.

    Attributes
    ----------
    study
        Points, and the rate (a second) that each number of contexts can take.
    source
        Network, images, seed and machine, as the caption of a figure has them.
    """

    study: load.LoadStudy
    source: Source = field(repr=False)

    def to_pandas(self) -> "pd.DataFrame":
        """Return a row for each stream: times in ps, energy in aJ, power in W, rates a second."""
        return frame_of_csv(load.load_csv(self.study))

    def plot(self, width: float = PAGE) -> "matplotlib.figure.Figure":
        """Return the figure that the command draws; width in inches."""
        return load_figure(self.study, self.source, width)


@dataclass(frozen=True, repr=False, kw_only=True)
class PowerResult(Tabled):
    """Energy of an image with its rest. See `study_power`.

    Attributes
    ----------
    study
        Points by machine and policy, and from how long a rest on each state pays (ps).
    source
        Network, images and machines, as the caption of a figure has them.
    """

    study: power.PowerStudy
    source: Source = field(repr=False)

    def to_pandas(self) -> "pd.DataFrame":
        """Return a row for each machine, policy and rate: times in ps, energy in aJ."""
        return frame_of_csv(power.power_csv(self.study))

    def plot(self, width: float = PAGE) -> "matplotlib.figure.Figure":
        """Return the figure that the command draws; width in inches."""
        return power_figure(self.study, self.source, width)


@of_arguments
def study_load(  # noqa: PLR0913 - each is an option of the command
    machine: str | Path = "irmen",
    network: NetworkLike = "mnist",
    *,
    contexts: Sequence[int] = load.CONTEXTS,
    loads: Sequence[float] = load.SHARES,
    process: Process = "poisson",
    images: int = 4000,
    seed: int = 0,
    set: Changes | None = None,  # noqa: A002 - named as the option of the command
    progress: Progress | None = None,
) -> LoadResult:
    """Study latency against offered load, by images in flight: queueing, energy, power.

    Parameters
    ----------
    machine
        Name or path of a machine file; points are changes of it.
    network
        Name, path, or a `Network`.
    contexts
        Images in flight.
    loads
        Shares of the rate that saturates the machine, up to 2.
    process
        How images arrive.
    images
        Of each stream.
    seed
        Of the streams.
    set
        Dotted keys of the machine file and their new values.
    progress
        Called with streams done, streams in all, and the next one.

    Returns
    -------
    LoadResult
        Prints as the command does.

    Raises
    ------
    accelsim.errors.InputError
        For contexts, shares or a process that cannot be.

    Examples
    --------
    >>> import accelsim
    >>> found = accelsim.study_load(contexts=[1], loads=[0.5], process="periodic", images=40)
    >>> found.to_pandas()["time_in_system_mean_ps"].tolist()
    [42000.0]
    """
    check_name(machine)
    check_seed(seed)
    plan = load.Plan(contexts, loads, process, images, seed)
    setting = Setting(str(machine), dict(set or {}), Path())
    found = network_of(network)
    study = load.study_load(setting, found, plan, progress or _quiet)
    return LoadResult(
        text=print_tables(load_table(study, found)),
        study=study,
        source=source_of(setting, found, images, [seed]),
    )


@of_arguments
def study_power(
    network: NetworkLike = "mnist",
    *,
    rates: Sequence[str] = (),
    images: int = power.IMAGES,
    set: Changes | None = None,  # noqa: A002 - named as the option of the command
    progress: Progress | None = None,
) -> PowerResult:
    """Study energy against the rate of images, by machine and policy of power: what a rest costs.

    The machines are IRMEN cells by what holds their levels, and charge-based cells.

    Parameters
    ----------
    network
        Name, path, or a `Network`.
    rates
        Of images: ``["1/h", "10 Hz", "2 MHz"]``; from one an hour to saturation if empty.
    images
        Of each stream.
    set
        Dotted keys of every machine and their new values.
    progress
        Called with streams done, streams in all, and the next one.

    Returns
    -------
    PowerResult
        Prints as the command does.

    Raises
    ------
    accelsim.errors.InputError
        For rates or a number of images that cannot be, and changes that a machine does not allow.

    Examples
    --------
    >>> import accelsim
    >>> found = accelsim.study_power(rates=["1 kHz"], images=1)
    >>> list(found.study.break_even)
    ['irmen, held', 'irmen, charge', 'irmen, remanent', 'charge']
    """
    chosen = rates.split(",") if isinstance(rates, str) else rates
    plan = power.Plan(power.rates_of(chosen), images, dict(set or {}))
    found = network_of(network)
    study = power.study_power(found, plan, progress or _quiet)
    tables = power_tasks.energy_table(study), power_tasks.break_even_table(study)
    return PowerResult(
        text=print_tables(*tables), study=study, source=power_tasks.source_of(found, plan)
    )


def _quiet(done: int, total: int, what: str) -> None:
    """Show no progress."""
