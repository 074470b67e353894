"""What decides the values of two recorded runs, where they differ.

The trace knows time and energy, not values: a run with other weights, or with effects of
another seed, has the same trace and may classify otherwise. The same inputs, effects and seed
give the same values, so that comparing these compares the values.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from accelsim.config import Machine
from accelsim.runs.directory import ACCURACY, read_recorded
from accelsim.runs.machines import machine_changes
from accelsim.runs.recorded import RecordedRun

ValueChanges: TypeAlias = dict[str, tuple[object, object]]
"""Name -> what it is in the one run and in the other; None where a run has none."""

SEED, CELLS = "seed", "cells"
INPUTS = ("weights", "images", "labels")
_SECTIONS = ("effects.", "noise.")


def accuracy_of(run: RecordedRun) -> float | None:
    """Return the share of images classified as labelled, None without values or labels."""
    return _accuracy(run.stats)


def accuracies_of(run: RecordedRun) -> dict[str, float | None]:
    """Return the accuracy of each tenant; of a network that is alone under the name ''."""
    if run.tenancy.is_alone:
        return {"": accuracy_of(run)}
    shares = run.stats.get("tenants", {})
    return {name: _accuracy(shares.get(name, {})) for name in run.tenancy.names}


def _accuracy(stats: Mapping[str, Any]) -> float | None:
    figure = stats.get(ACCURACY)
    return None if figure is None else float(figure["value"])


def accuracy_cells(run: RecordedRun) -> str:
    """Return what cells the accuracy of a run is of, as the run said it."""
    return str(run.stats["notes"].get(ACCURACY, "not recorded of what cells"))


def value_changes(a: RecordedRun, b: RecordedRun) -> ValueChanges:
    """Return what differs: accuracy, its cells, inputs (SHA-256) and, with effects, these and seed.

    Raises InputError for a damaged manifest.
    """
    of_a, of_b = read_recorded(a.manifest, a.path), read_recorded(b.manifest, b.path)
    shares = (accuracies_of(a), accuracies_of(b))
    found: ValueChanges = {
        f"{tenant}.{ACCURACY}" if tenant else ACCURACY: (
            shares[0].get(tenant),
            shares[1].get(tenant),
        )
        for tenant in dict.fromkeys([*shares[0], *shares[1]])
    }
    if any(None not in values for values in found.values()):
        found[CELLS] = (accuracy_cells(a), accuracy_cells(b))
    for name in dict.fromkeys([*of_a.inputs, *of_b.inputs]):
        if name.split(".")[-1] not in INPUTS:
            continue
        hashes = [recorded.inputs.get(name, {}).get("sha256") for recorded in (of_a, of_b)]
        found[name] = (hashes[0], hashes[1])
    if _has_effects(a.machine) or _has_effects(b.machine):
        found[SEED] = (of_a.seed, of_b.seed)
        found |= {
            key: values
            for key, values in machine_changes(a.machine, b.machine).items()
            if key.startswith(_SECTIONS)
        }
    return {name: values for name, values in found.items() if values[0] != values[1]}


def _has_effects(machine: Machine) -> bool:
    return machine.effects is not None and bool(machine.effects.names())
