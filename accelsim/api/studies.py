"""`study_accuracy`: what `accelsim study accuracy` does, as an object."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from accelsim.api.inputs import Changes, NetworkLike, network_of
from accelsim.api.tabled import PAGE, Tabled, print_tables
from accelsim.cli.study_tasks import accuracy_table, source_of
from accelsim.errors import InputError, nearest
from accelsim.files import scratch_folder
from accelsim.simulation.images import checked
from accelsim.study.accuracy import run_study
from accelsim.study.accuracy_figure import accuracy_figure
from accelsim.study.captions import Source
from accelsim.study.catalog import STUDIES, Setting
from accelsim.study.measure import Bench
from accelsim.study.points import Study
from accelsim.study.summary import Summary, summarize
from accelsim.values.effects import check_seed
from accelsim.wording import of_arguments

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd

Over = Literal[
    "cells", "volume", "bits", "effects", "write", "variation", "stuck", "dies", "conversion"
]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, repr=False, kw_only=True)
class StudyResult(Tabled):
    """A study of accuracy that was measured. See `study_accuracy`.

    Attributes
    ----------
    study
        Name, title and points; each point is a machine with changes.
    summaries
        Mean and spread of each point over the seeds: accuracies as shares, latency in ps, energy
        in aJ.
    source
        Network, images, seeds and machine, as the caption of a figure has them.
    text
        The table that the command prints.
    """

    study: Study
    summaries: tuple[Summary, ...] = field(repr=False)
    source: Source = field(repr=False)

    def to_pandas(self) -> "pd.DataFrame":
        """Return a row for each point; pandas is an extra.

        Returns
        -------
        pandas.DataFrame
            Coordinates of the points, accuracy as shares, latency_ps and energy_per_image_aJ.

        Raises
        ------
        accelsim.errors.InputError
            Without pandas.
        """
        from accelsim.api.frames import new_frame  # noqa: PLC0415 - for pandas alone

        return new_frame(
            {
                **row.point.coordinates,
                "seeds": row.seeds,
                "accuracy_mean": row.mean,
                "accuracy_deviation": row.deviation,
                "accuracy_min": row.least,
                "accuracy_max": row.most,
                "cycles_per_image": row.cycles,
                "latency_ps": row.latency_ps,
                "energy_per_image_aJ": row.energy_aJ,
            }
            for row in self.summaries
        )

    def plot(self, width: float = PAGE) -> "matplotlib.figure.Figure":
        """Return the figure that the command draws; width in inches."""
        return accuracy_figure(self.study, self.summaries, self.source, width)


@of_arguments
def study_accuracy(  # noqa: PLR0913 - each is an option of the command
    over: Over,
    machine: str | Path = "irmen",
    network: NetworkLike = "mnist",
    *,
    images: int | range = 1000,
    seeds: int | Sequence[int] = 5,
    values: Sequence[float] | str = "",
    clocks: Sequence[str] = (),
    dataset: str | Path | None = None,
    set: Changes | None = None,  # noqa: A002 - named as the option of the command
    outdir: str | Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> StudyResult:
    """Study accuracy over machines, effects or dies: table, data frame and figure.

    Parameters
    ----------
    over
        cells, volume, bits, effects, write, variation, stuck, dies or conversion.
    machine
        Name or path of a machine file; points are changes of it.
    network
        Name, path, or a `Network` with weights, images and labels.
    images
        The first so many of its data set, or a range of image numbers.
    seeds
        So many, from 0, or these.
    values
        What to go over in place of the study's own, a list or text such as "1..8".
    clocks
        Clocks of the study "write", such as ["1 GHz", "2 GHz"].
    dataset
        Images and labels in place of those that the network names.
    set
        Dotted keys of the machine file and their new values.
    outdir
        Where rows are kept as they come, so that a study that was interrupted goes on; None keeps
        nothing.
    force
        Whether to replace another study in `outdir`.
    progress
        Called with rows done, rows in all, and what is measured next.

    Returns
    -------
    StudyResult
        Prints as the command does.

    Raises
    ------
    accelsim.errors.InputError
        For another study, a value that it cannot go over, and a network without values.

    Examples
    --------
    >>> import accelsim
    >>> study = accelsim.study_accuracy("bits", images=20, seeds=1, values=[1, 4])
    >>> [row.point.coordinates["weight_bits"] for row in study.summaries]
    [1, 4, 1, 4]
    """
    if over not in STUDIES:
        raise InputError(
            f"over '{over}': expected one of {', '.join(STUDIES)}{nearest(over, STUDIES)}"
        )
    check_name(machine)
    if clocks and over != "write":
        raise InputError(f"clocks: the study '{over}' has one clock; set={{'clock': ...}} changes "
                         "it")  # fmt: skip
    numbers = _seeds(seeds)
    chosen = checked(images)
    with ExitStack() as stack:
        folder = stack.enter_context(scratch_folder()) if outdir is None else Path(outdir)
        text = values if isinstance(values, str) else ",".join(f"{each:g}" for each in values)
        setting = Setting(str(machine), dict(set or {}), folder, text, clocks)
        study = STUDIES[over](setting)
        found = network_of(network, dataset)
        rows = run_study(
            study, Bench(found, chosen), numbers, folder, force=force, progress=progress
        )
        source = source_of(setting, found, len(chosen), numbers)
    summaries = tuple(summarize(rows))
    table = accuracy_table(study, summaries, found, len(chosen), numbers)
    return StudyResult(text=print_tables(table), study=study, summaries=summaries, source=source)


def check_name(machine: object) -> None:
    """Refuse a machine that is loaded already: points of a study are changes of a file."""
    if not isinstance(machine, str | Path):
        raise InputError(
            f"machine: got {type(machine).__name__}; expected a name or path, and changes in set"
        )


def _seeds(seeds: int | Sequence[int]) -> list[int]:
    numbers = [*range(seeds)] if isinstance(seeds, int) else [*seeds]
    if not numbers or len(dict.fromkeys(numbers)) < len(numbers):
        raise InputError(f"seeds={seeds}: expected a number of seeds, or seeds such as [3, 7]")
    for number in numbers:
        check_seed(number)
    return numbers
