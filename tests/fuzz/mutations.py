"""Good inputs made bad: trees of keys and values, and plain bytes."""

import copy
import random
from typing import Any

NASTY: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 255, 4096, 2**31, 2**31 - 1, 2**32, 2**53, 2**62,
    2**63 - 1, 2**63, 2**64, -(2**63), 10**30, 10**300, 0.0, -0.0, 0.1, 1e-300, 1e300, 1e308,
    float("inf"), float("nan"), "", " ", "\n", "\x00", "\x1b[31mred", "\x1b]0;title\x07",
    "\u202eabc", "\u2028", "a" * 3000, "1_0", "\u0661\u0662", "1e400", "NaN", "inf", "-1 ns",
    "0 ns", "1 GHz", "1 ns", "1 fs", "1e30 ns", "1e30 aJ", "5 aJ", "500 aJ", "irmen", "charge",
    "spintronic", "mnist", "../../../etc/passwd", "/dev/zero", "/dev/stdin", ".", "..", "/", "x/y",
    "a.b.c", "a: b", "[1, 2", "{", "&a [*a]", "*x", "!!python/object:os.system x", "$\\frac{$",
    "<script>alert(1)</script>", "%s%n", "{0}", [], {}, [[]], [1, 2, 3], {"value": 1},
    {"value": "1 ns", "unit": "s"}, {"a": {"b": {}}}, [None], "conv", "relu", "maxpool", "avgpool",
    "fc", "same", "valid", "all", "none",
)  # fmt: skip
_BYTES = (
    b"\x00", b"\xff", b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff",
    b"\x1b[2J", b"\n", b"9" * 30, b"-1", b"\x1f\x8b", b"PK\x03\x04", b"PAR1", b"\x93NUMPY",
)  # fmt: skip


def mutate_tree(chance: random.Random, tree: Any, times: int) -> Any:
    """Return a tree of dictionaries and lists with some places changed, removed or doubled."""
    tree = copy.deepcopy(tree)
    for _ in range(times):
        places = [(tree, key) for key in _keys(tree)]
        places += [place for node in _nodes(tree) for place in ((node, key) for key in _keys(node))]
        if not places:
            return tree
        node, key = chance.choice(places)
        match chance.randrange(6):
            case 0:
                del node[key]
            case 1 if isinstance(node, list):
                node.insert(key, copy.deepcopy(chance.choice(node)))
            case 1:
                node[str(chance.choice(NASTY))] = copy.deepcopy(node[key])
            case 2:
                node[key] = _nudged(chance, node[key])
            case 3:
                other, place = chance.choice(places)
                node[key] = copy.deepcopy(other[place]) if place in _keys(other) else None
            case _:
                node[key] = copy.deepcopy(chance.choice(NASTY))
    return tree


def mutate_bytes(chance: random.Random, data: bytes, times: int) -> bytes:
    """Return bytes with some changed, removed, inserted or moved."""
    changed = bytearray(data)
    for _ in range(times):
        place = chance.randrange(len(changed) + 1)
        match chance.randrange(6):
            case 0:
                del changed[place:]
            case 1:
                del changed[place : place + chance.randrange(1, 64)]
            case 2:
                changed[place:place] = chance.choice(_BYTES)
            case 3:
                piece = chance.choice(_BYTES)
                changed[place : place + len(piece)] = piece
            case 4:
                start = chance.randrange(len(changed) + 1)
                changed[place:place] = changed[start : start + chance.randrange(200)]
            case _ if changed:
                changed[place % len(changed)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _keys(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node)
    return list(range(len(node))) if isinstance(node, list) else []


def _nodes(node: Any) -> list[Any]:
    found = []
    for key in _keys(node):
        if isinstance(node[key], dict | list):
            found += [node[key], *_nodes(node[key])]
    return found


def _nudged(chance: random.Random, value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return value * chance.choice((-1, 0, 2, 10, 1000, 0.5)) + chance.choice((-1, 0, 1))
    if isinstance(value, str):
        place = chance.randrange(len(value) + 1)
        return value[:place] + chance.choice(("", "0", "e9", "-", "\x1b", " ", "'")) + value[place:]
    return chance.choice(NASTY)
