"""What the shipped machines make of a network: the computed side of the published figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from accelsim.config import Machine, load_machine
from accelsim.config.energy import PRICED
from accelsim.config.energy_by_value import BY_VALUE, ByValueSection
from accelsim.config.origins import constants_of, kind_with_weakest
from accelsim.config.power import price_key
from accelsim.errors import InputError
from accelsim.files import scratch_folder
from accelsim.network import Network, open_dataset
from accelsim.records import StepTimes
from accelsim.runs import simulate
from accelsim.simulation import Result, select_images
from accelsim.units import render
from accelsim.values import Cells, Effects, compute_values

Say = Callable[[str], None]
BITS = (2, 3, 4, 6)
_REFRESHED = ("charge", "mixed_signal")


@dataclass(frozen=True)
class Ours:
    """A computed figure. value None: it is a text alone.

    shares: how much of an energy rests on prices of which kind, where it is one; "" otherwise.
    """

    value: float | None
    unit: str
    text: str = ""
    shares: str = ""


def inputs_of_runs(
    machine: str, before: str = "", *, by_value: bool = False
) -> dict[str, tuple[str, ...]]:
    """Return what the figures of a run follow from. before: stands before the figures' names.

    by_value: whether energies follow the values.
    A name with a colon is a constant, any other a figure.
    """

    def keys(section: str, *names: str) -> tuple[str, ...]:
        return tuple(f"{machine}:{section}.{name}" for name in names)

    sizes = keys("arrays", "rows", "cols", "lanes", "fan_in")
    cycles = keys("timing", "read_cycles", "write_cycles")
    ports = keys("banks", "read_ports", "write_ports")
    refresh = keys("banks", "refresh_interval", "refresh_cycles") if machine in _REFRESHED else ()
    prices = keys("energy", *PRICED)
    if by_value:
        follow = (f"{BY_VALUE}.{name}" for name in ByValueSection.model_fields)
        prices = (*prices, *keys("energy", *follow), "network:weights", "network:dataset")
    return {
        f"{before}steps": (
            "network:layers",
            f"{machine}:circuits",
            *sizes,
            *keys("banks", "planes"),
        ),
        f"{before}cycles_per_image": (
            *cycles,
            f"{before}steps",
            *ports,
            *refresh,
            *keys("sequencer", "contexts"),
        ),
        f"{before}latency": (f"{machine}:clock", f"{before}cycles_per_image"),
        f"{before}actions": (f"{before}steps", *cycles[:1], f"{before}cycles_per_image"),
        f"{before}energy_per_image": (*prices, f"{before}actions", f"{machine}:clock"),
    }


INPUTS: Mapping[str, tuple[str, ...]] = {
    **inputs_of_runs("irmen"),
    **inputs_of_runs("charge", "charge_"),
    **inputs_of_runs("mixed_signal", "mixed_"),
    "charge_energy_ratio": ("energy_per_image", "charge_energy_per_image"),
    "charge_latency_ratio": ("latency", "charge_latency"),
    "latency_by_criterion": ("latency",),
    "one_circuit_cycles": ("cycles_per_image",),
    "circuits": ("irmen:circuits",),
    "accuracy": ("network:weights", "network:layers", "network:dataset", "values"),
    "values": (
        "irmen:response",
        "irmen:noise.readout_ktc",
        "irmen:noise.shot",
        "irmen:noise.write",
        "irmen:effects.weight_bits",
        "irmen:effects.synapse_variation",
        "irmen:variation.edge",
        "irmen:variation.thickness",
        "irmen:variation.anisotropy",
        "irmen:variation.ir_length",
        "irmen:variation.me_layer_thickness",
        "irmen:variation.aspect_ratio",
        "irmen:variation.tilt",
        "irmen:cell.storage",
        "irmen:effects.stuck_cells",
        "latency",
    ),
    "accuracy_by_bits": ("network:weights", "network:layers", "network:dataset"),
}
"""What each figure below follows from; `values`, `actions` and the like stand in between."""


def energy_shares(result: Result) -> dict[str, float]:
    """Return the share of a run's energy, 0 to 1, that rests on prices of each kind."""
    return shares_by_kind(result.machine, result.ledger.action_aJ)


