"""Two or more machines on one network, side by side, with the published ratios."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.network import Network, Published
from accelsim.reports.runs import Say, energy_shares, run_once
from accelsim.simulation import Result


@dataclass(frozen=True)
class Compared:
    """One figure of every machine, in the order of the machines; None: it has none.

    section: '', block, layer or kind. figure: in '' a key of `accelsim.quantities`. ratios: to the
    first machine, None where it has none or 0.
    """

    section: str
    figure: str
    unit: str
    values: tuple[float | None, ...]

    @property
    def ratios(self) -> tuple[float | None, ...]:
        """Return value over the first machine's value."""
        first = self.values[0]
        return tuple(None if value is None or not first else value / first for value in self.values)


@dataclass(frozen=True)
class PublishedRatio:
    """A ratio between two machines that follows from published figures.

    relation: over, below or about, as what was published allows. text: the two figures.
    """

    figure: str
    machine: str
    base: str
    relation: str
    published: float
    ours: float
    text: str


@dataclass(frozen=True)
class MachineComparison:
    """The lines of a comparison. names: of the machines, in the order asked for."""

    names: tuple[str, ...]
    network: str
    images: int
    lines: tuple[Compared, ...]
    published: tuple[PublishedRatio, ...]
    results: tuple[Result, ...] = field(repr=False)


def _silent(_: str) -> None:
    return None


def compare(
    machines: Sequence[Machine], network: Network, images: int | range, say: Say = _silent
) -> MachineComparison:
    """Run a network on two or more machines and return their figures side by side.

    Raises InputError for fewer than two machines, for two of the same name, and for whatever
    a run of one of them raises it for.
    """
    names = tuple(machine.name for machine in machines)
    if len(machines) < 2:
        raise InputError(
            f"compare: got {', '.join(names) or 'no machine'}; expected two machines or more, "
            "such as: accelsim compare irmen charge"
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"compare: more than one machine is named '{twice[0]}'; give them names")
    results = []
    for machine in machines:
        say(f"{network.name} on {machine.name}")
        results.append(run_once(machine, network, images))
    by_name = dict(zip(names, results, strict=True))
    return MachineComparison(
        names=names,
        network=network.name,
        images=int(results[0].stats.images.value),
        lines=tuple(_lines(results)),
        published=tuple(_published(network.published, by_name)),
        results=tuple(results),
    )


def _lines(results: Sequence[Result]) -> list[Compared]:
    stats = [result.stats for result in results]
    lines = [
        Compared("", "steps", "steps", tuple(len(result.schedule) for result in results)),
        Compared("", "cycles_per_image", "cycles", tuple(s.cycles_per_image.value for s in stats)),
        Compared("", "latency", "ps", tuple(s.latency.value for s in stats)),
        Compared("", "throughput", "images/s", tuple(s.throughput.value for s in stats)),
        Compared(
            "",
            "initiation_interval",
            "ps",
            tuple(s.initiation_interval.value if s.initiation_interval else None for s in stats),
        ),
        Compared("", "energy_per_image", "aJ", tuple(s.energy_per_image.value for s in stats)),
        Compared(
            "",
            "energy_delay_product",
            "aJ ps",
            tuple(s.energy_per_image.value * s.latency.value for s in stats),
        ),
        Compared(
            "", "accuracy", "1", tuple(s.accuracy.value if s.accuracy else None for s in stats)
        ),
    ]
    blocks = [_an_image(result, result.ledger.block_aJ) for result in results]
    layers = [_an_image(result, result.ledger.layer_aJ) for result in results]
    lines += [Compared("block", *parts) for parts in _joined(blocks, "aJ")]
    lines += [Compared("layer", *parts) for parts in _joined(layers, "aJ")]
    lines += [
        Compared("kind", *parts) for parts in _joined([energy_shares(r) for r in results], "1")
    ]
    return lines


def _an_image(result: Result, energies: Mapping[str, int]) -> dict[str, float]:
    images = result.stats.images.value
    return {name: energy / images for name, energy in energies.items()}


def _joined(
    tables: Sequence[Mapping[str, float]], unit: str
) -> list[tuple[str, str, tuple[float | None, ...]]]:
    """Return (name, unit, values) of every name that some table has, in order of appearance."""
    names = dict.fromkeys(name for table in tables for name in table)
    if "standby" in names:
        names["standby"] = names.pop("standby")  # last: it belongs to no layer
    return [(name, unit, tuple(table.get(name) for table in tables)) for name in names]


def _published(entries: Sequence[Published], results: Mapping[str, Result]) -> list[PublishedRatio]:
    """Return the ratios between published figures of the machines compared.

    Of 'about 100 pJ' and 'over 12 nJ' follows 'over 120'; a bound below the line turns the
    other way, so only an 'about' is divided by.
    """
    known = [entry for entry in entries if entry.machine in results]
    found = []
    for base in known:
        if base.relation != "about":
            continue
        for entry in known:
            if entry.figure != base.figure or entry.machine == base.machine:
                continue
            ours = [getattr(results[one.machine].stats, one.figure).value for one in (entry, base)]
            found.append(
                PublishedRatio(
                    figure=entry.figure,
                    machine=entry.machine,
                    base=base.machine,
                    relation=entry.relation,
                    published=entry.value / base.value,
                    ours=ours[0] / ours[1],
                    text=f"{entry.relation} {entry.text} / {base.relation} {base.text}",
                )
            )
    return found
