"""Tables of the pages of networks, `docs/networks/`: figures that a run computes.

    python -m docs.generate.networks [NAME]...

writes them anew where they stand. What else is on a page is written by hand.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import accelsim
from accelsim.analysis.utilization import groups, utilization
from accelsim.compiler import compile_network
from accelsim.ops import FROM_HOST, PARTIAL_STEP, TO_HOST
from docs.generate.tables import table

PAGES = Path(__file__).parent.parent / "networks"
MACHINES = ("irmen", "charge")
"""A column each; layers are listed of the first."""
_LARGE = {"arrays.rows": 32, "arrays.cols": 32, "banks.planes": 16}
CHANGES: dict[str, dict[str, object]] = {
    "cifar": _LARGE,
    "lenet": {},
    "resnet": _LARGE,
    "wide": {"banks.planes": 8},
}
"""Networks with a page, and what the machines of each have beside those that ship."""


def tables(name: str) -> Iterator[str]:
    """Return the tables of a network's page: of an image, of busy units, and of its layers."""
    network = replace(accelsim.load_network(name), weights_file=None, images_file=None)
    machines = [accelsim.load_machine(each, CHANGES[name]) for each in MACHINES]
    programs = [compile_network(network, machine) for machine in machines]
    runs = [accelsim.simulate(machine, network, 1) for machine in machines]
    stats = [run.stats for run in runs]
    figures = {
        "steps": [len(program.instructions) for program in programs],
        "cycles per image": [each.cycles_per_image.value for each in stats],
        "latency, ns": [f"{each.latency.value / 1e3:g}" for each in stats],
        "energy, pJ": [f"{each.energy_per_image.value / 1e6:.1f}" for each in stats],
    }
    yield table(("an image", *MACHINES), [(key, *map(str, row)) for key, row in figures.items()])
    yield table(("busy, an image alone", *MACHINES), _busy(machines, runs))
    yield _layers(programs[0].instructions, stats[0].energy.by_layer)


def _busy(machines: list, runs: list) -> Iterator[tuple[str, ...]]:
    """Return the share of the run that units of each sort are busy, in percent."""
    shares: dict[str, list[str]] = defaultdict(list)
    for machine, run in zip(machines, runs, strict=True):
        units = utilization(run.trace.to_batches(), machine.topology)
        for group in groups(units, run.stats.makespan.value):
            shares[group.name].append(f"{100 * group.share:.1f} %")
    return ((name, *found) for name, found in shares.items())


def _layers(steps: tuple, spent: dict) -> str:
    number = Counter(step.layer for step in steps)
    partials = Counter(step.layer for step in steps if step.op == PARTIAL_STEP)
    folds = defaultdict(set)
    for step in steps:
        if step.op not in (*FROM_HOST, *TO_HOST):
            folds[step.layer].add((step.first_map, step.tile))
    rows = [
        (layer, str(number[layer]), str(len(folds[layer]) or "-"), str(partials[layer]),
         f"{spent[layer].value / 1e6:.1f}")
        for layer in number
    ]  # fmt: skip
    return table(("layer", "steps", "folds", "partial sums", "energy, pJ"), rows)


def renewed(page: str, fresh: str) -> str:
    """Return a page with a table in the place of the one that begins with the same cell."""
    lines = page.splitlines()
    first = fresh.partition(" |")[0] + " |"
    begin = next(at for at, line in enumerate(lines) if line.startswith(first))
    end = next(at for at in range(begin, len(lines)) if not lines[at].startswith("|"))
    return "\n".join([*lines[:begin], *fresh.splitlines(), *lines[end:], ""])


def main() -> None:
    """Write the tables of the pages that are named, or of all."""
    for name in sys.argv[1:] or CHANGES:
        path = PAGES / f"{name}.md"
        page = path.read_text(encoding="utf-8")
        for fresh in tables(name):
            page = renewed(page, fresh)
        path.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
