"""`study_energy`: what `accelsim study energy` does, as an object."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from accelsim.api.frames import frame_of_csv
from accelsim.api.inputs import Changes, NetworkLike, network_of
from accelsim.api.studies import Progress, check_name
from accelsim.api.tabled import PAGE, Tabled, print_tables
from accelsim.cli.spread_tasks import tables_of
from accelsim.cli.study_tasks import source_of
from accelsim.simulation.images import checked
from accelsim.study.captions import Source
from accelsim.study.catalog import Setting
from accelsim.study.spread import SpreadStudy, spread_csv, study_spread
from accelsim.study.spread_figure import spread_figure
from accelsim.values.effects import check_seed
from accelsim.wording import of_arguments

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd


@dataclass(frozen=True, repr=False, kw_only=True)
class EnergyResult(Tabled):
    """What each image costs by weights and values. See `study_energy`.

    Attributes
    ----------
    study
        Energies of each image in aJ, by action, for each class of synapses.
    source
        Network, images, seed and machine, as the caption of a figure has them.
    """

    study: SpreadStudy
    source: Source = field(repr=False)

    def to_pandas(self) -> "pd.DataFrame":
        """Return a row for each image and class of synapses, energies in aJ."""
        return frame_of_csv(spread_csv(self.study))

    def plot(self, width: float = PAGE) -> "matplotlib.figure.Figure":
        """Return the figure that the command draws; width in inches."""
        return spread_figure(self.study, self.source, width)


@of_arguments
def study_energy(  # noqa: PLR0913 - each is an option of the command
    machine: str | Path = "irmen",
    network: NetworkLike = "mnist",
    *,
    images: int | range = 10_000,
    seed: int = 0,
    dataset: str | Path | None = None,
    set: Changes | None = None,  # noqa: A002 - named as the option of the command
    progress: Progress | None = None,
) -> EnergyResult:
    """Study how much energy depends on the data: each image by its weights and values.

    Parameters
    ----------
    machine
        Name or path of a machine file with a section `energy.by_value`.
    network
        Name, path, or a `Network` with weights and images.
    images
        The first so many of its data set, or a range of image numbers.
    seed
        Of the die and of all noise, if effects are on.
    dataset
        Images and labels in place of those that the network names.
    set
        Dotted keys of the machine file and their new values: ``{"effects.active": "all"}``.
    progress
        Called with images done, images in all, and what is computed.

    Returns
    -------
    EnergyResult
        Prints as the command does.

    Raises
    ------
    accelsim.errors.InputError
        For a machine whose prices follow no values, and a network without values.

    Examples
    --------
    >>> import accelsim
    >>> found = accelsim.study_energy(images=3)
    >>> [part.each.tolist() for part in found.study.cases[0].parts if part.part == "ota_tap_cycle"]
    [[44680041, 44680041, 44680041]]
    """
    check_name(machine)
    check_seed(seed)
    chosen = checked(images)
    setting = Setting(str(machine), dict(set or {}), Path())
    found = network_of(network, dataset)
    study = study_spread(setting, found, chosen, seed, progress)
    return EnergyResult(
        text=print_tables(*tables_of(study, found)),
        study=study,
        source=source_of(setting, found, len(chosen), [seed]),
    )
