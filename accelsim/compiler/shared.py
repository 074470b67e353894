"""Instructions that share what is alike among them: a long program takes a third of the memory."""

from collections.abc import Hashable
from dataclasses import fields
from typing import Any, TypeVar

from accelsim.compiler.instruction import Bias, Instruction, Kernel, Operand

_Made = TypeVar("_Made", Bias, Kernel)
_Same = TypeVar("_Same", bound=Hashable)


class Shared:
    """Makes instructions anew, with planes, taps, grids and extents that are there once each."""

    def __init__(self) -> None:
        self._known: dict[str, dict[Any, Any]] = {}

    def instruction(self, step: Instruction) -> Instruction:
        """Return an instruction like another."""
        return Instruction(
            step.step,
            self._one("op", step.op),
            self._one("layer", step.layer),
            tuple(map(self._operand, step.operands)),
            self._one("planes", step.destination),
            self._one("grid", step.grid),
            step.rows,
            step.cols,
            step.maps,
            None if step.bias is None else _anew(step.bias),
            step.first_map,
            self._one("tile", step.tile),
        )

    def _operand(self, operand: Operand) -> Operand:
        return Operand(
            self._one("planes", operand.planes),
            self._one("taps", operand.taps),
            _anew(operand.kernel),
            self._one("grid", operand.grid),
            self._one("extent", operand.extent),
            operand.shared,
        )

    def _one(self, what: str, found: _Same) -> _Same:
        """Return the one that is kept of those alike. what: each kind apart, as (1, 1) is many."""
        same: _Same = self._known.setdefault(what, {}).setdefault(found, found)
        return same


def _anew(made: _Made) -> _Made:
    """Return the same, in the compact form of what a class itself makes."""
    return type(made)(*(getattr(made, each.name) for each in fields(made)))
