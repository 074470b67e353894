"""What the shipped machines make of a network: the computed side of the published figures."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from accelsim.config import Machine, load_machine
from accelsim.device.technologies import TECHNOLOGIES
from accelsim.errors import InputError
from accelsim.network import Network, open_dataset
from accelsim.records import StepTimes
from accelsim.runs import simulate
from accelsim.simulation import Result, select_images
from accelsim.values import Cells, Effects, compute_values

Say = Callable[[str], None]
BITS = (2, 3, 4, 6)


@dataclass(frozen=True)
class Ours:
    """A computed figure. value None: it is a text alone.

    rests: the constants it rests on, with their kinds, for readers. kinds: the kinds alone.
    """

    value: float | None
    unit: str
    rests: str
    kinds: frozenset[str]
    text: str = ""


def rests_on(machine: Machine, *keys: str) -> tuple[str, frozenset[str]]:
    """Return 'clock (assumed), ...' of a machine's keys, and the kinds."""
    named = {key.split(".")[-1].replace("_", " "): _kind(machine, key) for key in keys}
    text = ", ".join(f"{name} ({kind})" for name, kind in named.items())
    return text, frozenset(named.values())


def _kind(machine: Machine, key: str) -> str:
    node: object = machine
    for part in key.split("."):
        node = getattr(node, part)
    return str(getattr(node, "kind"))  # noqa: B009 - the type of the node is not known


def timing_rests(machine: Machine) -> tuple[str, frozenset[str]]:
    """Return what a latency rests on; where cycles follow from a calibrated factor, that too."""
    keys = ["clock", "timing.read_cycles", "timing.write_cycles"]
    if machine.cell is not None:
        keys += TECHNOLOGIES[machine.technology].rests
    text, kinds = rests_on(machine, *keys)
    return f"{text}, maps and pooling of the network (assumed)", kinds | {"assumed"}


def energy_shares(result: Result) -> dict[str, float]:
    """Return the share of a run's energy, 0 to 1, that rests on prices of each kind."""
    shares: dict[str, float] = {}
    for action, energy in result.ledger.action_aJ.items():
        kind = getattr(result.machine.energy, action).kind
        if energy:
            shares[kind] = shares.get(kind, 0) + energy / (result.ledger.total_aJ or 1)
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def run_once(machine: Machine, network: Network, images: int | range = 1) -> Result:
    """Simulate with the trace on disk for as long as it takes, so that memory stays small."""
    with tempfile.TemporaryDirectory(prefix="accelsim-") as folder:
        return simulate(machine, network, images, outdir=Path(folder) / "run")


def run_figures(
    results: dict[str, Result], network: Network, images: int | None, say: Say
) -> dict[str, Ours]:
    """Return the figures of group `run`, and those of `expected` that a run gives.

    results: 'irmen' and 'charge', one image each. images: how many digits the accuracy is
    taken over; None: all of the data set.
    """
    irmen, charge = results["irmen"], results["charge"]
    one = run_once(load_machine("irmen", {"circuits": 1}), network)
    clock, charge_clock = timing_rests(irmen.machine), timing_rests(charge.machine)
    shares = energy_shares(irmen)
    both = frozenset(shares) | frozenset(energy_shares(charge))
    spent = irmen.ledger.total_aJ
    latency = charge.stats.latency.value
    figures = {
        "charge_energy_ratio": Ours(
            charge.ledger.total_aJ / spent, "x", "the prices of both machines", both
        ),
        "charge_latency_ratio": Ours(
            latency / irmen.stats.latency.value, "x", charge_clock[0], charge_clock[1] | clock[1]
        ),
        "steps": Ours(
            len(irmen.schedule),
            "steps",
            "maps and pooling of the network (assumed)",
            frozenset({"assumed"}),
        ),
        "cycles": Ours(irmen.stats.cycles_per_image.value, "cycles", *clock),
        "energy": Ours(spent / 1e6, "pJ", shares_text(shares), frozenset(shares)),
        "one_circuit_cycles": Ours(one.stats.cycles_per_image.value, "cycles", *clock),
        "charge_latency": Ours(latency / 1e3, "ns", *charge_clock),
        "circuits": Ours(
            irmen.machine.circuits.value, "circuits", *rests_on(irmen.machine, "circuits")
        ),
    }
    return figures | _accuracies(irmen.machine, network, images, say)


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
    kinds = frozenset({"assumed"})
    return {
        "accuracy": Ours(
            100 * float(ideal.value),
            "%",
            "weights trained for this project",
            kinds,
            f"{100 * ideal.value:.2f} % ({100 * noisy.stats.accuracy.value:.2f} %), {over}",
        ),
        "accuracy_by_bits": Ours(
            None, "%", "weights trained for this project", kinds, f"{by_bits}; {over}"
        ),
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
