"""The `response:` section: what a read sees of a written value, as a device file has it.

Simulated by `accelsim device characterize` at a clock and number of read cycles; docs/device.md
says what is in it. Plain numbers, in units of the full scale.
"""

from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from accelsim.device.technology import Response
from accelsim.documents.constants import FROM, Kind, problem
from accelsim.documents.validation import Strict

MOST_LEVELS, MOST_CYCLES = 1025, 64
Number = Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)]
Deviation = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
Curve = Annotated[list[Number], Field(min_length=2, max_length=MOST_LEVELS)]
Deviations = Annotated[list[Deviation], Field(min_length=2, max_length=MOST_LEVELS)]


class ResponseSection(Strict):
    """A table of a cell's response; kind, source and `from` as those of a constant.

    limit: levels go evenly from -limit to limit, as many as mean, error and read_noise have;
    old and new levels of carry likewise. carry: by write cycles, old level, new level.
    """

    kind: Kind
    source: str
    inputs: Annotated[list[str] | None, Field(alias=FROM)] = None
    period_ps: Annotated[int, Field(ge=1, le=10**12)]
    read_cycles: Annotated[int, Field(ge=1, le=10**6)]
    limit: Annotated[float, Field(ge=0.1, le=10)]
    mean: Curve
    error: Deviations
    read_noise: Deviations
    write_noise: Deviation
    carry: Annotated[list[list[Curve]], Field(min_length=1, max_length=MOST_CYCLES)]
    carry_error: Deviation

    @model_validator(mode="after")
    def _is_even(self) -> Self:
        """Refuse tables that do not fit together, and a mean that falls."""
        for name in ("error", "read_noise"):
            if len(getattr(self, name)) != len(self.mean):
                raise problem(
                    f"got {len(getattr(self, name))} numbers; expected {len(self.mean)}, as many "
                    "as 'mean' has",
                    name,
                )
        if any(after < before for before, after in zip(self.mean, self.mean[1:], strict=False)):
            raise problem("expected numbers that never fall", "mean")
        size = len(self.carry[0])
        for table in self.carry:
            if len(table) != size or any(len(row) != size for row in table):
                raise problem(f"expected {size} rows of {size} numbers, in each table", "carry")
        return self

    def response(self) -> Response:
        """Return the tables as arrays."""
        ends = (-self.limit, self.limit)
        return Response(
            period_ps=self.period_ps,
            read_cycles=self.read_cycles,
            levels=np.linspace(*ends, len(self.mean)),
            mean=np.array(self.mean),
            error=np.array(self.error),
            read_noise=np.array(self.read_noise),
            write_noise=self.write_noise,
            old_levels=np.linspace(*ends, len(self.carry[0])),
            carry=np.array(self.carry),
            carry_error=self.carry_error,
        )
