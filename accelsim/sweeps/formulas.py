"""Formulas of a space: arithmetic on axes and keys of the machine.

They are Python's expressions without its objects: numbers, names joined by dots, a few functions.
A text in quotes is a quantity in SI units ('2 ns' is 2e-9), or a word.
"""

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accelsim.errors import InputError
from accelsim.sweeps.amounts import amount

Value = float | int | str | bool
Lookup = Callable[[str], Value]
_LONGEST = 500


def _power(base: float, exponent: float) -> float:
    return math.pow(base, exponent)  # of floats: no number grows without bound


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "ceil": math.ceil,
    "floor": math.floor,
    "log2": math.log2,
    "max": max,
    "min": min,
    "round": round,
    "sqrt": math.sqrt,
}
_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@dataclass(frozen=True)
class Formula:
    """A formula, read. text: as the file has it. place: where it stands."""

    text: str
    place: str
    tree: ast.expr

    @property
    def names(self) -> tuple[str, ...]:
        """Names that it uses, in order."""
        return tuple(dict.fromkeys(_names(self.tree)))

    @property
    def is_name(self) -> bool:
        """Whether it is a name and nothing else."""
        return _dotted(self.tree) is not None

    def value(self, lookup: Lookup) -> Value:
        """Return what it gives; InputError where arithmetic fails."""
        try:
            found: Value = _value(self.tree, lookup)
        except (ArithmeticError, TypeError, ValueError) as error:
            raise InputError(f"{self.place}: '{self.text}': {error}") from None
        return found


def read_formula(text: object, place: str) -> Formula:
    """Return a formula; InputError says at what place what of it is not understood."""
    if not isinstance(text, str) or not text.strip() or len(text) > _LONGEST:
        raise InputError(
            f"{place}: got {text!r:.80}; expected a formula such as 'arrays.lanes / 2'"
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(f"{place}: '{text}' is no formula; expected one such as "
                         "'arrays.lanes * sequencer.contexts <= 32'") from None  # fmt: skip
    odd = next(_odd(tree), None)
    if odd is not None:
        raise InputError(
            f"{place}: '{text}': '{odd}' is not known in formulas; expected numbers, names, "
            f"+ - * / // % **, comparisons, and or not, if else, {', '.join(FUNCTIONS)}"
        )
    return Formula(text.strip(), place, tree)


def _odd(node: ast.expr) -> Iterator[str]:
    """Give what a formula must not have."""
    if _dotted(node) is not None:
        return
    match node:
        case ast.Constant(value=bool() | int() | float() | str()):
            return
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            parts = args
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            parts = [left, right]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            parts = [operand]
        case ast.Compare(left=left, ops=ops, comparators=rest) if all(
            type(op) in _OPERATORS for op in ops
        ):
            parts = [left, *rest]
        case ast.BoolOp(values=values):
            parts = values
        case ast.IfExp(test=test, body=body, orelse=orelse):
            parts = [test, body, orelse]
        case _:
            yield ast.unparse(node)
            return
    for part in parts:
        yield from _odd(part)


def _value(node: ast.expr, lookup: Lookup) -> Any:
    name = _dotted(node)
    if name is not None:
        return lookup(name)
    match node:
        case ast.Constant(value=value):
            return _literal(value)
        case ast.Call(func=ast.Name(id=function), args=args):
            return FUNCTIONS[function](*(_value(each, lookup) for each in args))
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_value(left, lookup), _value(right, lookup))
        case ast.UnaryOp(op=op, operand=operand):
            return _OPERATORS[type(op)](_value(operand, lookup))
        case _:
            return _logic(node, lookup)


def _literal(value: Any) -> Any:
    """Return a number, the number of a quantity in quotes, or a word."""
    found = amount(value) if isinstance(value, str) else None
    return value if found is None else found.value


def _logic(node: ast.expr, lookup: Lookup) -> Any:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_value(each, lookup) for each in values)
        case ast.BoolOp(values=values):
            return any(_value(each, lookup) for each in values)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _value(test, lookup) else orelse, lookup)
        case ast.Compare(left=left, ops=ops, comparators=rest):
            values = [_value(each, lookup) for each in (left, *rest)]
            pairs = zip(ops, values, values[1:], strict=False)
            return all(_OPERATORS[type(op)](one, other) for op, one, other in pairs)
        case _:
            raise TypeError(f"'{ast.unparse(node)}' is not known in formulas")


def _dotted(node: ast.expr) -> str | None:
    """Return 'arrays.lanes' of a name that is joined by dots; None of anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        above = _dotted(node.value)
        return None if above is None else f"{above}.{node.attr}"
    return None


def _names(node: ast.expr) -> Iterator[str]:
    name = _dotted(node)
    if name is not None:
        yield name
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr) and not (isinstance(node, ast.Call) and child is node.func):
            yield from _names(child)
