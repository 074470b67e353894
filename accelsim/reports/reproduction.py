"""Every published figure with ours beside it, and what ours rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accelsim.config import load_machine
from accelsim.errors import InputError, nearest
from accelsim.network import Network, Published
from accelsim.reports.cells import cell_figures
from accelsim.reports.published import PublishedFigure, load_published
from accelsim.reports.runs import (
    Ours,
    Say,
    energy_shares,
    run_figures,
    run_once,
    shares_text,
    timing_rests,
)
from accelsim.simulation import Result
from accelsim.units import render

MACHINES = ("irmen", "charge")
GROUPS = {
    "run": "The network on the machine",
    "cell": "The cell",
    "constant": "Published constants, and what the machine takes",
    "expected": "Not published: what follows by hand, and what the program arrives at",
    "outside": "Published, not modelled",
}
VERDICTS = {
    "agrees": "as published ('about': within 5 %), on no calibrated constant",
    "calibrated": "rests on a constant chosen so that a published total comes out: no prediction",
    "taken over": "an input of the program, not a result",
    "shown": "published in words; ours is a number",
    "differs": "not as published; the reason is given",
    "not modelled": "published, and nothing here computes it",
}
# What 'about' and 'is' allow for: published figures have two or three digits.
ABOUT, SAME, SHOWN = 0.05, 0.005, 0.0005


@dataclass(frozen=True)
class Row:
    """One figure. published, ours, difference: as text, "" where there is none.

    value, ours_value: the numbers in `unit`, None without one. verdict: a key of VERDICTS.
    """

    group: str
    what: str
    published: str
    ours: str
    difference: str
    verdict: str
    rests: str
    kinds: tuple[str, ...]
    source: str
    reason: str
    value: float | None
    ours_value: float | None
    unit: str


@dataclass(frozen=True)
class Reproduction:
    """The table, and the one-image runs of the shipped machines it comes from."""

    rows: tuple[Row, ...]
    results: Mapping[str, Result] = field(repr=False)
    network: Network = field(repr=False)


def _silent(_: str) -> None:
    return None


def reproduce(network: Network, images: int | None = None, say: Say = _silent) -> Reproduction:
    """Run the shipped machines, characterize their cells, and compare with what was published.

    images: how many digits accuracy is taken over; None: all. say: told what is being done.
    Raises InputError for more images than the data set has.
    """
    lines = load_published()
    machines = {name: load_machine(name) for name in MACHINES}
    say("one image on each machine")
    results = {name: run_once(machine, network) for name, machine in machines.items()}
    ours = run_figures(results, network, images, say)
    ours |= cell_figures(machines["irmen"], machines["charge"], say)
    rows = [
        *(_from_network(entry, results) for entry in network.published),
        *(_from_file(line, ours) for line in lines),
    ]
    order = list(GROUPS)
    rows.sort(key=lambda row: order.index(row.group))
    return Reproduction(tuple(rows), results, network)


def _from_network(entry: Published, results: Mapping[str, Result]) -> Row:
    result = results.get(entry.machine)
    if result is None:
        raise InputError(
            f"published figure of machine '{entry.machine}': no such machine ships"
            f"{nearest(entry.machine, results)}"
        )
    time = entry.figure == "latency"
    value = float(getattr(result.stats, entry.figure).value)
    shares = energy_shares(result)
    if time:
        rests, kinds = timing_rests(result.machine)
    else:
        rests, kinds = shares_text(shares), frozenset(shares)
    base = "ps" if time else "aJ"
    scope, _, note = entry.source.partition(": ")
    what = f"{entry.figure.replace('_', ' ')}, {entry.machine}"
    return _row(
        _Claim("run", what, entry.relation, scope, note),
        (f"{entry.relation} {entry.text}", render(value, base)),
        (float(entry.value), value, base),
        Ours(value, base, rests, kinds),
    )


def _from_file(line: PublishedFigure, ours: Mapping[str, Ours]) -> Row:
    claim = _Claim(line.group, line.what, line.relation, line.source, line.reason)
    if line.figure is None:
        return _row(claim, (line.text, ""), None, Ours(None, "", "", frozenset()))
    if line.figure not in ours:
        raise InputError(
            f"published figure '{line.what}': accelsim computes no '{line.figure}'"
            f"{nearest(line.figure, ours)}"
        )
    found = ours[line.figure]
    if line.value is None or found.value is None:
        text = found.text or _number(found.value, found.unit)
        texts, values = (line.text, text), None
    else:
        if line.unit != found.unit:
            raise InputError(
                f"published figure '{line.what}' is in '{line.unit}', ours in '{found.unit}'"
            )
        # A statement that amounts to a bound ('slower') is shown as it was made.
        number = _number(line.value, line.unit)
        published = line.text or (number if line.relation == "is" else f"{line.relation} {number}")
        texts = (published, _number(found.value, found.unit))
        values = (float(line.value), found.value, line.unit)
    return _row(claim, texts, values, found)


@dataclass(frozen=True)
class _Claim:
    """What was published: of what, how it is meant, where it stands, why ours may differ."""

    group: str
    what: str
    relation: str
    source: str
    reason: str


def _row(
    claim: _Claim,
    texts: tuple[str, str],
    values: tuple[float, float, str] | None,
    ours: Ours,
) -> Row:
    """Return a line of the table. texts: published and ours. values: both, and their unit."""
    verdict, difference = _verdict(claim, values, ours)
    return Row(
        group=claim.group,
        what=claim.what,
        published=texts[0],
        ours=texts[1] or verdict,
        difference=difference,
        verdict=verdict,
        rests=ours.rests,
        kinds=tuple(sorted(ours.kinds)),
        source=claim.source,
        reason=claim.reason,
        value=values[0] if values else None,
        ours_value=values[1] if values else ours.value,
        unit=values[2] if values else ours.unit,
    )


def _verdict(claim: _Claim, values: tuple[float, float, str] | None, ours: Ours) -> tuple[str, str]:
    """Return verdict and difference. What a calibrated constant brings about is never more."""
    if claim.group == "outside":
        return "not modelled", ""
    if values is None:
        return "shown", ""
    published, found, _ = values
    share = found / published - 1
    agrees = {
        "is": abs(share) <= SAME,
        "about": abs(share) <= ABOUT,
        "over": found > published,
        "below": found < published,
    }[claim.relation]
    difference = f"{100 * share:+.1f} %" if abs(share) >= SHOWN else "0"
    if not agrees:
        return "differs", difference
    if "calibrated" in ours.kinds:
        return "calibrated", difference
    return ("taken over" if claim.group == "constant" else "agrees"), difference


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if value == 1 and unit.endswith("s") and unit != "ns":
        unit = unit.removesuffix("s")
    return f"{value:,.5g} {unit}".strip() if abs(value) < 1e6 else f"{value:.3g} {unit}"
