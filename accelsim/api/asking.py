"""`explain`, `diff` and `compare`: what the commands of these names do, of runs and machines."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

from accelsim.api.answers import Difference, Explanation, SideBySide, printed
from accelsim.api.inputs import Changes, MachineLike, NetworkLike, machine_of, network_of
from accelsim.api.opened import RunLike, run_of
from accelsim.cli.compare import comparison_tree, print_comparison
from accelsim.cli.diff import print_difference
from accelsim.cli.explain_report import Shown, print_explanation
from accelsim.config import Machine
from accelsim.errors import InputError, ReconciliationError
from accelsim.reports import explain_tree
from accelsim.reports.comparison import compare as run_all
from accelsim.reports.contenders import Contender, read_contender
from accelsim.reports.explanation import check_load, chosen_image
from accelsim.reports.label import check_label
from accelsim.reports.trees import check_metric
from accelsim.runs import RecordedRun, compare_runs, diff_tree
from accelsim.runs.recorded import disagreement
from accelsim.wording import given, of_arguments

Metric = Literal["latency", "energy", "stalls", "utilization", "load", "classification"]
ContenderLike: TypeAlias = MachineLike | RecordedRun


@of_arguments
def explain(
    run: RunLike, metric: Metric | None = None, image: int | None = None, *, full: bool = False
) -> Explanation:
    """Say why a run is what it is: critical path, where the energy goes, waits, busy units.

    Parameters
    ----------
    run
        What `simulate` returned, or the path of a run directory.
    metric
        latency, energy, stalls, utilization, load of a stream, or classification of a run to the
        class label; what matters of each if None.
    image
        Whose latency and energy are explained; the first of the run if None.
    full
        Whether the text has every record, step and unit.

    Returns
    -------
    Explanation
        Prints as the command does; `explanation["latency"]` is the data, times in ps and energies
        in aJ.

    Raises
    ------
    accelsim.errors.InputError
        For another metric, an image that is not in the run, a run that keeps no records,
        `load` of a run whose images all came at one time, and `classification` of one that ends
        with the handoff.

    Examples
    --------
    >>> import accelsim
    >>> why = accelsim.explain(accelsim.simulate("irmen", "mnist"), "latency")
    >>> why["latency"]["latency_ps"], len(why["latency"]["steps"])
    (42000, 14)
    """
    if metric is not None:
        check_metric(metric)
    opened = run_of(run)
    with _agreeing(opened):
        number = chosen_image(opened, image)
        if metric == "load":
            check_load(opened)
        if metric == "classification":
            check_label(opened)
        shown = Shown(opened, number, full=full, reference=False)
        text = printed(lambda console: print_explanation(console, shown, metric))
        return Explanation(text, explain_tree(opened, metric, number))


@of_arguments
def diff(a: RunLike, b: RunLike) -> Difference:
    """Compare two runs cycle by cycle: where they part, and what changed.

    Parameters
    ----------
    a, b
        What `simulate` returned, or the paths of run directories or traces (.parquet, .csv).

    Returns
    -------
    Difference
        Prints as the command does; `same` tells whether schedule, energy and values are the same.

    Raises
    ------
    accelsim.errors.InputError
        For what is no run, or runs that keep different records.

    Examples
    --------
    >>> import accelsim
    >>> usual, slow = (accelsim.simulate(set={"timing.write_cycles": n}) for n in (2, 3))
    >>> accelsim.diff(usual, slow).same
    False
    """
    found = compare_runs(_side(a, "run a"), _side(b, "run b"))
    return Difference(printed(lambda it: print_difference(it, found)), diff_tree(found), found)


@of_arguments
def compare(
    *contenders: ContenderLike,
    network: NetworkLike | None = None,
    images: int | range | None = None,
    set: Changes | None = None,  # noqa: A002 - named as the option of the command
) -> SideBySide:
    """Compare machines, variants of them, and runs on a network.

    Parameters
    ----------
    *contenders
        Two or more: machines, by name, path or loaded; variants such as
        "irmen:sequencer.contexts=3"; or run directories.
    network
        Network of the machines; mnist, or that of the runs, if None.
    images
        The first so many of its data set, or a range; 100, or those of the runs, if None.
    set
        Changes of all machines that are not loaded already.

    Returns
    -------
    SideBySide
        Prints as the command does; `to_pandas` gives a row for each figure.

    Raises
    ------
    accelsim.errors.InputError
        For fewer than two, for two that do not differ, and for runs of different networks.

    Examples
    --------
    >>> import accelsim
    >>> table = accelsim.compare("irmen", "irmen:sequencer.contexts=2", images=2)
    >>> [line.values for line in table.comparison.lines if line.figure == "latency"]
    [(42000, 42000)]
    """
    chosen = [_contender(each, set) for each in contenders]
    needed = network is not None or not any(each.run for each in chosen)
    found = run_all(chosen, network_of(network or "mnist") if needed else None, images)
    text = printed(lambda console: print_comparison(console, found))
    return SideBySide(text, comparison_tree(found), found)


def _side(run: RunLike, name: str) -> RecordedRun | Path:
    """Return a run, or the path of a run directory or trace."""
    return Path(run) if isinstance(run, str | Path) else run_of(run, name)


def _contender(given_: ContenderLike, changes: Changes | None) -> Contender:
    if isinstance(given_, Machine):
        return Contender(given_.name, machine_of(given_, changes))
    if isinstance(given_, RecordedRun):
        return read_contender(str(given_.path), changes)
    if not isinstance(given_, str | Path):
        raise InputError(
            f"{given('contenders')}: got {type(given_).__name__}; expected machines or run "
            "directories"
        )
    return read_contender(str(given_), changes)


@contextmanager
def _agreeing(run: RecordedRun) -> Iterator[None]:
    """Turn a disagreement within a run that was kept into damage of its files."""
    try:
        yield
    except ReconciliationError as error:
        if not run.manifest["files"]:
            raise
        raise disagreement(run.path, error) from None
