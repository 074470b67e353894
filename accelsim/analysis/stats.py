"""Statistics of a run: every figure has a value and a unit, and programs can read them all."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from accelsim.analysis.faults import FaultUse
from accelsim.analysis.figure import Figure
from accelsim.analysis.load import PERCENTILES, Load
from accelsim.analysis.power import PowerUse
from accelsim.analysis.times import Times
from accelsim.energy import Ledger
from accelsim.records import ACTION_UNITS
from accelsim.units import AJ_PER_J, PS_PER_S

NOT_MODELLED = (
    "input drivers beyond one tap a pixel",
    "analog-to-digital converters",
    "fully-connected engine",
    "leakage of peripheral transistors",
    "wires beyond the price of a tap",
)
"""What no energy or time of a run contains; reported as such, never as 0."""
_COUNTED = {"analog-to-digital converters": "adc_conversion"}
"""Of these, what some machines have: the action that then is counted."""
NOT_MODELLED_TO_LABEL = (
    *(each for each in NOT_MODELLED if each not in NOT_MODELLED[1:3]),
    "drivers and leakage of the converters",
    "ports of the SRAM as a limit of time",
)
"""The same of the scope that goes on to the class label."""
NO_INTERVAL = "none (too few images, or departures that do not repeat)"
_THROUGHPUT = (
    "all images over the whole run, fill and drain included; initiation_interval has neither"
)


@dataclass(frozen=True)
class Energy:
    """Energy of the run in aJ, and by component, layer, step and action.

    Each view sums to the total. 'standby' is what no step is charged with: leakage,
    refresh, and clock cycles with no image in flight. With tenants, layers and steps of one name or
    number are of all together.

    total: of the run. by_component: by dotted path. by_block: by sort of component, such as CeNN
    arrays. by_layer: of the network. by_step: of the program, from 1. by_action: as prices have
    them. by_tenant: None for a network that is alone.
    """

    total: Figure
    by_component: dict[str, Figure] = field(repr=False)
    by_block: dict[str, Figure] = field(repr=False)
    by_layer: dict[str, Figure] = field(repr=False)
    by_step: dict[str, Figure] = field(repr=False)
    by_action: dict[str, Figure] = field(repr=False)
    by_tenant: dict[str, Figure] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Stats:
    """Figures of a run.

    latency: mean over images, from the issue of the load until the results are stored
    (the published scope: every layer but the final fully-connected one).
    queue_wait, load_wait: mean waits of an image before that, for a context and then in it
    until the load is issued. time_in_system: mean from arrival until the results are stored,
    which is the sum of the three.
    initiation_interval: mean time between departures in the steady state; None where the run is too
    short to tell it, or has none. throughput: all images over makespan, fill and drain of
    the machine included.
    actions: how often each action was done. accuracy: share of images classified as labelled; None
    without values or labels. load: what a stream of arrivals met, see `load_figures`; None for
    images that came at once.
    tenants: the figures of each that had images, by name, from its images and their energy alone;
    None for a network that is alone.
    power: what power states did, see `power_figures`; None for a machine that is always on.
    faults: what went wrong, see `fault_figures`; None for a machine without faults.
    classification: the same figures of the scope that goes on to the class label, energy included;
    None for a run that ends with the handoff. behind_handoff: of that scope alone, see
    `Classification.figures`.
    """

    images: Figure
    cycles_per_image: Figure
    latency: Figure
    latency_max: Figure
    queue_wait: Figure
    load_wait: Figure
    time_in_system: Figure
    time_in_system_max: Figure
    makespan: Figure
    initiation_interval: Figure | None
    throughput: Figure
    energy_per_image: Figure
    energy: Energy
    actions: dict[str, Figure]
    records: Figure
    accuracy: Figure | None
    load: dict[str, Figure] | None = None
    power: dict[str, Figure] | None = None
    faults: dict[str, Figure] | None = None
    tenants: dict[str, "Stats"] | None = None
    classification: "Stats | None" = None
    behind_handoff: dict[str, Figure] | None = None

    @property
    def notes(self) -> dict[str, str]:
        """What has to be said of a figure beside its value and unit, by its name."""
        notes = {"throughput": _THROUGHPUT}
        return notes if self.initiation_interval else notes | {"initiation_interval": NO_INTERVAL}

    @property
    def not_modelled(self) -> list[str]:
        """What no energy or time of the run contains."""
        return [each for each in NOT_MODELLED if _COUNTED.get(each) not in self.actions]

    def to_dict(self) -> dict[str, object]:
        """Return nested mappings whose leaves are {'value', 'unit'}; None figures are left out.

        Beside the figures: 'notes' on some of them, and what is 'not_modelled'.
        """
        tree = _tree(vars(self))
        assert isinstance(tree, dict)  # noqa: S101 - for the type checker
        if self.classification is not None:
            tree["classification"]["not_modelled"] = list(NOT_MODELLED_TO_LABEL)
        return tree | {"notes": self.notes, "not_modelled": self.not_modelled}


def compute_stats(  # noqa: PLR0913 - what a run may have is given by name
    times: Times,
    ledger: Ledger,
    period_ps: int,
    accuracy: float | None,
    load: Load | None = None,
    *,
    power: PowerUse | None = None,
    faults: FaultUse | None = None,
    tenants: "dict[str, Stats] | None" = None,
    classification: Stats | None = None,
    behind_handoff: dict[str, Figure] | None = None,
) -> Stats:
    """Return the statistics of a run, or of a tenant's share of it, from times and ledger."""
    images = len(times)
    makespan, interval = times.makespan_ps, times.interval_ps
    latency, latency_max = _total_and_most(piece.latency_ps for piece in times.pieces())
    in_system, longest = _total_and_most(piece.time_in_system_ps for piece in times.pieces())
    queued, _ = _total_and_most(piece.queued_ps for piece in times.pieces())
    load_wait, _ = _total_and_most(piece.load_wait_ps for piece in times.pieces())
    return Stats(
        images=Figure(images, "images"),
        cycles_per_image=Figure(_mean(latency, images * period_ps), "cycles"),
        latency=Figure(_mean(latency, images), "ps"),
        latency_max=Figure(latency_max, "ps"),
        queue_wait=Figure(_mean(queued, images), "ps"),
        load_wait=Figure(_mean(load_wait, images), "ps"),
        time_in_system=Figure(_mean(in_system, images), "ps"),
        time_in_system_max=Figure(longest, "ps"),
        makespan=Figure(makespan, "ps"),
        initiation_interval=None if interval is None else Figure(interval, "ps"),
        throughput=Figure(images * PS_PER_S / makespan, "images/s"),
        energy_per_image=Figure(_mean(ledger.total_aJ, images), "aJ"),
        energy=Energy(
            total=Figure(ledger.total_aJ, "aJ"),
            by_component=_attojoules(ledger.component_aJ),
            by_block=_attojoules(ledger.block_aJ),
            by_layer=_attojoules(ledger.layer_aJ),
            by_step=_attojoules(
                {
                    "standby" if step < 0 else str(step): energy
                    for step, energy in ledger.step_aJ.items()
                }
            ),
            by_action=_attojoules(ledger.action_aJ),
            by_tenant=_attojoules(ledger.tenant_aJ) or None,
        ),
        actions={
            action: Figure(count, ACTION_UNITS[action]) for action, count in ledger.counts.items()
        },
        records=Figure(ledger.records, "records"),
        accuracy=None if accuracy is None else Figure(accuracy, "1"),
        load=None if load is None else load_figures(load, images, ledger.total_aJ),
        power=None if power is None else power_figures(power, int(times.done_ps.max())),
        faults=None if faults is None else fault_figures(faults),
        tenants=tenants,
        classification=classification,
        behind_handoff=behind_handoff,
    )


