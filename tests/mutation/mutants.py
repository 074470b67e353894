"""Which changes of a file are tried: one at a time, in its syntax tree."""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARE = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_OPPOSITE = {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt}
_BINARY = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Mod: ast.Mult, ast.Div: ast.Mult,
    ast.Pow: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
_CALLS = {"min": "max", "max": "min", "all": "any", "any": "all"}
# What only speaks to people.
_UNSPOKEN = {"unrest", "__repr__", "__str__", "step_of"}
_SKIPPED = ast.Raise | ast.Assert | ast.JoinedStr | ast.Import | ast.ImportFrom | ast.arguments


@dataclass(frozen=True)
class Mutant:
    """One change of one file: which of the changes of which of its nodes.

    line, end: of the node, in the file as it is.
    """

    file: Path
    place: int
    change: int
    line: int
    end: int
    what: str

    def source(self) -> str:
        """Return the file with the change, without its comments."""
        tree = ast.parse(self.file.read_text(encoding="utf-8"))
        _mutate(list(_nodes(tree))[self.place], self.change)
        return ast.unparse(ast.fix_missing_locations(tree))

    def diff(self) -> str:
        """Return the lines that change."""
        before = ast.unparse(ast.parse(self.file.read_text(encoding="utf-8")))
        lines = difflib.unified_diff(
            before.splitlines(), self.source().splitlines(), n=0, lineterm=""
        )
        return "\n".join(line for line in list(lines)[2:] if not line.startswith("@@"))


def mutants(file: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file."""
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    declared = set(_declared(tree))
    for place, node in enumerate(list(_nodes(tree))):
        if node in declared:
            continue
        for change in range(2 if isinstance(node, ast.Compare | ast.Constant) else 1):
            target = list(_nodes(ast.parse(text)))[place]
            what = _mutate(target, change)
            if what:
                line, end = target.lineno, target.end_lineno or target.lineno
                yield Mutant(file, place, change, line, end, what)


def _declared(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what is in decorators and dataclass fields: it declares, and does nothing in a run."""
    for node in ast.walk(tree):
        for decorator in getattr(node, "decorator_list", ()):
            yield from ast.walk(decorator)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "field":
            yield from ast.walk(node)


def _nodes(tree: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Yield the nodes that may be mutated: code, not annotations, messages or declarations."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, _SKIPPED) or getattr(child, "name", "") in _UNSPOKEN:
            continue
        if isinstance(child, ast.AnnAssign):
            if child.value is not None:
                yield child.value
                yield from _nodes(child.value)
            continue
        if isinstance(child, ast.Assign) and _is_slots(child):
            continue
        if isinstance(child, ast.keyword) and child.arg == "strict":
            continue  # it only speaks of what cannot happen
        if isinstance(child, ast.expr | ast.stmt):
            yield child
        yield from _nodes(child)


def _is_slots(node: ast.Assign) -> bool:
    return any(isinstance(name, ast.Name) and name.id == "__slots__" for name in node.targets)


def _mutate(node: ast.AST, change: int) -> str:
    """Change a node; return what was changed, "" if nothing can be."""
    return _operator(node, change) or _value(node, change) or _statement(node)


def _operator(node: ast.AST, change: int) -> str:
    table = _COMPARE if change == 0 else _OPPOSITE
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in table:
            node.ops = [table[type(operator)]()]
            return f"{type(operator).__name__} -> {type(node.ops[0]).__name__}"
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator) if type(operator) in _BINARY:
            node.op = _BINARY[type(operator)]()
            return f"{type(operator).__name__} -> {type(node.op).__name__}"
        case ast.BoolOp(op=operator):
            node.op = ast.Or() if isinstance(operator, ast.And) else ast.And()
            return f"{type(operator).__name__} -> {type(node.op).__name__}"
        case ast.UnaryOp(op=operator, operand=operand):
            # Twice is not at all, but for a minus, which a plus takes the place of.
            if isinstance(operator, ast.USub):
                node.op = ast.UAdd()
            else:
                node.operand = ast.UnaryOp(operator, operand)
            return f"{type(operator).__name__} dropped"
    return ""


def _value(node: ast.AST, change: int) -> str:
    match node:
        case ast.IfExp() | ast.If() | ast.While() if not isinstance(node.test, ast.Compare):
            node.test = ast.UnaryOp(ast.Not(), node.test)
            return "condition negated"
        case ast.Constant(value=bool() as value) if change == 0:
            node.value = not value
        case ast.Constant(value=int() | float() as value) if not isinstance(node.value, bool):
            node.value = value + (1, -1)[change]
        case ast.Call(func=ast.Name(id=name)) if name in _CALLS and len(node.keywords) == 0:
            node.func = ast.Name(_CALLS[name], ast.Load())
            return f"{name} -> {_CALLS[name]}"
        case ast.Call(keywords=[_, *_]) if any(each.arg == "key" for each in node.keywords):
            node.keywords = [each for each in node.keywords if each.arg != "key"]
            return "key dropped"
        case _:
            return ""
    return f"{value} -> {node.value}"


def _statement(node: ast.AST) -> str:
    match node:
        case ast.Expr(value=ast.Call()):
            text = ast.unparse(node.value)
            node.value = ast.Constant(None)
        case ast.Assign(targets=[ast.Attribute()]):
            text = ast.unparse(node)
            node.targets = [ast.Name("_dropped", ast.Store())]
        case _:
            return ""
    return f"dropped: {text:.60}"
