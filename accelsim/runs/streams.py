"""What moved from one run of a stream to another: under load, by tenant, power states.

From the figures of both runs, which are of all images, whatever records they keep.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from accelsim.arrivals import Arrivals
from accelsim.errors import InputError
from accelsim.resources import display
from accelsim.runs.arrivals import recorded_stream, tenants_of
from accelsim.runs.directory import STREAM
from accelsim.runs.recorded import RecordedRun
from accelsim.trace.diff import Change, Owners

LOAD, POWER = "under load", "power states"
_FIRST = (
    "time_in_system_mean", "time_in_system_p50", "time_in_system_p95", "time_in_system_p99",
    "time_in_system_max", "wait_mean", "queue_length", "queue_length_max", "images_in_system",
    "arrival_rate", "deadline_misses", "deadlines", "power",
)  # fmt: skip
_OF_TENANT = (*_FIRST[:8], "deadline_misses", "overtaken", "overtaken_max")
Figures = Mapping[str, Any]


def stream_changes(a: Figures, b: Figures) -> list[Change]:
    """Return the figures of two runs of which one at least had a stream; else none.

    a, b: the figures of each, as stats.json has them.
    """
    return list(_changes(a, b)) if "load" in a or "load" in b else []


def owners_of(run: RecordedRun) -> Owners | None:
    """Return whose the images of a run are; None for a network that is alone."""
    found = tenants_of(run)
    return None if found is None else Owners(tuple(run.tenancy.names), found)


def check_owners(a: RecordedRun, b: RecordedRun) -> None:
    """Refuse runs in which an image is of one tenant here, and of another there."""
    streams = recorded_stream(a), recorded_stream(b)
    names = [_names(run, stream) for run, stream in zip((a, b), streams, strict=True)]
    for image, (one, other) in enumerate(zip(*names, strict=False)):
        if one != other:
            raise InputError(
                f"{display(a.path)} and {display(b.path)} cannot be aligned: image {image} is of "
                f"'{one}' in the one, of '{other}' in the other; expected runs of one {STREAM}"
            )


def _names(run: RecordedRun, stream: Arrivals | None) -> list[str]:
    if run.tenancy.is_alone or stream is None or stream.tenant is None:
        return []
    return [run.tenancy.names[place] for place in stream.tenant.tolist()]


def _changes(a: Figures, b: Figures) -> Iterator[Change]:
    yield from _figures(LOAD, a.get("load", {}), b.get("load", {}), _FIRST)
    yield from _figures(LOAD, a, b, ("energy_per_image", "throughput"))
    of_a, of_b = a.get("tenants", {}), b.get("tenants", {})
    for name in dict.fromkeys([*of_a, *of_b]):
        one, other = of_a.get(name, {}), of_b.get(name, {})
        section = f"tenant {name}"
        yield from _figures(section, one.get("load", {}), other.get("load", {}), _OF_TENANT)
        yield from _figures(section, one, other, ("energy_per_image", "throughput"))
    one, other = a.get("power", {}), b.get("power", {})
    yield from _figures(POWER, one, other, tuple(dict.fromkeys([*one, *other])))


def _figures(section: str, a: Figures, b: Figures, names: tuple[str, ...]) -> Iterator[Change]:
    for name in names:
        found = [side[name] for side in (a, b) if name in side]
        if found:
            one, other = (side[name]["value"] if name in side else None for side in (a, b))
            yield Change(section, name, one, other, str(found[0]["unit"]))
