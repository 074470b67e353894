"""What the mixed-signal machine makes of claims against other chips (S3).

A claim is a ratio of energy-delay products against a chip of which an energy alone is known. So
nothing is held against it: what is said is our product up to the class label, and what the other
chip would have to take for the claim to hold.
"""

from collections.abc import Mapping

from accelsim.config import load_machine
from accelsim.network import Network, load_network
from accelsim.reports.published import PublishedFigure
from accelsim.reports.runs import Ours, Say, run_once
from accelsim.units import AJ_PER_J, PS_PER_S, render

MACHINE, NETWORK = "mixed_signal", "cifar"
CLAIM, CLAIM_OF_IMAGES = "dnn_mnist", "dnn_cifar"
RIVAL = "dnn_energy"
INPUTS: Mapping[str, tuple[str, ...]] = {
    "mixed_product": ("mixed_energy_to_label", "mixed_latency_to_label"),
    "mixed_product_cifar": ("mixed_energy_to_label", "mixed_latency_to_label"),
    "mixed_latency_to_label": (
        "mixed_latency",
        f"{MACHINE}:digital.clock",
        f"{MACHINE}:digital.macs",
        f"{MACHINE}:digital.alus",
    ),
    "mixed_energy_to_label": (
        "mixed_energy_per_image",
        f"{MACHINE}:digital.mac",
        f"{MACHINE}:digital.op",
        f"{MACHINE}:digital.leakage",
        f"{MACHINE}:digital.sram.read",
        f"{MACHINE}:digital.sram.write",
        f"{MACHINE}:digital.sram.leakage",
        f"{MACHINE}:converters.adc.step_energy",
        f"{MACHINE}:converters.adc.bits",
        f"{MACHINE}:converters.dac.conversion",
    ),
}
"""What each figure below follows from; those up to the label stand in between."""


def rival_figures(
    network: Network, published: Mapping[str, PublishedFigure], say: Say
) -> dict[str, Ours]:
    """Return what follows for each claim. published: figures by id."""
    say(f"one image to its label on {MACHINE}")
    energy, latency = _to_label(network)
    claim = published[CLAIM].value
    rival = published[RIVAL].value
    assert claim is not None  # noqa: S101 - the file says both numbers
    assert rival is not None  # noqa: S101
    # The claim says: theirs = claim x ours; and theirs is a known energy times an unknown time.
    needed_ps = claim * energy * latency / (rival * 1e-6 * AJ_PER_J)
    ours = f"{_said(energy, latency)}; would hold at {render(needed_ps, 'ps', 3)} an inference"
    say(f"one image of {NETWORK} to its label on {MACHINE}")
    return {
        "mixed_product": Ours(None, "", ours),
        "mixed_product_cifar": Ours(None, "", _said(*_to_label(load_network(NETWORK)))),
    }


def _to_label(network: Network) -> tuple[float, float]:
    """Return energy in aJ and latency in ps of an image, the fully-connected layer included."""
    result = run_once(load_machine(MACHINE, {"scope": "classification"}), network)
    found = result.stats.classification
    assert found is not None  # noqa: S101 - that is its scope
    return float(found.energy_per_image.value), float(found.latency.value)


def _said(energy_aJ: float, latency_ps: float) -> str:  # noqa: N803 - aJ is the unit
    product = energy_aJ / AJ_PER_J * latency_ps / PS_PER_S
    return (
        f"{render(energy_aJ, 'aJ', 3)} x {render(latency_ps, 'ps', 3)} = {product * 1e15:.3g} nJ us"
    )
