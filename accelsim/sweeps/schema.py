"""The file of a space, as users write it."""

from typing import Annotated, Any

from pydantic import Field

from accelsim.documents.constants import Check, one_of, problem
from accelsim.documents.validation import Strict, says
from accelsim.quantities import QUANTITIES

GRID, RANDOM, LATIN, SOBOL, SEARCH = "grid", "random", "latin-hypercube", "sobol", "search"
METHODS = (GRID, RANDOM, LATIN, SOBOL, SEARCH)
PROCESSES = ("periodic", "poisson", "bursty")
MOST_POINTS = 1_000_000
"""Points of a grid, and of a sample."""
_NO_OBJECTIVE = ("images", "seed")


def _whole(least: int, most: int) -> Check:
    expected = f"a whole number from {least} to {most:,}"

    def read(raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
            raise problem(f"got {raw!r}; expected {expected}")
        return raw

    return Check(read, expected=expected)


def _figures() -> list[str]:
    return [name for name in QUANTITIES if name not in _NO_OBJECTIVE]


def _read_objectives(raw: object) -> dict[str, str]:
    if not isinstance(raw, dict) or not raw:
        raise problem(f"got {raw!r}; expected figures such as {{latency: min, accuracy: max}}")
    for name, goal in raw.items():
        one_of(_figures).func(name)  # type: ignore[call-arg]
        if goal not in ("min", "max"):
            raise problem(f"got {goal!r}; expected 'min' or 'max'", str(name))
    return raw


class Sample(Strict):
    """Which points of the space are evaluated."""

    method: Annotated[
        str, one_of(lambda: METHODS), says("How points are chosen; a search learns from rows.")
    ] = GRID
    points: Annotated[
        int | None, _whole(1, MOST_POINTS), says("How many, of all methods but a grid.")
    ] = None
    seed: Annotated[int, _whole(0, 2**32 - 1), says("Of what is drawn.")] = 0
    population: Annotated[int, _whole(4, 1000), says("Points of a generation of a search.")] = 20


class Stream(Strict):
    """Images that come one after another, in place of all at once."""

    process: Annotated[
        str, one_of(lambda: PROCESSES), says("How they come, as of `accelsim workload`.")
    ]
    rate: Annotated[str, says("Images a second: '2 MHz'. An axis `arrivals.rate` replaces it.")]
    seed: Annotated[int, _whole(0, 2**63 - 1), says("Of what is drawn of their times.")] = 0


class CellRuns(Strict):
    """How a cell that differs from that of the machine's device file is characterized."""

    samples: Annotated[
        int, _whole(16, 1_000_000), says("Cells simulated for each figure of noise.")
    ] = 256
    seed: Annotated[int, _whole(0, 2**63 - 1), says("Of the thermal field.")] = 1


class SpaceFile(Strict):
    """A space, checked key by key."""

    description: Annotated[str, says("A line for readers.")] = ""
    machine: Annotated[str, says("Machine: a name, or a path from the folder of the file.")] = (
        "irmen"
    )
    workload: Annotated[str, says("Network: likewise.")] = "mnist"
    dataset: Annotated[str | None, says("Images and labels instead of the network's.")] = None
    images: Annotated[int | str, says("The first so many, or a range 'FIRST:LAST'.")] = 1
    seed: Annotated[int, _whole(0, 2**63 - 1), says("Of the die and of all noise.")] = 0
    arrivals: Annotated[Stream | None, says("A stream of so many images.")] = None
    set: Annotated[dict[str, Any], says("Changes of the machine at every point.")] = Field(
        default_factory=dict
    )
    values: Annotated[
        bool, says("Whether images are classified; without, points have no accuracy.")
    ] = True
    axes: Annotated[dict[str, Any], says("Key -> values, or a range of them.")]
    derived: Annotated[dict[str, str], says("Key -> formula of axes and keys.")] = Field(
        default_factory=dict
    )
    constraints: Annotated[list[str], says("Formulas that hold of every point.")] = Field(
        default_factory=list
    )
    sample: Annotated[Sample, says("Which points are evaluated.")] = Sample()
    objectives: Annotated[
        dict[str, str],
        Check(_read_objectives, expected="figures and min or max"),
        says("Figures of the Pareto front, and of a search."),
    ] = Field(default_factory=lambda: {"latency": "min", "energy_per_image": "min"})
    characterize: Annotated[CellRuns, says("How cells of points are characterized.")] = CellRuns()
    chunk: Annotated[int, _whole(1, 10_000), says("Points of a task and of a file of rows.")] = 16
    block: Annotated[
        int, _whole(1, 10_000_000), says("Images of a task, of a point that has more.")
    ] = 5000
