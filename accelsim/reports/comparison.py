"""Machines and runs side by side on one network, with the published ratios."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.network import Network, Published
from accelsim.quantities import QUANTITIES
from accelsim.reports.contenders import Contender, labels_of
from accelsim.reports.runs import Say, run_once, shares_by_kind
from accelsim.resources import display
from accelsim.runs import RecordedRun
from accelsim.runs.directory import ACCURACY, STREAM, read_recorded
from accelsim.runs.manifest import recorded_network
from accelsim.runs.outcomes import accuracy_cells
from accelsim.simulation import Result
from accelsim.wording import given

DEFAULT_IMAGES = 100
_FIGURES = (
    "steps", "cycles_per_image", "latency", "throughput", "initiation_interval",
    "energy_per_image", "energy_delay_product", "accuracy",
)  # fmt: skip
_TO_LABEL = ("latency", "energy_per_image", "energy_delay_product", "accuracy")
_NAMED = "such as: accelsim compare irmen charge"


@dataclass(frozen=True)
class Compared:
    """One figure of every column, in their order; None: it has none.

    section: '', label, block, layer or kind. ratios: to the first column, None where it has
    none or 0.
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
class Column:
    """Figures of a machine that was run for this, or of a recorded run.

    figures: by the keys of QUANTITIES. to_label: the same up to the class label; none of a run that
    ends with the handoff. energy: 'block' and 'layer' -> name -> aJ an image. kinds:
    shares of the energy. cells: that the accuracy is of, or why there is none.
    """

    name: str
    contender: Contender
    images: int
    figures: Mapping[str, float | None]
    energy: Mapping[str, Mapping[str, float]] = field(repr=False)
    kinds: Mapping[str, float] = field(repr=False)
    cells: str
    to_label: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def machine(self) -> Machine:
        """The machine, of a run as the run had it."""
        return self.contender.machine


