"""Deals priced records out by scope: up to the handoff, and behind it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from accelsim.energy.pricing import Priced, PricedPeriod, PricedSink, TakesPricedPeriods
from accelsim.records import Records
from accelsim.topology import CLASSIFIER_PATHS


class Scopes:
    """A priced sink of all records. published: sinks of those up to the handoff; behind: of others.

    What is behind the handoff has components of its own, so that none is of both.
    """

    def __init__(self, published: Sequence[PricedSink], behind: Sequence[PricedSink]) -> None:
        self._published, self._behind = published, behind

    def write(self, priced: Priced) -> None:
        """Deal out one block."""
        is_behind = _is_behind(priced.records)
        for which, sinks in ((~is_behind, self._published), (is_behind, self._behind)):
            if which.any():
                part = priced.part(np.flatnonzero(which))
                for sink in sinks:
                    sink.write(part)

    def repeat(self, priced: PricedPeriod) -> None:
        """Deal out a period as often as it happens."""
        is_behind = _is_behind(priced.period.records)
        for which, sinks in ((~is_behind, self._published), (is_behind, self._behind)):
            if which.any():
                part = _part(priced, np.flatnonzero(which))
                for sink in sinks:
                    _give(part, sink)

    def close(self) -> None:
        """Pass on that no block follows."""
        for sink in (*self._published, *self._behind):
            sink.close()


def _is_behind(records: Records) -> NDArray[np.bool_]:
    codes = [records.vocabulary.find(path) for path in CLASSIFIER_PATHS]
    found: NDArray[np.bool_] = np.isin(records.component, codes)
    return found


def _part(priced: PricedPeriod, some: NDArray[np.intp]) -> PricedPeriod:
    period = priced.period
    records, from_arrival = period.records.part(some), period.from_arrival[some]
    part = replace(period, records=records, from_arrival=from_arrival)
    return PricedPeriod(part, priced.energy_aJ[some])


def _give(priced: PricedPeriod, sink: PricedSink) -> None:
    if isinstance(sink, TakesPricedPeriods):
        sink.repeat(priced)
        return
    for block in priced.blocks():
        sink.write(block)
