"""When the images of a recorded run arrived."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accelsim.arrivals import ArrivalFile, Arrivals, Names
from accelsim.errors import InputError
from accelsim.model import Arrival
from accelsim.resources import display
from accelsim.runs.directory import MANIFEST, STREAM, TRACE, Recorded, read_recorded
from accelsim.runs.recorded import RecordedRun
from accelsim.simulation import arrivals_of
from accelsim.simulation.images import MOST_IMAGES
from accelsim.trace import TraceFile
from accelsim.trace.structure import before_the_run

_COLUMNS = ("id", "t_start_ps", "image")


def recover_arrivals(trace: TraceFile) -> list[Arrival]:
    """Return the images of a trace in order of arrival, with their times.

    The first thing that an image does is to wait in the host's queue, to wait in a context,
    or to be loaded: its earliest record begins when it arrives. Images of one time come in
    the order of their first records. Raises InputError if no record has an image.
    """
    first: dict[int, tuple[int, int]] = {}
    for batch in trace.batches(columns=_COLUMNS):
        batch = batch.filter(batch["image"].is_valid())  # noqa: PLW2901 - the part that counts
        number, start, image = (batch[name].to_numpy(zero_copy_only=False) for name in _COLUMNS)
        order = np.lexsort((number, start, image))
        images, places = np.unique(image[order], return_index=True)
        begins = order[places]
        for each, time, row in zip(
            images.tolist(), start[begins].tolist(), number[begins].tolist(), strict=True
        ):
            first[each] = min((time, row), first.get(each, (time, row)))
    if not first:
        raise InputError(f"{display(trace.path)}: no record has an image: there is nothing to run")
    if min(first.values())[0] < 0:
        raise before_the_run(trace.path)
    if min(first) < 0 or max(first) >= MOST_IMAGES:
        raise InputError(
            f"{display(trace.path)}: images {min(first)} to {max(first)}: out of range"
        )
    return [Arrival(image, first[image][0]) for image in sorted(first, key=lambda key: first[key])]


def recorded_arrivals(run: RecordedRun) -> tuple[list[Arrival], Arrivals | None]:
    """Return when the images of a run arrived, and the stream that says so if it had one.

    From its stream, or else from its records; where it keeps neither, all at time 0. Raises
    InputError for a manifest, trace or stream that is damaged, or that do not agree.
    """
    stream, recorded = recorded_stream(run), read_recorded(run.manifest, run.path)
    found = None
    if run.kept is not None and not run.kept:
        found = recover_arrivals(run.trace)
        _check_images(run, [arrival.image for arrival in found])
    if stream is not None:
        usual = [each.priority or 0 for each in recorded.tenants]
        said = list(arrivals_of(stream, usual))
        times = [(each.image, each.time_ps) for each in said]
        if found is not None and times != sorted((each.image, each.time_ps) for each in found):
            raise InputError(f"{display(run.path / STREAM)}: damaged: other times than in {TRACE}")
        return said, stream
    if found is not None:
        return found, None
    first, number = recorded.first_image, recorded.images
    if first + number > MOST_IMAGES:
        raise InputError(f"{display(run.path / MANIFEST)}: damaged: image {first + number - 1}")
    return [Arrival(image, 0) for image in range(first, first + number)], None


def _check_images(run: RecordedRun, images: list[int]) -> None:
    """Hold the images of the trace against those of the manifest."""
    recorded = read_recorded(run.manifest, run.path)
    first, number = recorded.first_image, recorded.images
    without_gap = max(images) - min(images) + 1 == len(images)  # each image is there once
    if not without_gap or (first, number) != (min(images), len(images)):
        raise InputError(
            f"{display(run.path / MANIFEST)}: damaged: it says first_image {first} and images "
            f"{number}, the trace has {len(images)} images, {min(images)} to {max(images)}"
        )


def tenants_of(run: RecordedRun) -> NDArray[np.int64] | None:
    """Return whose each image of a run is, from image 0; None for a network that is alone."""
    if run.tenancy.is_alone:
        return None
    stream = recorded_stream(run)
    if stream is None or stream.tenant is None:
        raise InputError(f"{display(run.path)}: damaged: its arrivals do not say whose they are")
    return stream.tenant


def tenant_of(run: RecordedRun, image: int) -> str:
    """Return the name of the tenant of an image; "" for a network that is alone."""
    owners = tenants_of(run)
    return "" if owners is None else run.tenancy.names[int(owners[image])]


def recorded_stream(run: RecordedRun) -> Arrivals | None:
    """Return the stream that a recorded run had; None for images that all came at time 0.

    Raises InputError if it is damaged, or is not what the trace says.
    """
    if STREAM not in run.manifest["files"]:
        return None
    return read_stream(run.path, read_recorded(run.manifest, run.path))


def read_stream(folder: Path, recorded: Recorded) -> Arrivals:
    """Return the stream of a run directory; InputError if it is not what the manifest says."""
    names = None
    if recorded.tenants:
        names = Names(
            tuple(each.name for each in recorded.tenants),
            tuple(each.workload for each in recorded.tenants),
        )
    stream = ArrivalFile(folder / STREAM, names).arrivals()
    if (recorded.first_image, recorded.images) != (0, len(stream)):
        raise InputError(
            f"{display(folder / STREAM)}: damaged: {len(stream)} arrivals; the manifest has "
            f"images {recorded.first_image} to {recorded.first_image + recorded.images - 1}"
        )
    return stream
