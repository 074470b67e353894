"""Dual-circuit datapath: carries the read phase of a step from its sources to its destination.

Modelled: two directions between the circuits and a local path in each (with one
circuit: to and from the staging memory), one step at a time in each, held for the
read phase together with the arrays and ports of the step. Left out: skew between
lanes, the wires' own energy (part of the tap price). Time in ps.
"""

from accelsim.kernel import Link, Simulation, Unit
from accelsim.model.design import Design
from accelsim.model.step import Step


class Datapath:
    """Directions of transfer; receives issued steps, sends them on when charged."""

    def __init__(self, simulation: Simulation, design: Design) -> None:
        names: tuple[str, ...] = ("a_to_b", "b_to_a", "a_local", "b_local")
        if design.circuits == 1:
            names = ("a_to_staging", "staging_to_a")
        self.directions = [Unit(f"datapath.{name}") for name in names]
        self.charged: Link[Step] = Link("datapath.charged")
        self.released: Link[Step] = Link("datapath.released")
        self._simulation = simulation
        self._read_ps = design.read_cycles * design.period_ps

    def carry(self, step: Step) -> None:
        """Receive an issued step: take everything it holds, in the instant of its issue."""
        binding = step.binding
        for unit in binding.units:
            unit.holders.append(step)
        for plane in binding.sources:
            plane.readers.append(step)
        for plane in binding.destinations:
            plane.writer = step
        self._simulation.after(self._read_ps, self._release, step)

    def _release(self, step: Step) -> None:
        """End the read phase: the destination is charged, all else is free."""
        step.t_charged_ps = self._simulation.now_ps
        binding = step.binding
        for unit in binding.units:
            unit.holders.remove(step)
        for plane in binding.sources:
            plane.readers.remove(step)
        self.charged.send(step)
        self.released.send(step)
