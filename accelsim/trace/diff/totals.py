"""Sums of a trace, from its records alone: what two runs are compared by."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from accelsim.records import ACTIONS, Groups
from accelsim.records.columns import Column
from accelsim.records.reasons import sentence
from accelsim.topology import CLASSIFIER_ENGINE, CLASSIFIER_PATHS, is_path, role_of, unit_of
from accelsim.trace.diff.rows import Coder, Rows

STANDBY = "standby"
_NOBODY = -1


@dataclass(frozen=True)
class Owners:
    """Whose each image of a trace is. of: (n,), from image 0, places among the names."""

    names: tuple[str, ...]
    of: Column = field(repr=False)

    def find(self, images: Column) -> Column:
        """Return the place of each image's tenant, -1 for what is nobody's."""
        known = (images >= 0) & (images < len(self.of))
        return np.where(known, self.of[np.where(known, images, 0)], _NOBODY)


@dataclass
class Totals:
    """Sums over all records of a trace.

    Energy in aJ, by component (a plane belongs to its bank), layer and step; `steps` says what each
    step does. owners: of the images, if several tenants have some; layers and steps of each are its
    own then, a step by the tenant's name ("" for none) and its number. actions: counts. stalls_ps:
    how long contexts and the host's queue waited, by cause. started_ps and done_ps: by image, issue
    of its first step and end of its last settling; makespan_ps: the end of the last of all.
    labelled_ps: when the class of each was known, in a run that goes on so far.
    """

    owners: Owners | None = field(default=None, repr=False)
    records: int = 0
    energy_aJ: int = 0  # noqa: N815 - aJ is the unit
    by_component: Counter[str] = field(default_factory=Counter)
    by_layer: Counter[str] = field(default_factory=Counter)
    by_step: Counter[tuple[str, int]] = field(default_factory=Counter)
    steps: dict[tuple[str, int], str] = field(default_factory=dict)
    actions: Counter[str] = field(default_factory=Counter)
    stalls_ps: Counter[str] = field(default_factory=Counter)
    started_ps: dict[int, int] = field(default_factory=dict)
    done_ps: dict[int, int] = field(default_factory=dict)
    labelled_ps: dict[int, int] = field(default_factory=dict)

    @property
    def makespan_ps(self) -> int:
        """Time until the last image is done; 0 if none is."""
        return max(self.done_ps.values(), default=0)

    @property
    def images(self) -> int:
        """How many images are done."""
        return len(self.done_ps)

    @property
    def behind_aJ(self) -> int:  # noqa: N802 - aJ is the unit
        """Energy of what is behind the handoff."""
        return sum(self.by_component[path] for path in CLASSIFIER_PATHS)

    def label_latency_ps(self) -> list[int]:
        """Return the time of every image from the issue of its load until its class is known."""
        return [done - self.started_ps[image] for image, done in self.labelled_ps.items()
                if image in self.started_ps]  # fmt: skip

    def latency_ps(self) -> list[int]:
        """Return the latency of every image: from the issue of its load until it is stored."""
        return [done - self.started_ps[image] for image, done in self.done_ps.items()
                if image in self.started_ps]  # fmt: skip

    def add(self, rows: Rows, coder: Coder) -> None:
        """Add some records."""
        if not len(rows):
            return
        self.records += len(rows)
        text = coder.text
        for code, energy in _sums(rows.component, rows.energy_aJ):
            self.energy_aJ += energy
            self.by_component[_unit(text(code))] += energy
        self._add_programs(rows, coder)
        kinds, times = np.unique(rows.actions, return_counts=True)
        for counts, records in zip(coder.counts(kinds).tolist(), times.tolist(), strict=True):
            for action, number in zip(ACTIONS, counts, strict=True):
                self.actions[action] += number * records
        waits = rows.kind == coder.code("wait")
        resources = 1 + int(rows.resource.max())
        why = rows.cause[waits] * resources + rows.resource[waits]
        for code, time in _sums(why, (rows.t_end_ps - rows.t_start_ps)[waits]):
            reason, resource = divmod(code, resources)
            self.stalls_ps[sentence(text(reason), _role(text(resource)))] += time
        self._add_times(rows, coder)

    def _add_programs(self, rows: Rows, coder: Coder) -> None:
        """Add energy by layer and by step, of each tenant."""
        nobody = np.full(len(rows), _NOBODY)
        owner = nobody if self.owners is None else self.owners.find(rows.image)
        names = ("",) if self.owners is None else (*self.owners.names, "")  # the last: nobody
        layers = Groups(len(rows), owner, rows.layer)
        for place, energy in _by_first(layers, rows.energy_aJ):
            layer = coder.text(rows.layer[place]) or STANDBY
            self.by_layer[_of(names[owner[place]], layer)] += energy
        steps = Groups(len(rows), owner, rows.step)
        for place, energy in _by_first(steps, rows.energy_aJ):
            key = (names[owner[place]], int(rows.step[place]))
            self.by_step[key] += energy
            if key not in self.steps:
                op, layer = coder.text(rows.op[place]), coder.text(rows.layer[place])
                self.steps[key] = f"{op} of {_of(key[0], layer)}" if key[1] >= 0 else STANDBY

    def _add_times(self, rows: Rows, coder: Coder) -> None:
        begins = (rows.kind == coder.code("issue")) & (rows.step == 1)
        for image, time in zip(
            rows.image[begins].tolist(), rows.t_start_ps[begins].tolist(), strict=True
        ):
            self.started_ps[image] = min(time, self.started_ps.get(image, time))
        works = (rows.component == coder.code(CLASSIFIER_ENGINE)) & (rows.image >= 0)
        for which, last in (
            (rows.kind == coder.code("settle"), self.done_ps),
            (works, self.labelled_ps),
        ):
            _note_last(rows, np.flatnonzero(which), last)


def _note_last(rows: Rows, ends: Column, last: dict[int, int]) -> None:
    """Note the last end of each image's records among some of them."""
    ends = ends[np.argsort(rows.t_end_ps[ends], kind="stable")]
    images, times = rows.image[ends].tolist(), rows.t_end_ps[ends].tolist()
    # In order of time, so that the last of each image is the one that stays.
    for image, time in dict(zip(images, times, strict=True)).items():
        last[image] = max(time, last.get(image, time))


def _sums(keys: Column, values: Column) -> list[tuple[int, int]]:
    """Return the exact sum of values for each key."""
    groups = Groups(len(keys), keys)
    return [(int(keys[place]), total) for place, total in _by_first(groups, values)]


def _by_first(groups: Groups, values: Column) -> list[tuple[int, int]]:
    """Return the first row of each group, and the exact sum of its values."""
    return list(zip(groups.first.tolist(), groups.exact_sums(values), strict=True))


def _of(tenant: str, layer: str) -> str:
    return f"{tenant}: {layer}" if tenant else layer


def _unit(path: str) -> str:
    return unit_of(path) if is_path(path) else path


def _role(path: str) -> str:
    return role_of(path) if is_path(path) else path
