"""When the images of a recorded run arrived, from its trace."""

import numpy as np

from accelsim.arrivals import ArrivalFile, Arrivals
from accelsim.errors import InputError
from accelsim.model import Arrival
from accelsim.resources import display
from accelsim.runs.directory import STREAM, read_recorded
from accelsim.runs.recorded import RecordedRun
from accelsim.simulation.images import MOST_IMAGES
from accelsim.trace import TraceFile

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
        raise InputError(f"{display(trace.path)}: a record begins before 0 ps")
    if min(first) < 0 or max(first) >= MOST_IMAGES:
        raise InputError(
            f"{display(trace.path)}: images {min(first)} to {max(first)}: out of range"
        )
    return [Arrival(image, first[image][0]) for image in sorted(first, key=lambda key: first[key])]


def recorded_stream(run: RecordedRun) -> Arrivals | None:
    """Return the stream that a recorded run had; None for images that all came at time 0.

    Raises InputError if it is damaged, or is not what the trace says.
    """
    if STREAM not in run.manifest["files"]:
        return None
    stream = ArrivalFile(run.path / STREAM).arrivals()
    recorded = read_recorded(run.manifest, run.path)
    if (recorded.first_image, recorded.images) != (0, len(stream)):
        raise InputError(
            f"{display(run.path / STREAM)}: damaged: {len(stream)} arrivals; the manifest has "
            f"images {recorded.first_image} to {recorded.first_image + recorded.images - 1}"
        )
    return stream
