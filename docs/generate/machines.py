"""Tables of docs/machines.md: figures of the machines, their constants, and what turns their order.

    python -m docs.generate.machines

writes them anew where they stand; the last one takes a minute. The rest is written by hand.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from quantiphy import Quantity

import accelsim
from accelsim.config.origins import constants_of
from accelsim.reports.contenders import read_contender
from accelsim.reports.sensitivity import Order, sensitivity
from docs.generate.networks import renewed
from docs.generate.tables import code, table

PAGE = Path(__file__).parent.parent / "machines.md"
MACHINES = ("irmen", "charge", "mixed_signal")
LARGE = {"arrays.rows": 32, "arrays.cols": 32, "banks.planes": 16}
NETWORKS: dict[str, dict[str, object]] = {"mnist": {}, "wide": LARGE, "cifar": LARGE}
"""Networks of the page, and what is set on each machine."""
_PUBLISHED = ("latency, ns", "energy, nJ", "EDP, nJ us", "EDP ratio")


def figures() -> str:
    """Return the table of all machines on all networks, one image each."""
    header = ("network", "machine", *_PUBLISHED, *(f"{name}, to label" for name in _PUBLISHED))
    rows = []
    for name, changes in NETWORKS.items():
        network = replace(accelsim.load_network(name), weights_file=None, images_file=None)
        points = [_points(machine, network, changes) for machine in MACHINES]
        for machine, found in zip(MACHINES, points, strict=True):
            cells = [
                cell
                for scope, (latency, energy) in enumerate(found)
                for cell in _cells(latency, energy, points[0][scope])
            ]
            rows.append((name, code(machine), *cells))
    return table(header, rows)


def _points(
    name: str, network: accelsim.Network, changes: dict[str, object]
) -> tuple[tuple[float, float], ...]:
    """Return latency in ns and energy in nJ, to the handoff and to the label."""
    machine = accelsim.load_machine(name, {**changes, "scope": "classification"})
    stats = accelsim.simulate(machine, network, 1).stats
    return tuple(
        (each.latency.value / 1e3, each.energy_per_image.value / 1e9)
        for each in (stats, stats.classification)
    )


def _cells(latency: float, energy: float, least: tuple[float, float]) -> tuple[str, ...]:
    product = latency * energy
    ratio = product / (least[0] * least[1])
    return f"{latency:.1f}", f"{energy:.4g}", f"{product / 1e3:.3g}", f"{ratio:.1f}"


def constants() -> str:
    """Return the table of the constants that are not the same on all machines.

    A line for each value; what a machine does not have has none.
    """
    of = {name: constants_of(accelsim.load_machine(name)) for name in MACHINES}
    keys = dict.fromkeys(key for each in of.values() for key in each)
    rows = []
    for key in keys:
        found: dict[tuple[str, str, str], list[str]] = {}
        for name, each in of.items():
            if key in each:
                constant = each[key]
                which = (constant.text, constant.kind, constant.source)
                found.setdefault(which, []).append(code(name))
        if len({value for value, *_ in found}) > 1 or sum(map(len, found.values())) < len(MACHINES):
            rows += [(code(key), ", ".join(names), *which) for which, names in found.items()]
    return table(("constant", "machine", "value", "kind", "reasoning"), rows)


def turns() -> str:
    """Return the table of what turns the order of machines on mnist, nearest first."""
    contenders = [read_contender(name) for name in MACHINES]
    found = sensitivity(contenders, MACHINES, accelsim.load_network("mnist"))
    header = ("figure", "order", "of", "moved", "now", "turns at", "times", "plausible", "within")
    return table(header, [row for order in found for row in _turns(order)])


def _turns(order: Order) -> Iterator[tuple[str, ...]]:
    between = (order.figure.replace("_", " "), f"{order.first}, {order.second}")
    if not order.turns:
        yield (*between, *["-"] * 6, "no")
    for turn in order.turns:
        moved = (code(turn.machine), code(turn.key), turn.now, turn.at, f"{turn.factor:.3g}")
        yield (*between, *moved, turn.plausible or "-", within(turn.at, turn.plausible))


def within(value: str, plausible: str) -> str:
    """Tell whether a value is in a range, '0.5 to 2 GHz': yes or no; "-" of no range."""
    if not plausible:
        return "-"
    low, _, high = plausible.partition(" to ")
    unit = high.partition(" ")[2]
    least, at, most = (float(Quantity(each)) for each in (f"{low} {unit}", value, high))
    return "yes" if least <= at <= most else "no"


def main() -> None:
    """Write the tables of the page."""
    page = PAGE.read_text(encoding="utf-8")
    for fresh in (figures(), constants(), turns()):
        page = renewed(page, fresh)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
