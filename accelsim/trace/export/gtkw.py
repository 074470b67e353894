"""A GTKWave save file: signals in groups, texts as texts, the first cycles in view."""

import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import PurePath
from typing import IO

from accelsim.topology import Component, component, lineage
from accelsim.trace.export.signals import ROOT, Signal

# In pixels. GTKWave's zoom z means that a frame of 200 pixels is 2^-z of the time unit.
_WIDTH, _HEIGHT, _NAMES, _WAVES, _FRAME = 1600, 900, 300, 1200, 200
# So many are in view at first: an op's name has room in one.
_CYCLES_IN_VIEW = 22
_FOLDER = "/accelsim"
_FORMATS = {"string": "ascii", "integer": "dec", "wire": "bin"}
_FIRST = ("sequencer", "host", "datapath", "classifier")


def write_gtkw(
    out: IO[str],
    dump: str,
    signals: Iterable[Signal],
    bounds: tuple[int, int],
    period_ps: int,
) -> None:
    """Write a save file for a VCD file `dump` in the same folder.

    bounds: what is of interest, in ps; its begin is in view at first.
    """
    from vcd.gtkw import GTKWSave  # noqa: PLC0415 - an extra

    save = GTKWSave(out)
    start, end = bounds
    # GTKWave looks for the dump where it was beside the save file, whatever the folder.
    save.dumpfile(f"{_FOLDER}/{dump}", abspath=False)
    save.savefile(f"{_FOLDER}/{PurePath(dump).with_suffix('.gtkw')}", abspath=False)
    save.timestart(start)
    save.size(_WIDTH, _HEIGHT)
    shown = min(end - start, _CYCLES_IN_VIEW * period_ps)
    save.zoom_markers(-math.ceil(10 * math.log2(max(1.0, shown * _FRAME / _WAVES))) / 10)
    save.signals_width(_NAMES)
    save.sst_expanded(is_expanded=False)
    if period_ps > 1:
        save.trace(f"{ROOT}.clk", alias="clk", datafmt="bin")
    save.trace(f"{ROOT}.cycle", alias="cycle", datafmt="dec")
    ordered = sorted(signals, key=_order)
    for name, members in groupby(ordered, key=_group):
        group = list(members)
        # Of each circuit, the first lane is open.
        with save.group(name, closed=bool(_component(group[0]).lane)):
            _traces(save, name, group)


def _traces(save: object, group: str, signals: Sequence[Signal]) -> None:
    for signal in signals:
        scope = signal.scope.removeprefix(f"{ROOT}.")
        short = scope.removeprefix(f"{group}.") if scope != group else ""
        for variable in signal.variables:
            save.trace(  # type: ignore[attr-defined]
                f"{signal.scope}.{variable.name}",
                # After a dot GTKWave shows the last part alone.
                alias=f"{short}.{variable.name}".lstrip(".").replace(".", " "),
                datafmt=_FORMATS[variable.type],
            )


def _group(signal: Signal) -> str:
    """Return the group of a signal: its circuit and lane, or its block."""
    found = _component(signal)
    return lineage(found.path)[0 if found.lane is None else 1]


def _component(signal: Signal) -> Component:
    return component(signal.scope.removeprefix(f"{ROOT}."))


def _order(signal: Signal) -> tuple[int, str, int, str]:
    found, group = _component(signal), _group(signal)
    first = _FIRST.index(group) if group in _FIRST else len(_FIRST)
    return first, found.circuit, found.lane or 0, signal.scope
