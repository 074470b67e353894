"""The pages of the networks that ship have the figures that a run computes."""

from collections import Counter
from dataclasses import replace

import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.ops import PARTIAL_STEP

# What each needs beside the shipped machine.
MACHINES = {
    "lenet": {},
    "resnet": {"arrays.rows": 32, "arrays.cols": 32, "banks.planes": 16},
    "wide": {"banks.planes": 8},
}


def tables(name):
    """Return the tables of a page, as it has to have them."""
    network = replace(accelsim.load_network(name), weights_file=None, images_file=None)
    machines = [accelsim.load_machine(each, MACHINES[name]) for each in ("irmen", "charge")]
    runs = [accelsim.simulate(machine, network, 1).stats for machine in machines]
    program = compile_network(network, machines[0])
    steps = Counter(step.layer for step in program.instructions)
    partials = Counter(step.layer for step in program.instructions if step.op == PARTIAL_STEP)
    figures = {
        "steps": [sum(steps.values())] * 2,
        "cycles per image": [stats.cycles_per_image.value for stats in runs],
        "energy, pJ": [f"{stats.energy_per_image.value / 1e6:.1f}" for stats in runs],
    }
    spent = runs[0].energy.by_layer
    yield ["| an image | irmen | charge |", "|---|---|---|"] + [
        f"| {figure} | {one} | {other} |" for figure, (one, other) in figures.items()
    ]
    yield ["| layer | steps | partial sums | energy, pJ |", "|---|---|---|---|"] + [
        f"| {layer} | {steps[layer]} | {partials[layer]} | {spent[layer].value / 1e6:.1f} |"
        for layer in steps
    ]


@pytest.mark.parametrize("name", MACHINES)
def test_the_tables_of_a_page_are_what_a_run_computes(repository, name):
    page = (repository / "docs/networks" / f"{name}.md").read_text()
    for table in tables(name):
        assert "\n".join(table) in page, "\n".join(["expected:", *table])
    for key, value in MACHINES[name].items():
        assert f"--set {key}={value}" in page
