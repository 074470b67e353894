"""`study_snr`: what `accelsim study snr` does, as an object."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from accelsim.api.frames import frame_of_csv
from accelsim.api.inputs import Changes, NetworkLike, network_of
from accelsim.api.studies import Progress, check_name
from accelsim.api.tabled import PAGE, Tabled, print_tables
from accelsim.cli.study_tasks import signal_table, source_of
from accelsim.simulation.images import checked
from accelsim.study.captions import Source
from accelsim.study.catalog import Setting
from accelsim.study.measure import Bench
from accelsim.study.signal_figure import signal_figure
from accelsim.study.snr import SignalStudy, signal_csv, study_signal
from accelsim.values.effects import check_seed
from accelsim.wording import of_arguments

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd


@dataclass(frozen=True, repr=False, kw_only=True)
class SignalResult(Tabled):
    """Signal and error of each step's maps. See `study_snr`.

    Attributes
    ----------
    study
        Steps in order, of full scale, and accuracies as shares.
    source
        Network, images, seed and machine, as the caption of a figure has them.
    """

    study: SignalStudy
    source: Source = field(repr=False)

    def to_pandas(self) -> "pd.DataFrame":
        """Return a row for each map of each step: signal and errors of full scale, ratios in dB."""
        return frame_of_csv(signal_csv(self.study))

    def plot(self, width: float = PAGE) -> "matplotlib.figure.Figure":
        """Return the figure that the command draws; width in inches."""
        return signal_figure(self.study, self.source, width)


@of_arguments
def study_snr(  # noqa: PLR0913 - each is an option of the command
    machine: str | Path = "irmen",
    network: NetworkLike = "mnist",
    *,
    images: int | range = 1000,
    seed: int = 0,
    dataset: str | Path | None = None,
    set: Changes | None = None,  # noqa: A002 - named as the option of the command
    progress: Progress | None = None,
) -> SignalResult:
    """Study where accuracy is lost: signal to noise of each step's maps against ideal cells.

    Parameters
    ----------
    machine
        Name or path of a machine file; all effects are on unless it or `set` names some.
    network
        Name, path, or a `Network` with weights and images.
    images
        The first so many of its data set, or a range of image numbers.
    seed
        Of the die and of all noise.
    dataset
        Images and labels in place of those that the network names.
    set
        Dotted keys of the machine file and their new values: ``{"effects.active": "read_noise"}``.
    progress
        Called with runs done, runs in all, and the effect that is next.

    Returns
    -------
    SignalResult
        Prints as the command does.

    Raises
    ------
    accelsim.errors.InputError
        For a machine whose effects are all off, and a network without values.

    Examples
    --------
    >>> import accelsim
    >>> found = accelsim.study_snr(images=8, set={"effects.active": "settling"})
    >>> [step.op for step in found.study.steps][:3], len(found.to_pandas())
    (['load', 'conv', 'relu'], 81)
    """
    check_name(machine)
    check_seed(seed)
    chosen = checked(images)
    setting = Setting(str(machine), dict(set or {}), Path())
    found = network_of(network, dataset)
    study = study_signal(setting, Bench(found, chosen), seed, progress)
    return SignalResult(
        text=print_tables(signal_table(study, found)),
        study=study,
        source=source_of(setting, found, len(chosen), [seed]),
    )
