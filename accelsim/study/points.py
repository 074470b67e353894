"""What a study runs: points, each a machine with changes, and the columns that name them.

A point is what `accelsim run CONFIG --set ... --seed S` would run, so that every row of a
study can be run again on its own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from accelsim.config import Machine
from accelsim.config.machine import Override
from accelsim.documents.plain import tree

Coordinates = Mapping[str, str | int | float]


@dataclass(frozen=True)
class Point:
    """One machine of a study.

    coordinates: column -> value, what names the point in table, CSV and figure.
    machine: as loaded from `config` with `changes`.
    """

    coordinates: Coordinates
    config: str
    changes: Mapping[str, Override]
    machine: Machine = field(repr=False)

    @cached_property
    def hash(self) -> str:
        """Twelve digits that name the machine, every constant of it."""
        return sha256(json.dumps(tree(self.machine)).encode()).hexdigest()[:12]

    @property
    def settings(self) -> str:
        """The changes as `--set` takes them, separated by '; '."""
        return "; ".join(f"{key}={value}" for key, value in self.changes.items())


@dataclass(frozen=True)
class Study:
    """Points with what is said about them.

    name: of its files. columns: of the coordinates. x: the column that a figure has along
    its axis; series: the column whose values are lines of their own, or "". log_x: the
    axis is logarithmic. targets: accuracies of which it is told from which x on they are reached.
    note: what a reader must know.
    """

    name: str
    title: str
    columns: Sequence[str]
    points: Sequence[Point]
    x: str
    series: str = ""
    log_x: bool = False
    targets: Sequence[float] = ()
    note: str = ""
