"""Words of runs and their files: effects, ops, kinds of records, reasons, actions, figures."""

from collections.abc import Iterator

from accelsim.catalog.entry import Entry
from accelsim.config.effects import EFFECT_KEYS, EFFECT_MEANINGS, SHORT_NAMES
from accelsim.config.power import price_key
from accelsim.ops import LAYER_OPS
from accelsim.ops.steps import STEP_MEANINGS, STEP_OPS
from accelsim.quantities import QUANTITIES
from accelsim.records.actions import ACTION_MEANINGS, ACTION_UNITS
from accelsim.records.columns import KIND_MEANINGS
from accelsim.records.reasons import NAMES_RESOURCE, REASON_MEANINGS


def words() -> Iterator[Entry]:
    """Give what is told of each word."""
    for name, meaning in EFFECT_MEANINGS.items():
        facts = {"how large": ", ".join(EFFECT_KEYS[name]), "short name": SHORT_NAMES[name]}
        yield Entry("effect on values", name, f"{_capital(meaning)}.", facts)
    for name, meaning in KIND_MEANINGS.items():
        yield Entry("kind of a record", name, f"{_capital(meaning)}.")
    for name, meaning in REASON_MEANINGS.items():
        facts = {"resource": "what is waited for"} if name in NAMES_RESOURCE else {}
        yield Entry("reason of a record", name, f"{_capital(meaning)}.", facts)
    for name, unit in ACTION_UNITS.items():
        yield Entry("action", name, f"{_capital(ACTION_MEANINGS[name])}.",
                    {"counted in": unit, "price": price_key(name)})  # fmt: skip
    for op in STEP_OPS.values():
        bias = {} if op.bias is None else {"bias": f"{op.bias:g}"}
        yield Entry("op of a step", op.name, f"{_capital(STEP_MEANINGS[op.name])}.",
                    {"formula": op.formula, **bias})  # fmt: skip
    for name, figure in QUANTITIES.items():
        measured = {} if figure.unit == "1" else {"unit": figure.unit}
        yield Entry("figure of a run", name, f"{_capital(figure.meaning)}.",
                    {"shown as": figure.label, **measured})  # fmt: skip
    for name, rule in LAYER_OPS.items():
        yield Entry("op of a layer", name, _first_line(type(rule).__doc__ or ""))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
