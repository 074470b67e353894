"""Cells of points: which of them are other cells than the machine's device file is of.

Such a cell is characterized, once for each clock, and the points that have it run on its device
file: their cycles, noise and response are its own.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from accelsim.config import Machine, load_machine
from accelsim.config.machine import Override
from accelsim.device.technology import Numerics
from accelsim.documents.plain import tree
from accelsim.errors import InputError
from accelsim.sweeps.keys import MACHINE
from accelsim.sweeps.points import Point
from accelsim.sweeps.schema import CellRuns
from accelsim.sweeps.work import Cell
from accelsim.version import __version__

_OF_CELL = ("cell.", "device", "technology", "clock", "timing.needs")


class Cells:
    """Names the cells of points. runs: how each is characterized."""

    def __init__(self, runs: CellRuns) -> None:
        self._numerics = Numerics(seed=runs.seed, samples=runs.samples)
        self._known: dict[tuple[str, tuple[tuple[str, Override], ...]], Cell | None] = {}

    def of(self, points: Sequence[Point]) -> list[Cell | None]:
        """Return the cell of each point that has to be characterized; None of the others."""
        return [self._of(point) for point in points]

    def _of(self, point: Point) -> Cell | None:
        if not any(key.startswith("cell.") for key in point.changes):
            return None
        own = tuple(
            (key, value) for key, value in point.overrides.items() if key.startswith(_OF_CELL)
        )
        key = (point.paths[MACHINE], own)
        if key not in self._known:
            self._known[key] = self._cell(point.paths[MACHINE], dict(own))
        return self._known[key]

    def _cell(self, name: str, changes: Mapping[str, Override]) -> Cell | None:
        try:
            machine = load_machine(name, changes)
        except InputError:
            return None  # the point's own row says what is wrong
        if machine.cell is None or not _is_another(machine):
            return None
        return Cell(self._file(machine), name, changes, self._numerics)

    def _file(self, machine: Machine) -> str:
        """Return the name of the device file of a machine's cell."""
        assert machine.cell is not None  # noqa: S101 - for the type checker; callers looked
        what = [
            __version__, machine.name, tree(machine.cell), machine.period_ps,
            self._numerics.seed, self._numerics.samples, self._numerics.dt,
        ]  # fmt: skip
        digest = sha256(json.dumps(what).encode()).hexdigest()[:12]
        return f"{machine.technology}-{digest}.yaml"


def _is_another(machine: Machine) -> bool:
    """Tell whether the cell is not the one that the machine's times and noise are of."""
    origin = machine.device_file
    return origin is None or bool(origin.differs)
