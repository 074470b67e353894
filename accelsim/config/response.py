"""The `response:` section: what a read sees of a written value, as a device file has it.

Simulated by `accelsim device characterize` at a clock and number of read cycles; docs/device.md
says what is in it. Plain numbers, in units of the full scale.
"""

from itertools import pairwise
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from accelsim.device.response_tables import OLD_LEVELS, Response
from accelsim.documents.constants import FROM, Kind, problem
from accelsim.documents.validation import Strict, says

MOST_LEVELS, MOST_CYCLES, MOST_BIASES = 1025, 64, 64
Number = Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)]
Deviation = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
Curve = Annotated[list[Number], Field(min_length=2, max_length=MOST_LEVELS)]
Deviations = Annotated[list[Deviation], Field(min_length=2, max_length=MOST_LEVELS)]


class ResponseSection(Strict):
    """A table of a cell's response; kind, source and `from` as those of a constant."""

    kind: Annotated[Kind, says("Kind of the table, as of a constant.")]
    source: Annotated[str, says("Where the table comes from.")]
    inputs: Annotated[
        list[str] | None, Field(alias=FROM), says("Keys that the table follows from.")
    ] = None
    period_ps: Annotated[
        int, Field(ge=1, le=10**12), says("Clock period of the simulation, in ps.")
    ]
    read_cycles: Annotated[int, Field(ge=1, le=10**6), says("Read cycles of the simulation.")]
    limit: Annotated[
        float, Field(ge=0.1, le=10), says("Largest level: levels go evenly from -limit to limit.")
    ]
    biases: Annotated[
        list[Number],
        Field(min_length=2, max_length=MOST_BIASES),
        says("Constant parts of a drive that rows are for, from 0 on."),
    ]
    mean: Annotated[
        list[Curve],
        Field(min_length=3, max_length=MOST_BIASES + 1),
        says("Mean of a read by level: a row for each of biases, and one of a drive from outside."),
    ]
    error: Annotated[Deviations, says("Standard error of mean, by level.")]
    read_noise: Annotated[
        Deviations, says("Standard deviation of a read from the motion of the cell, by level.")
    ]
    write_noise: Annotated[
        list[list[Deviations]],
        Field(min_length=3, max_length=MOST_BIASES + 1),
        says(
            "Standard deviation that a write leaves: rows as those of mean, of three old levels "
            "each, by every second level."
        ),
    ]
    left: Annotated[
        list[list[Curve]],
        Field(min_length=1, max_length=MOST_CYCLES),
        says(
            "Share of the old level that is seen beside, by write cycles: rows as those of mean, "
            "by every second level."
        ),
    ]
    left_error: Annotated[Deviation, says("Error (rms) of left.")]
    ktc_passed: Annotated[
        Deviation, says("Share of the read-out's kT/C that the next capacitor sees.")
    ]
    shot_passed: Annotated[Deviation, says("Share of the shot noise that the next capacitor sees.")]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse tables that do not fit together, biases that do not rise, a mean that falls."""
        if self.biases[0] or not _rises(self.biases):
            raise problem("expected rising numbers from 0 on", "biases")
        levels = len(self.error)
        if levels % 4 != 1:
            raise problem(f"got {levels} numbers; expected 1 and a multiple of 4", "error")
        rows, half = len(self.biases) + 1, levels // 2 + 1
        for name, shape in (
            ("mean", (rows, levels)),
            ("read_noise", (levels,)),
            ("write_noise", (rows, len(OLD_LEVELS), half)),
            ("left", (len(self.left), rows, half)),
        ):
            _check_shape(getattr(self, name), shape, name)
        if not _rises(self.mean[0], least=0):
            raise problem("expected numbers that never fall in the first row", "mean")
        return self

    def response(self) -> Response:
        """Return the tables as arrays."""
        ends = (-self.limit, self.limit)
        return Response(
            period_ps=self.period_ps,
            read_cycles=self.read_cycles,
            levels=np.linspace(*ends, len(self.error)),
            biases=np.array(self.biases),
            mean=np.array(self.mean),
            error=np.array(self.error),
            read_noise=np.array(self.read_noise),
            write_noise=np.array(self.write_noise),
            left=np.array(self.left),
            left_error=self.left_error,
            ktc_passed=self.ktc_passed,
            shot_passed=self.shot_passed,
        )


def _rises(values: list[float], least: float = 1e-9) -> bool:
    return all(after - before >= least for before, after in pairwise(values))


def _check_shape(table: object, shape: tuple[int, ...], name: str) -> None:
    """Raise a problem unless a table of tables has a shape."""
    if not shape:
        return
    assert isinstance(table, list)  # noqa: S101 - the schema looked
    if len(table) != shape[0]:
        raise problem(f"got {len(table)} entries; expected {shape[0]}", name)
    for place, row in enumerate(table):
        _check_shape(row, shape[1:], f"{name}[{place}]")