@dataclass(frozen=True)
class MachineComparison:
    """The lines of a comparison, a value in each for each column."""

    columns: tuple[Column, ...]
    network: str
    lines: tuple[Compared, ...]
    published: tuple[PublishedRatio, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in the order asked for."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class _Subject:
    """What machines run. network: None where there are runs alone."""

    network: Network | None
    name: str
    images: int | range
    seed: int = 0


def _silent(_: str) -> None:
    return None


def compare(
    contenders: Sequence[Machine | Contender],
    network: Network | None = None,
    images: int | range | None = None,
    say: Say = _silent,
) -> MachineComparison:
    """Run a network on machines, beside recorded runs, and return their figures side by side.

    network, images: what machines run; None: what the runs ran, and mnist and the first 100 of its
    images without a run. Raises InputError for fewer than two contenders, for two that do not
    differ, for runs of different networks or beside another network, and for whatever a run of a
    machine raises it for.
    """
    chosen = [
        each if isinstance(each, Contender) else Contender(each.name, each) for each in contenders
    ]
    if len(chosen) < 2:
        got = ", ".join(each.of for each in chosen) or "no machine"
        raise InputError(f"compare: got {got}; expected two machines or runs, or more, {_NAMED}")
    names, subject = labels_of(chosen), _subject(chosen, network, images)
    columns = []
    for name, contender in zip(names, chosen, strict=True):
        if contender.run is None:
            say(f"{subject.name} on {name}")
        columns.append(_column(name, contender, subject))
    return MachineComparison(
        columns=tuple(columns),
        network=subject.name,
        lines=tuple(_lines(columns)),
        published=tuple(_published(subject.network.published if subject.network else (), columns)),
    )


def compare_on(
    contenders: Sequence[Machine | Contender],
    networks: Sequence[Network],
    images: int | range | None = None,
    say: Say = _silent,
) -> tuple[MachineComparison, ...]:
    """Compare machines on each of some networks.

    Raises InputError as `compare` does, and for a network that is named twice.
    """
    names = [network.name for network in networks]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{given('workload')}: got {name} twice; expected each network once")
    return tuple(compare(contenders, network, images, say) for network in networks)


def _subject(
    contenders: Sequence[Contender], network: Network | None, images: int | range | None
) -> _Subject:
    """Return what machines run beside runs."""
    runs = [each.run for each in contenders if each.run is not None]
    if not runs:
        assert network is not None  # noqa: S101 - the command loads one
        return _Subject(network, network.name, DEFAULT_IMAGES if images is None else images)
    first, where = runs[0].manifest, contenders[[each.run for each in contenders].index(runs[0])].of
    for option, value in (("workload", network), ("images", images)):
        if value is not None:
            raise InputError(f"{given(option)}: {where} is a run, which has its own; leave it out")
    for run in runs:
        if run.manifest["workload"] != first["workload"]:
            raise InputError(
                f"compare: {display(run.path)}: a run of {run.manifest['workload']}; expected "
                f"{first['workload']}, as {where} is of"
            )
    name, begin, number = first["workload"], int(first["first_image"]), int(first["images"])
    if len(runs) == len(contenders):
        return _Subject(None, name, number)
    if STREAM in read_recorded(first, runs[0].path).files:
        raise InputError(
            f"compare: {where}: a run of images that arrive in time; expected runs alone beside it"
        )
    recorded = recorded_network(first, runs[0].path)
    return _Subject(recorded, name, range(begin, begin + number), int(first["seed"]))


def _column(name: str, contender: Contender, subject: _Subject) -> Column:
    if contender.run is not None:
        return _of_run(name, contender, contender.run)
    assert subject.network is not None  # noqa: S101 - there is a machine
    result = run_once(contender.machine, subject.network, subject.images, subject.seed)
    return _of_result(name, contender, result)


def _of_result(name: str, contender: Contender, result: Result) -> Column:
    cells = result.cells if result.values else f"none, {result.no_values}"
    return _of_stats(name, contender, result.stats.to_dict(), len(result.schedule), cells)


def _of_run(name: str, contender: Contender, run: RecordedRun) -> Column:
    has = ACCURACY in run.stats
    cells = accuracy_cells(run) if has else "none, as the run has no values or labels"
    return _of_stats(name, contender, run.stats, len(run.program.instructions), cells)


def _of_stats(
    name: str, contender: Contender, stats: Mapping[str, Any], steps: int, cells: str
) -> Column:
    """Return a column from figures as stats.json has them."""
    values = _values(stats) | {"steps": steps}
    images, energy = stats["images"]["value"], stats["energy"]
    by_action = {action: each["value"] for action, each in energy["by_action"].items()}
    return Column(
        name=name,
        contender=contender,
        images=int(images),
        figures=values,
        energy={
            view: {key: each["value"] / images for key, each in energy[f"by_{view}"].items()}
            for view in ("block", "layer")
        },
        kinds=shares_by_kind(contender.machine, by_action),
        cells=cells,
        to_label=_values(stats["classification"]) if "classification" in stats else {},
    )


def _values(stats: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the figures of a scope."""
    product = stats["energy_per_image"]["value"] * stats["latency"]["value"]
    values = {key: stats[key]["value"] if key in stats else None for key in _FIGURES}
    return values | {"energy_delay_product": product}


def _lines(columns: Sequence[Column]) -> Iterator[Compared]:
    for key in _FIGURES:
        values = tuple(column.figures[key] for column in columns)
        yield Compared("", key, QUANTITIES[key].unit, values)
    for key in _TO_LABEL if any(column.to_label for column in columns) else ():
        yield Compared("label", key, QUANTITIES[key].unit,
                       tuple(column.to_label.get(key) for column in columns))  # fmt: skip
    for view in ("block", "layer"):
        yield from _joined(view, [column.energy[view] for column in columns], "aJ")
    yield from _joined("kind", [column.kinds for column in columns], "1")


def _joined(section: str, tables: Sequence[Mapping[str, float]], unit: str) -> Iterator[Compared]:
    """Give a line for every name that some table has, in order of appearance."""
    names = dict.fromkeys(name for table in tables for name in table)
    if "standby" in names:
        names["standby"] = names.pop("standby")  # last: it belongs to no layer
    for name in names:
        yield Compared(section, name, unit, tuple(table.get(name) for table in tables))


def _published(entries: Sequence[Published], columns: Sequence[Column]) -> list[PublishedRatio]:
    """Return the ratios between published figures of the machines compared, not of variants.

    Of 'about 100 pJ' and 'over 12 nJ' follows 'over 120'; a bound below the line turns the
    other way, so only an 'about' is divided by.
    """
    by_name = {column.name: column for column in columns if column.name == column.machine.name}
    known = [entry for entry in entries if entry.machine in by_name]
    found = []
    for base in known:
        if base.relation != "about":
            continue
        for entry in known:
            if entry.figure != base.figure or entry.machine == base.machine:
                continue
            one, other = (by_name[each.machine].figures[each.figure] for each in (entry, base))
            assert one is not None  # noqa: S101 - every run has latency and energy
            assert other is not None  # noqa: S101
            found.append(
                PublishedRatio(
                    figure=entry.figure,
                    machine=entry.machine,
                    base=base.machine,
                    relation=entry.relation,
                    published=entry.value / base.value,
                    ours=one / other,
                    text=f"{entry.relation} {entry.text} / {base.relation} {base.text}",
                )
            )
    return found
