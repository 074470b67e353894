"""Bars of the page in numbers: a code for each text, and the texts and colours of the codes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from accelsim.records import ACTIONS, CodedTexts
from accelsim.records.columns import KIND_MEANINGS
from accelsim.records.view import Column
from accelsim.timeline.bars import STEP
from accelsim.timeline.content import Content
from accelsim.timeline.look import IMAGES, OF_NO_IMAGE, op_class, op_colour
from accelsim.timeline.stream import ARRIVAL

_MEANINGS = KIND_MEANINGS | {
    ARRIVAL: "an image arrives at the host",
    STEP: "a whole step: issue, read phase, write phase",
}


def coded_bars(content: Content) -> dict[str, Any]:
    """Return the columns of the bars: numbers, and codes into `names`."""
    detail, steps, bars = content.detail, content.steps, content.bars
    is_step = np.array([kind == STEP for kind in bars.kind], bool)
    # Of a step: what its issue says, but for its own kind, actions and energy.
    source = np.where(is_step | (bars.source < 0), 0, bars.source)
    source[is_step] = steps.first[bars.source[is_step]]
    kinds = list(_MEANINGS)
    energy = detail.energy_aJ[source].astype(np.float64)
    energy[is_step] = steps.energy_aJ[bars.source[is_step]]
    actions = detail.actions[source]
    actions[is_step] = steps.actions[bars.source[is_step]]
    is_mark = bars.source < 0  # it has no record
    energy[is_mark], actions[is_mark] = 0, 0
    return {
        "start": bars.start.astype(np.float64),
        "end": bars.end.astype(np.float64),
        "row": bars.row.astype(np.uint16),
        "stripe": bars.stripe.astype(np.uint16),
        "kind": np.array([kinds.index(kind) for kind in bars.kind], np.uint8),
        "op": detail.op.codes[source].astype(np.int32),
        "layer": detail.layer.codes[source].astype(np.int32),
        "step": bars.step.astype(np.int32),
        "image": bars.image.astype(np.int32),
        "component": detail.component.codes[source].astype(np.int32),
        "cause": detail.cause.codes[source].astype(np.int32),
        "resource": detail.resource.codes[source].astype(np.int32),
        "cause_id": detail.cause_id[source].astype(np.float64),
        "id": detail.id[source].astype(np.float64),
        "actions": np.unique(actions, axis=0, return_inverse=True)[1].astype(np.int32),
        "energy": energy,
    } | {"_actions": actions}


def names_of(content: Content, actions: Column) -> dict[str, Any]:
    """Return the text of each code, families of ops, and the colours of ops, layers and images."""
    detail = content.detail
    different = np.unique(actions, axis=0)
    layers = detail.layer.texts
    return {
        "kind": list(_MEANINGS),
        "meaning": [text.replace("`", "") for text in _MEANINGS.values()],
        "op": list(detail.op.texts),
        "layer": list(layers),
        "component": list(detail.component.texts),
        "cause": list(detail.cause.texts),
        "resource": list(detail.resource.texts),
        "actions": [_counted(row.tolist()) for row in different],
        "family": [op_class(op) for op in detail.op.texts],
        "op_colour": [op_colour(op) for op in detail.op.texts],
        "layer_colour": [IMAGES[place % len(IMAGES)] for place in _places(detail.layer)],
        "image_colour": list(IMAGES),
        "kind_colour": OF_NO_IMAGE,
    }


def _places(layer: CodedTexts) -> list[int]:
    """Return for each code of a layer its place among the layers that are used."""
    used = list(dict.fromkeys(layer.codes.tolist()))
    return [used.index(code) if code in used else 0 for code in range(len(layer.texts))]


def _counted(counts: Sequence[int]) -> str:
    pairs = zip(ACTIONS, counts, strict=True)
    return ", ".join(f"{count:,} {action}" for action, count in pairs if count)
