"""What changed from one trace to another, figure by figure: two Totals side by side."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from accelsim.quantities import label
from accelsim.records import ACTION_UNITS
from accelsim.topology import component
from accelsim.trace.diff.compare import TraceDiff
from accelsim.trace.diff.images import Spans
from accelsim.trace.diff.totals import Totals
from accelsim.units import render

RUN, BLOCK, COMPONENT = "run", "energy by block", "energy by component"
LAYER, STEP, ACTIONS, STALLS = "energy by layer", "energy by step", "actions", "waits by cause"

Number = int | float
_TO_LABEL = ("latency_to_label", "energy_behind_handoff")
_LARGE = 10
# From here on three digits would take an exponent.
_HUGE = 999.5
# A count of more digits is shown with a prefix; programs read the exact one.
_LONG = 10**9


@dataclass(frozen=True)
class Change:
    """A figure of both traces; None where a trace has none. Exact unless a mean is not whole."""

    section: str
    name: str
    a: Number | None
    b: Number | None
    unit: str

    @property
    def differs(self) -> bool:
        """Whether the figure changed."""
        return self.a != self.b

    @property
    def shown_a(self) -> str:
        """The figure of the first trace with its unit."""
        return _shown(self.a, self.unit)

    @property
    def shown_b(self) -> str:
        """The figure of the second trace with its unit."""
        return _shown(self.b, self.unit)

    @property
    def change(self) -> str:
        """The difference with its sign, "" if there is none."""
        if not self.differs or self.a is None or self.b is None:
            return ""
        difference = self.b - self.a
        return f"{'+' if difference > 0 else '-'}{_shown(abs(difference), self.unit)}"

    @property
    def relative(self) -> str:
        """The change relative to the first figure: '+33.3 %', or 'x 12.3' if it is large."""
        if not self.differs or not self.a or self.b is None:
            return ""
        ratio = self.b / self.a
        if ratio < _LARGE:
            return f"{100 * (ratio - 1):+.3g} %"
        return f"x {ratio:.3g}" if ratio < _HUGE else f"x {ratio:,.0f}"


def compare_totals(a: Totals, b: Totals) -> list[Change]:
    """Return every figure of two traces, section by section."""
    return list(_changes(a, b))


def summary(diff: TraceDiff, name_a: str, name_b: str) -> str:
    """Return a comparison in a few lines: first divergence, counts, and the main figures."""
    if diff.same:
        return f"no difference: {counted(diff, name_a, name_b)}"
    lines = [] if diff.first is None else [diff.first.text(name_a, name_b)]
    lines.append(f"In all: {counted(diff, name_a, name_b)}")
    for each in compare_totals(*diff.totals):
        if each.differs and each.section in (RUN, BLOCK, ACTIONS):
            name = label(each.name) if each.section == RUN else f"{each.section}, {each.name}"
            lines.append(f"  {name}: {each.shown_a} -> {each.shown_b}")
    return "\n".join(lines)


def counted(diff: TraceDiff, name_a: str, name_b: str) -> str:
    """Return how many records were compared, and how many differ."""
    parts = [f"{diff.images:,} image{'s' * (diff.images != 1)}, {diff.aligned:,} records aligned"]
    if diff.differing:
        moved = f", {diff.moved:,} of them only in when they happen" if diff.moved else ""
        parts.append(f"{diff.differing:,} differ{moved}")
        ordered = sorted(diff.fields.items(), key=lambda item: (-item[1], item[0]))
        parts[-1] += f" ({', '.join(f'{name} {number:,}' for name, number in ordered)})"
    for name, records, images in zip((name_a, name_b), diff.only, diff.images_only, strict=True):
        if records:
            parts.append(f"{records:,} only in {name}")
        if images:
            parts.append(f"only in {name}: {shown_spans(images)}")
    return "; ".join(parts)


def shown_spans(spans: Spans, most: int = 4) -> str:
    """Return spans of images as text: 'images 0-9, 12'."""
    parts = [f"{first}-{last}" if last > first else f"{first}" for first, last in spans[:most]]
    more = ", ..." if len(spans) > most else ""
    return f"image{'s' * (len(spans) > 1 or spans[0][0] != spans[0][1])} {', '.join(parts)}{more}"


def _changes(a: Totals, b: Totals) -> Iterator[Change]:
    yield from _run(a, b)
    yield from _section(BLOCK, _blocks(a), _blocks(b), "aJ")
    yield from _section(COMPONENT, a.by_component, b.by_component, "aJ")
    yield from _section(LAYER, a.by_layer, b.by_layer, "aJ")
    names = a.steps | b.steps
    yield from _section(STEP, _steps(a, names), _steps(b, names), "aJ")
    for action, unit in ACTION_UNITS.items():
        if a.actions[action] or b.actions[action]:
            yield Change(ACTIONS, action, a.actions[action], b.actions[action], unit)
    yield from _section(STALLS, a.stalls_ps, b.stalls_ps, "ps")


def _run(a: Totals, b: Totals) -> Iterator[Change]:
    of_b, to_label = _figures(b), bool(a.labelled_ps or b.labelled_ps)
    for (name, unit), value in _figures(a).items():
        if name in _TO_LABEL and not to_label:
            continue
        yield Change(RUN, name, value, of_b[name, unit], unit)


def _figures(totals: Totals) -> dict[tuple[str, str], Number | None]:
    """Return the figures up to the handoff, and those up to the class label."""
    latencies, labels = totals.latency_ps(), totals.label_latency_ps()
    published = totals.energy_aJ - totals.behind_aJ
    return {
        ("images", "images"): totals.images,
        ("latency", "ps"): _mean(sum(latencies), len(latencies)),
        ("latency_max", "ps"): max(latencies, default=None),
        ("makespan", "ps"): totals.makespan_ps,
        ("energy_per_image", "aJ"): _mean(published, totals.images),
        ("energy", "aJ"): published,
        ("latency_to_label", "ps"): _mean(sum(labels), len(labels)),
        ("energy_behind_handoff", "aJ"): totals.behind_aJ if labels else None,
        ("waits", "ps"): sum(totals.stalls_ps.values()),
        ("records", "records"): totals.records,
    }


def _steps(totals: Totals, names: Mapping[tuple[str, int], str]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for key, what in names.items():
        found[f"{key[1]} {what}" if key[1] >= 0 else what] += totals.by_step[key]
    return found


def _section(
    section: str, a: Mapping[str, int], b: Mapping[str, int], unit: str
) -> Iterator[Change]:
    for name in dict.fromkeys([*a, *b]):
        yield Change(section, name, a.get(name, 0), b.get(name, 0), unit)


def _blocks(totals: Totals) -> Counter[str]:
    blocks: Counter[str] = Counter()
    for path, energy in totals.by_component.items():
        blocks[component(path).block] += energy
    return blocks


def _mean(total: int, number: int) -> Number | None:
    if not number:
        return None
    return total // number if total % number == 0 else total / number


def _shown(value: Number | None, unit: str) -> str:
    if value is None:
        return "none"
    if unit in ("ps", "aJ", "W", "images/s"):
        return render(value, unit)
    if isinstance(value, float):
        return f"{value:,.4g}"
    return f"{value:,}" if value < _LONG else render(value, "")
