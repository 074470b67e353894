"""Every published figure with ours beside it, and what ours rests on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from accelsim.config import load_machine
from accelsim.documents.constants import PUBLISHED
from accelsim.errors import InputError, nearest
from accelsim.network import Network, Published, load_network
from accelsim.quantities import label
from accelsim.reports import chains
from accelsim.reports.cells import cell_figures, characterize_irmen
from accelsim.reports.provenance import (
    AGREES,
    ARITHMETIC,
    CALIBRATED,
    CONSISTENT,
    TAKEN,
    Provenance,
    Verdict,
)
from accelsim.reports.published import PublishedFigure, load_published
from accelsim.reports.rivals import rival_figures
from accelsim.reports.runs import (
    Ours,
    Say,
    energy_shares,
    latency_by_criterion,
    run_figures,
    run_once,
    shares_text,
)
from accelsim.reports.sources import BY_HAND, OF_NETWORK, provenance
from accelsim.simulation import Result
from accelsim.units import render

MACHINES = ("irmen", "charge", "mixed_signal")
GROUPS = {
    "run": "The network on the machine",
    "cell": "The cell",
    "constant": "Published constants, and what the machine takes",
    "rival": "Claims against other chips, and what would have to hold",
    "expected": "Not published: what follows by hand, and what the program arrives at",
    "outside": "Published, not modelled",
}
NOT_CHECKED = "not checked"
VERDICTS = {
    AGREES: "'about': within 5 %; and all that it follows from is published",
    CONSISTENT: "fits, and something that it follows from is assumed",
    CALIBRATED: "follows from a constant chosen in view of it, or of one tied to it",
    TAKEN: "an input of the program, not a result",
    ARITHMETIC: "by hand from the same constants: checks the program, is no evidence",
    "shown": "published in words; ours is a number",
    NOT_CHECKED: "a ratio to what is known in part: ours, and what would have to hold",
    "differs": "not as published; the reason is given",
    "not modelled": "published, and nothing here computes it",
}
"""Verdicts; the first five follow from the graph of what a figure follows from."""

# What 'about' and 'is' allow for: published figures have two or three digits.
ABOUT, SAME, SHOWN = 0.05, 0.005, 0.0005


@dataclass(frozen=True)
class ReproducedFigure:
    """One figure. published, ours, difference: as text, "" where there is none.

    id: of what was published; figure: of ours, a node of the graph ("" without one).
    value, ours_value: the numbers in `unit`, None without one. verdict: a key of VERDICTS;
    because: what in the graph says so. rests: the constants nearest to the figure. kinds: of all
    that it follows from; chain: all that, as plain data, the figure first.
    """

    id: str
    figure: str
    group: str
    what: str
    published: str
    ours: str
    difference: str
    verdict: str
    because: str
    rests: str
    kinds: tuple[str, ...]
    chain: list[dict[str, object]] = field(repr=False)
    source: str
    reason: str
    value: float | None
    ours_value: float | None
    unit: str


@dataclass(frozen=True)
class Reproduction:
    """The table, the graph, and the one-image runs of the shipped machines they come from."""

    rows: tuple[ReproducedFigure, ...]
    provenance: Provenance = field(repr=False)
    results: Mapping[str, Result] = field(repr=False)
    network: Network = field(repr=False)


def shipped_provenance() -> Provenance:
    """Return the graph of the machines that ship, on the reference network."""
    return provenance({name: load_machine(name) for name in MACHINES}, load_network())


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
    cell = characterize_irmen(machines["irmen"], say)
    ours["latency_by_criterion"] = latency_by_criterion(cell.write_cycles_by(), network)
    ours |= cell_figures(cell, machines["irmen"], machines["charge"], say)
    ours |= rival_figures(network, {line.id: line for line in lines}, say)
    graph = provenance(machines, network)
    rows = [
        *(_from_network(entry, results, graph) for entry in network.published),
        *(_from_file(line, ours, graph) for line in lines),
    ]
    order = list(GROUPS)
    rows.sort(key=lambda row: order.index(row.group))
    return Reproduction(tuple(rows), graph, results, network)


def _from_network(
    entry: Published, results: Mapping[str, Result], graph: Provenance
) -> ReproducedFigure:
    result = results.get(entry.machine)
    if result is None:
        raise InputError(
            f"published figure of machine '{entry.machine}': no such machine ships"
            f"{nearest(entry.machine, results)}"
        )
    time = entry.figure == "latency"
    value = float(getattr(result.stats, entry.figure).value)
    base = "ps" if time else "aJ"
    scope, _, note = entry.source.partition(": ")
    what = f"{label(entry.figure)}, {entry.machine}"
    return _compared(
        _Statement(entry.id, "run", what, entry.relation, scope, note),
        _Shown(
            f"{entry.relation} {entry.text}",
            render(value, base),
            (float(entry.value), value, base),
        ),
        Ours(value, base, shares="" if time else shares_text(energy_shares(result))),
        _Place(graph, OF_NETWORK[entry.machine, entry.figure]),
    )


def _from_file(
    line: PublishedFigure, ours: Mapping[str, Ours], graph: Provenance
) -> ReproducedFigure:
    statement = _Statement(line.id, line.group, line.what, line.relation, line.source, line.reason)
    if line.figure is None:
        return _compared(statement, _Shown(line.text, ""), Ours(None, ""), _Place(graph, ""))
    if line.figure not in ours:
        raise InputError(
            f"published figure '{line.what}': accelsim computes no '{line.figure}'"
            f"{nearest(line.figure, ours)}"
        )
    found, place = ours[line.figure], _Place(graph, line.figure)
    if line.value is None or found.value is None:
        text = found.text or _number(found.value, found.unit)
        return _compared(statement, _Shown(line.text, text), found, place)
    if line.unit != found.unit:
        raise InputError(
            f"published figure '{line.what}' is in '{line.unit}', ours in '{found.unit}'"
        )
    # A statement that amounts to a bound ('slower') is shown as it was made.
    number = _number(line.value, line.unit)
    published = line.text or (number if line.relation == "is" else f"{line.relation} {number}")
    values = (float(line.value), found.value, line.unit)
    shown = _Shown(published, _number(found.value, found.unit), values)
    return _compared(statement, shown, found, place)


class _Statement(NamedTuple):
    """What was published, and where."""

    id: str
    group: str
    what: str
    relation: str
    source: str
    reason: str


class _Shown(NamedTuple):
    """Both figures as text; and as numbers, theirs and ours in one unit, if both are numbers."""

    published: str
    ours: str
    values: tuple[float, float, str] | None = None


class _Place(NamedTuple):
    """Where a figure of ours stands in the graph; figure "": nowhere."""

    graph: Provenance
    figure: str


def _compared(statement: _Statement, shown: _Shown, ours: Ours, place: _Place) -> ReproducedFigure:
    graph, figure = place
    values = shown.values
    verdict, difference = _verdict(statement, values, place)
    return ReproducedFigure(
        id=statement.id,
        figure=figure,
        group=statement.group,
        what=statement.what,
        published=shown.published,
        ours=shown.ours or verdict.word,
        difference=difference,
        verdict=verdict.word,
        because=verdict.because,
        rests=(ours.shares or chains.rests(graph, figure)) if figure else "",
        kinds=tuple(sorted(graph.kinds(figure))) if figure else (),
        chain=chains.as_plain(graph, figure) if figure else [],
        source=statement.source,
        reason=statement.reason,
        value=values[0] if values else None,
        ours_value=values[1] if values else ours.value,
        unit=values[2] if values else ours.unit,
    )


def _verdict(
    statement: _Statement, values: tuple[float, float, str] | None, place: _Place
) -> tuple[Verdict, str]:
    """Return verdict and difference. What may be said of a figure that fits, the graph says."""
    if statement.group == "outside":
        return Verdict("not modelled", ""), ""
    if statement.group == "rival":
        return Verdict(NOT_CHECKED, ""), ""
    if values is None:
        return Verdict("shown", ""), ""
    published, found, _ = values
    share = found / published - 1
    fits = {
        "is": abs(share) <= SAME,
        "about": abs(share) <= ABOUT,
        "over": found > published,
        "below": found < published,
    }[statement.relation]
    difference = f"{100 * share:+.1f} %" if abs(share) >= SHOWN else "0"
    if not fits:
        return Verdict("differs", ""), difference
    by_hand = statement.group == BY_HAND
    return (
        place.graph.verdict(place.figure, PUBLISHED + statement.id, by_hand=by_hand),
        difference,
    )


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if value == 1 and unit.endswith("s") and unit != "ns":
        unit = unit.removesuffix("s")
    return f"{value:,.5g} {unit}".strip() if abs(value) < 1e6 else f"{value:.3g} {unit}"