def fault_figures(faults: FaultUse) -> dict[str, Figure]:
    """Return what went wrong in a run, by name.

    Figures
        injected        how often a fault hit something
        KIND            of which of this kind
        without_effect  events of the machine file that hit nothing
        held_up         for how long what was hit did not go on
        waited          for how long images in flight waited for that
    """
    return {
        "injected": Figure(len(faults.strikes), "faults"),
        **{kind: Figure(number, "faults") for kind, number in faults.by_kind.items()},
        "without_effect": Figure(faults.without_effect, "events"),
        "held_up": Figure(faults.lasted_ps, "ps"),
        "waited": Figure(faults.waited_ps, "ps"),
    }


def power_figures(power: PowerUse, end_ps: int) -> dict[str, Figure]:
    """Return what power states did in a run up to a time, by name.

    Figures
        active_time        time in no power state
        STATE_time         time in this state
        STATE_entries      how often it was entered
        sleep_energy       what the machine drew in any of them
        transition_energy  what entries and exits took
        restored           words that were lost and written again
        restore_energy     what that took
        woken_for          images that waited for the machine to wake
        waking_wait        mean of their waits; left out if there was none
    """
    found = {"active_time": Figure(end_ps - sum(power.asleep_ps.values()), "ps")}
    for state, entries in power.entries.items():
        found[f"{state}_time"] = Figure(power.asleep_ps[state], "ps")
        found[f"{state}_entries"] = Figure(entries, "entries")
    found |= {
        "sleep_energy": Figure(power.asleep_aJ, "aJ"),
        "transition_energy": Figure(power.transitions_aJ, "aJ"),
        "restored": Figure(power.restored, "words"),
        "restore_energy": Figure(power.restored_aJ, "aJ"),
        "woken_for": Figure(power.waited, "images"),
    }
    if power.waited:
        found["waking_wait"] = Figure(_mean(power.waited_ps, power.waited), "ps")
    return found


