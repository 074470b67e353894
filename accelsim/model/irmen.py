"""IRMEN bank: planes of cells, each an analog value, with read and write ports.

Modelled: ports, held for the read phase of a step; the write phase, in which the
capacitors of a charged plane are isolated and its magnetization relaxes, so that
the plane can be neither read nor written; which image a plane's value belongs to.
The same bank serves the charge-based machine, whose planes are sample-and-hold
cells: its leakage and refresh over the run are reported as standby.
Left out: the values (accelsim.values) and port cycles taken by refresh. Time in ps.
"""

from accelsim.kernel import Holder, Link, Simulation, Unit
from accelsim.model.design import Design
from accelsim.model.step import Step

NO_IMAGE = -1


class Plane:
    """R x C cells. Stored when `writer` is None; `image` is whose value it then holds."""

    __slots__ = ("image", "path", "readers", "writer")

    def __init__(self, path: str) -> None:
        self.path = path
        self.image = NO_IMAGE
        self.writer: Holder | None = None
        self.readers: list[Holder] = []


class IrmenBank:
    """D planes that share read ports and write ports."""

    def __init__(self, path: str, design: Design) -> None:
        self.path = path
        self.read_ports = Unit(f"{path}.read_ports", design.read_ports)
        self.write_ports = Unit(f"{path}.write_ports", design.write_ports)
        self.planes = [Plane(f"{path}.plane{index}") for index in range(design.planes)]
        self._cells = design.rows * design.cols * design.planes
        self._refresh_interval_ps = design.refresh_interval_ps

    def standby_actions(self, elapsed_ps: int, period_ps: int) -> dict[str, int]:
        """Return what all cells of the bank count while powered for a time."""
        refreshes = elapsed_ps // self._refresh_interval_ps if self._refresh_interval_ps else 0
        return {
            "leakage": self._cells * (elapsed_ps // period_ps),
            "refresh": self._cells * refreshes,
        }


class Memory:
    """The write phase of every bank: a charged plane settles, then it is stored."""

    def __init__(self, simulation: Simulation, design: Design) -> None:
        self._simulation = simulation
        self._write_ps = design.write_cycles * design.period_ps
        self.stored: Link[Step] = Link("memory.stored")

    def isolate(self, step: Step) -> None:
        """Receive a step whose destination is charged."""
        self._simulation.after(self._write_ps, self._store, step)

    def _store(self, step: Step) -> None:
        """End the write phase: the destination holds the image's value."""
        step.t_settled_ps = self._simulation.now_ps
        for plane in step.binding.destinations:
            plane.writer = None
            plane.image = step.image
        self.stored.send(step)
