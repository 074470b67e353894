"""The command that runs one point alone."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from accelsim.resources import display
from accelsim.sweeps.columns import DEVICE, SET
from accelsim.sweeps.keys import MACHINE, RATE, WORKLOAD
from accelsim.sweeps.space import Space
from accelsim.sweeps.store import DEVICES

_ARRIVALS = "arrivals.csv"


def command_of(space: Space, row: Mapping[str, Any], folder: Path) -> str:
    """Return what runs the point of a row, in a shell, from the working directory.

    folder: of the sweep, where the device file of the point's cell is. A stream is made first, as
    `arrivals.csv`.
    """
    machine, network = (_shown(space.places[what, row[what]]) for what in (MACHINE, WORKLOAD))
    parts = ["accelsim", "run", machine, "--workload", network]
    before = ""
    if space.dataset is not None:
        parts += ["--dataset", space.dataset]
    if space.arrivals is None:
        first, last = space.images.start, space.images.stop
        parts += ["--images", f"{first}:{last}" if first else str(last)]
    else:
        before = f"{shlex.join(_stream(space, row))} && "
        parts += ["--arrivals", _ARRIVALS]
    if row["seed"]:
        parts += ["--seed", str(row["seed"])]
    for change in row[SET]:
        key, _, value = change.partition("=")
        if key != DEVICE:
            parts += ["--set", change]
        elif row[DEVICE] is None:  # else the file of its own cell is in its place
            parts += ["--set", f"{DEVICE}={_shown(space.places[DEVICE, value])}"]
    if row[DEVICE] is not None:
        parts += ["--set", f"{DEVICE}={display(folder / DEVICES / row[DEVICE])}"]
    return before + shlex.join(parts)


def _shown(place: str) -> str:
    """Return a name that ships as it is, and a path from the working directory."""
    return display(Path(place)) if Path(place).is_absolute() else place


def _stream(space: Space, row: Mapping[str, Any]) -> list[str]:
    """Return the command that makes the stream of a point."""
    stream = space.arrivals
    assert stream is not None  # noqa: S101 - for the type checker; callers looked
    rate = row.get(RATE)
    parts = ["accelsim", "workload", stream.process]
    parts += ["--rate", f"{rate:.12g} Hz" if isinstance(rate, float) else rate or stream.rate]
    parts += ["--images", str(len(space.images))]
    if stream.process != "periodic":
        parts += ["--seed", str(stream.seed)]
    return [*parts, "--output", _ARRIVALS]