def load_figures(load: Load, images: int, energy_aJ: int) -> dict[str, Figure]:  # noqa: N803 - the unit
    """Return the figures of a stream, by name.

    half_width: of the interval of 95 % confidence around the mean, which leaves the warm-up out.
    power: energy of the run over its whole time, from 0 to the last result: standby before the
    first arrival is in both.
    """
    names = [*(f"time_in_system_p{share}" for share in PERCENTILES), "time_in_system_max"]
    found = {
        "warm_up": Figure(load.warm_up, "images"),
        "time_in_system_mean": Figure(load.in_system.value, "ps"),
        "wait_mean": Figure(load.waiting.value, "ps"),
        **{name: Figure(time, "ps") for name, time in zip(names, load.percentiles, strict=True)},
        "images_in_system": Figure(load.number, "images"),
        "queue_length": Figure(load.queued, "images"),
        "queue_length_max": Figure(load.queued_most, "images"),
        "arrival_rate": Figure(images * PS_PER_S / load.span_ps, "images/s"),
        "power": Figure(energy_aJ / load.end_ps * PS_PER_S / AJ_PER_J, "W"),
    }
    if load.in_system.half is not None:
        found["time_in_system_half_width"] = Figure(load.in_system.half, "ps")
    if load.deadlines:
        found["deadlines"] = Figure(load.deadlines, "images")
        found["deadline_misses"] = Figure(load.missed, "images")
    return found


def _total_and_most(columns: Iterable[NDArray[np.int64]]) -> tuple[int, int]:
    """Return the sum of all values, and the greatest."""
    total = most = 0
    for column in columns:
        total += int(column.sum())
        most = max(most, int(column.max(initial=0)))
    return total, most


def _mean(total: int, number: int) -> int | float:
    """Return an exact integer where the mean is one."""
    return total // number if total % number == 0 else total / number


def _attojoules(energies: dict[str, int]) -> dict[str, Figure]:
    return {name: Figure(energy, "aJ") for name, energy in energies.items()}


def _tree(node: object) -> object:
    if isinstance(node, Figure):
        return {"value": node.value, "unit": node.unit}
    if isinstance(node, Energy | Stats):
        node = vars(node)
    if isinstance(node, dict):
        return {key: _tree(value) for key, value in node.items() if value is not None}
    return node