def shares_by_kind(machine: Machine, by_action: Mapping[str, int]) -> dict[str, float]:
    """Return the share of an energy by action, 0 to 1, that rests on prices of each kind.

    Of derived ones with the weakest kind behind them: 'derived from assumed'.
    """
    constants, total = constants_of(machine), sum(by_action.values()) or 1
    shares: dict[str, float] = {}
    for action, energy in by_action.items():
        kind = kind_with_weakest(constants, price_key(action))
        if energy:
            shares[kind] = shares.get(kind, 0) + energy / total
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def run_once(machine: Machine, network: Network, images: int | range = 1, seed: int = 0) -> Result:
    """Simulate with the trace on disk for as long as it takes, so that memory stays small."""
    with scratch_folder() as folder:
        return simulate(machine, network, images, outdir=folder / "run", seed=seed)


def run_figures(
    results: dict[str, Result], network: Network, images: int | None, say: Say
) -> dict[str, Ours]:
    """Return the figures of group `run`, and those of `expected` that a run gives.

    results: 'irmen' and 'charge', one image each. images: how many digits the accuracy is
    taken over; None: all of the data set.
    """
    irmen, charge = results["irmen"], results["charge"]
    one = run_once(load_machine("irmen", {"circuits": 1}), network)
    spent, latency = irmen.ledger.total_aJ, charge.stats.latency.value
    figures = {
        "charge_energy_ratio": Ours(charge.ledger.total_aJ / spent, "x"),
        "charge_latency_ratio": Ours(latency / irmen.stats.latency.value, "x"),
        "steps": Ours(len(irmen.schedule), "steps"),
        "cycles_per_image": Ours(irmen.stats.cycles_per_image.value, "cycles"),
        "energy_per_image": Ours(spent / 1e6, "pJ", shares=shares_text(energy_shares(irmen))),
        "one_circuit_cycles": Ours(one.stats.cycles_per_image.value, "cycles"),
        "charge_latency": Ours(latency / 1e3, "ns"),
        "circuits": Ours(irmen.machine.circuits.value, "circuits"),
    }
    return figures | _accuracies(irmen.machine, network, images, say)


def latency_by_criterion(cycles: Mapping[str, int | None], network: Network) -> Ours:
    """Return the latency with the write cycles that each criterion of the cell asks for."""
    texts = []
    for name, number in cycles.items():
        machine = load_machine("irmen", {"timing.write_cycles": number} if number else {})
        latency = render(run_once(machine, network).stats.latency.value, "ps")
        texts.append(f"{name}: {latency if number else 'not simulated'}")
    return Ours(None, "ns", ", ".join(texts))


def shares_text(shares: dict[str, float]) -> str:
    """Return '60.7 % calibrated, ...'."""
    return ", ".join(f"{100 * share:.1f} % {kind}" for kind, share in shares.items())


def _accuracies(
    machine: Machine, network: Network, images: int | None, say: Say
) -> dict[str, Ours]:
    if network.weights_file is None or network.labels_file is None:
        raise InputError(f"network '{network.name}': accuracy needs weights and labels")
    number = images or len(open_dataset(network))
    say(f"accuracy on {number:,} digits, ideal cells")
    ideal = run_once(machine, network, number).stats.accuracy
    say(f"accuracy on {number:,} digits, all effects")
    noisy = run_once(load_machine("irmen", {"effects.active": "all"}), network, number)
    assert ideal is not None  # noqa: S101 - there are weights and labels
    assert noisy.stats.accuracy is not None  # noqa: S101
    say("accuracy against bits of the weights")
    bits = {count: accuracy_at(network, number, count) for count in BITS}
    over = f"over {number:,} digit{'s' * (number != 1)}"
    by_bits = ", ".join(f"{count}: {100 * share:.2f} %" for count, share in bits.items())
    shown = f"{100 * ideal.value:.2f} % ({100 * noisy.stats.accuracy.value:.2f} %), {over}"
    return {
        "accuracy": Ours(100 * float(ideal.value), "%", shown),
        "accuracy_by_bits": Ours(None, "%", f"{by_bits}; {over}"),
    }


def accuracy_at(network: Network, number: int, bits: int) -> float:
    """Return the accuracy on the first digits with weights of some bits and no other effect."""
    machine = load_machine("irmen")
    chosen = select_images(network, number)
    program = run_once(machine, network).program
    assert chosen.weights is not None  # noqa: S101 - the caller looked
    assert chosen.pixels is not None  # noqa: S101
    still = np.zeros((number, len(program.instructions)), np.int64)
    cells = Cells(
        replace(Effects(), weight_bits=bits),
        StepTimes(still, still, still, np.full(number, -1)),  # no effect of time is active
        machine.arrays.fan_in.value,
    )
    values = compute_values(
        program, network, chosen.weights, chosen.pixels, chosen.numbers, chosen.labels, cells
    )
    return float(values.accuracy or 0.0)
