"""The pages of the reference: texts of `pages`, with tables of what the code says."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import accelsim
from accelsim.config.effects import EFFECT_KEYS, EFFECT_MEANINGS
from accelsim.documents.keys import Key, keys_of
from accelsim.records import ACTION_UNITS
from accelsim.records.columns import KIND_MEANINGS
from accelsim.records.reasons import NAMES_RESOURCE, REASON_MEANINGS
from accelsim.trace import SCHEMA
from docs.generate import commands, meanings
from docs.generate.tables import code, table

PAGES = Path(__file__).resolve().parent / "pages"
_LONG = ("description", "source", "sha256")
_PLACE = re.compile(r"@([a-z ]+)@")


def pages() -> dict[str, str]:
    """Return the text of each page in Markdown, by its name."""
    return {path.stem: _filled(path.read_text(encoding="utf-8")) for path in PAGES.glob("*.md")}


def _filled(text: str) -> str:
    return _PLACE.sub(lambda found: _TABLES[found[1]](), text)


def _machine_keys() -> str:
    values = [dict(_texts(accelsim.load_machine(name))) for name in meanings.MACHINES]
    found = {key.key: key for name in meanings.MACHINES for key in keys_of(meanings.SCHEMAS[name])}
    rows = [
        (*_key_cells(key), *(code(each.get(key.key, "")) for each in values))
        for key in found.values()
    ]
    return table(("key", "meaning", "expected", *meanings.MACHINES), rows)


def _texts(node: object, above: str = "") -> Iterator[tuple[str, str]]:
    """Give each key of a loaded machine that has a constant or a short value, with its text."""
    for name in getattr(type(node), "model_fields", ()):
        value, key = getattr(node, name), f"{above}{name}"
        if hasattr(value, "text"):
            yield key, value.text
        elif hasattr(type(value), "model_fields"):
            yield from _texts(value, f"{key}.")
        elif isinstance(value, str | int | float) and name not in _LONG:
            yield key, str(value)


def _key_cells(key: Key) -> tuple[str, str, str]:
    taken = "" if key.section else key.allowed
    return f"{code(key.key)}{' *' if key.default is None else ''}", key.meaning, taken


def _keys(schema: str) -> str:
    rows = map(_key_cells, keys_of(meanings.SCHEMAS[schema]))
    return table(("key", "meaning", "expected"), rows)


def _named(what: str, found: Mapping[str, str]) -> str:
    return table((what, "meaning"), ((code(name), text) for name, text in found.items()))


def _trace_columns() -> str:
    found = meanings.trace_columns()
    rows = ((code(field.name), _type(str(field.type)), found[field.name]) for field in SCHEMA)
    return table(("column", "type", "meaning"), rows)


def _type(arrow: str) -> str:
    if arrow.startswith("struct"):
        return "struct of int64"
    return "string" if "string" in arrow else arrow


def _reasons() -> str:
    rows = (
        (code(reason), "named" if reason in NAMES_RESOURCE else "", meaning)
        for reason, meaning in REASON_MEANINGS.items()
    )
    return table(("`cause`", "`resource`", "meaning"), rows)


def _effects() -> str:
    rows = (
        (code(name), meaning, ", ".join(map(code, EFFECT_KEYS[name])))
        for name, meaning in EFFECT_MEANINGS.items()
    )
    return table(("effect", "meaning", "how large"), rows)


def _actions() -> str:
    return table(("action", "unit"), ((code(name), unit) for name, unit in ACTION_UNITS.items()))


_TABLES: dict[str, Callable[[], str]] = {
    "machine keys": _machine_keys,
    "effects": _effects,
    "network keys": lambda: _keys("network"),
    "tenants keys": lambda: _keys("tenants"),
    "device keys": lambda: _keys("device"),
    "manifest keys": lambda: _named("key", meanings.manifest_keys()),
    "trace columns": _trace_columns,
    "kinds": lambda: _named("`kind`", KIND_MEANINGS),
    "reasons": _reasons,
    "actions": _actions,
    "figures": lambda: _named("figure", meanings.figures()),
    "ledger columns": lambda: _named("column", meanings.ledger_columns()),
    "program keys": lambda: _named("key", meanings.program_keys()),
    "commands": commands.text,
    "exit codes": lambda: _named("code", meanings.exit_codes()),
}
