"""`accelsim.simulate`: what `accelsim run` does, with arguments in place of options."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accelsim.api.inputs import Changes, MachineLike, NetworkLike, machine_of, subject_of
from accelsim.api.result import Result
from accelsim.arrivals import ArrivalFile, Arrivals, Names
from accelsim.compiler import Program
from accelsim.errors import InputError
from accelsim.network import Network, Tenant
from accelsim.network.arrays import ImageArrays, images_of
from accelsim.runs import Stop
from accelsim.runs.record import simulate as run
from accelsim.simulation.position import Progress
from accelsim.trace import EVERY_RECORD, Window, parse_kept
from accelsim.values.effects import check_seed
from accelsim.wording import of_arguments

ImagesLike: TypeAlias = int | range | Arrivals | NDArray[np.generic] | list[Any]
_KEPT = {"all": EVERY_RECORD, "none": None}


@of_arguments
def simulate(  # noqa: PLR0913 - each is an option of `accelsim run`
    machine: MachineLike = "irmen",
    network: NetworkLike = "mnist",
    images: ImagesLike = 1,
    *,
    labels: ArrayLike | None = None,
    dataset: str | Path | None = None,
    arrivals: Arrivals | str | Path | None = None,
    set: Changes | None = None,  # noqa: A002 - named as the option of the command
    effects: str | Sequence[str] | None = None,
    seed: int = 0,
    outdir: Path | str | None = None,
    force: bool = False,
    trace: Window | str | None = EVERY_RECORD,
    command: Sequence[str] = (),
    compiled: Callable[[Sequence[Program]], None] | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
    fast_forward: bool = True,
    keep_maps: bool = True,
) -> Result:
    """Simulate images of a network on a machine: schedule, energy, trace and classes.

    Parameters
    ----------
    machine
        Name of a machine that ships ("irmen", "charge"), path of a machine file, or a `Machine`.
    network
        Name of a network that ships ("mnist", ...), path of a network file or ONNX model, or a
        `Network`; or tenants (a file or a sequence of them), which need `arrivals` that say whose
        each image is.
    images
        How many of the data set, from its first, or a range of image numbers; or images of your
        own as an array of shape (n, rows, cols) or (n, maps, rows, cols): numbers from -1 to 1, or
        unsigned bytes of which 255 is stored as 1. All arrive at time 0, unless `arrivals` says
        otherwise.
    labels
        Classes of images given as an array, whole numbers of shape (n,).
    dataset
        Images and labels in place of those that the network names: a file or folder.
    arrivals
        A stream of arrivals, or the CSV or Parquet file of one: when each image comes.
    set
        Dotted keys of the machine file and their new values: ``{"sequencer.contexts": 3}``.
    effects
        Non-ideal effects on the values: "all", "none", or names of effects.
    seed
        Of the die and of all noise, if effects are active.
    outdir
        Where the run's files go; None keeps the trace in memory. A long run leaves checkpoints.
    force
        Whether to replace a run that is in `outdir`.
    trace
        Which records are kept: "all", "none" (also None), or a window: "10 us..20 us", or "40:60"
        of images. Figures and ledger are of all records in any case.
    command
        Command line for the manifest of `outdir`.
    compiled
        Called with the programs before anything runs.
    progress
        Called after each block of records.
    stop
        With an `outdir`, who may ask the run to stop where it can be completed later.
    fast_forward
        Whether to skip what repeats itself, which changes nothing but the time it takes.
    keep_maps
        Whether the result has features and logits of all images, or their classes alone.

    Returns
    -------
    Result
        Schedule, figures, ledger, trace and values; frozen.

    Raises
    ------
    accelsim.errors.InputError
        Before anything is written, if the network does not fit the machine or an argument cannot
        be used.
    accelsim.errors.DeadlockError, accelsim.errors.ReconciliationError
        For a defect of the program or the model.

    Examples
    --------
    >>> import accelsim
    >>> result = accelsim.simulate("irmen", "mnist", images=3, set={"sequencer.contexts": 2})
    >>> print(result.stats.latency, result.stats.makespan)
    42 ns 84 ns
    >>> result.values.predicted.tolist()
    [7, 2, 1]

    Images of one's own: black ones.

    >>> import numpy as np
    >>> accelsim.simulate("irmen", "mnist", np.zeros((2, 28, 28)), labels=[1, 1]).values.accuracy
    1.0
    """
    _check_number("seed", seed)
    check_seed(seed)
    design = machine_of(machine, set, effects)
    subject = subject_of(network, dataset)
    chosen, own = _images(images, labels, subject)
    if arrivals is not None:
        chosen = _stream(arrivals, chosen, own, subject)
    kept = _kept(trace)
    found = run(
        design,
        subject,
        chosen,
        arrays=own,
        outdir=outdir,
        force=force,
        seed=seed,
        trace=kept,
        command=command,
        compiled=compiled,
        progress=progress,
        stop=stop,
        fast_forward=fast_forward,
        keep_maps=keep_maps,
    )
    return Result.of(found, seed, kept, "" if own is None else own.sha256)


def _images(
    images: ImagesLike, labels: ArrayLike | None, subject: Network | Sequence[Tenant]
) -> tuple[int | range | Arrivals, ImageArrays | None]:
    """Return which images arrive, and their values if they are arrays."""
    if isinstance(images, int | range | Arrivals):
        _check_number("images", images)
        if labels is not None:
            raise InputError("labels: expected images as an array beside them")
        return images, None
    if not isinstance(images, np.ndarray | list):
        raise InputError(
            f"images: got {type(images).__name__}; expected a number, a range, or an array"
        )
    if not isinstance(subject, Network):
        raise InputError("images: got an array, and tenants; expected a data set of each tenant")
    own = images_of(subject, images, labels)
    return len(own), own


def _check_number(name: str, value: object) -> None:
    if isinstance(value, bool) or (name == "seed" and not isinstance(value, int | np.integer)):
        raise InputError(f"{name}: got {value!r}; expected a whole number")


def _stream(
    arrivals: Arrivals | str | Path,
    images: int | range | Arrivals,
    own: ImageArrays | None,
    subject: Network | Sequence[Tenant],
) -> Arrivals:
    """Return a stream, or read it; InputError if images are chosen beside it."""
    if own is None and images != 1:
        raise InputError("images: arrivals say which images come; leave one out")
    if isinstance(arrivals, Arrivals):
        return arrivals
    names = Names((), (subject.name,)) if isinstance(subject, Network) else Names(
        tuple(each.name for each in subject), tuple(each.network.name for each in subject)
    )  # fmt: skip
    return ArrivalFile(Path(arrivals), names).arrivals()


def _kept(trace: Window | str | None) -> Window | None:
    if isinstance(trace, str):
        return _KEPT[trace] if trace in _KEPT else parse_kept("trace", trace)
    return trace
