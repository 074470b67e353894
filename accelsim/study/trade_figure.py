"""The figure of a trade: error against latency and against energy, with the Pareto front."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from accelsim.plots.layout import add_caption, legend_above, new_panels
from accelsim.plots.scales import log_axis
from accelsim.plots.spots import Spot, write_texts
from accelsim.plots.style import PALE, look, styled
from accelsim.quantities import axis
from accelsim.study.captions import Source
from accelsim.study.points import Study
from accelsim.study.shown import BARS, ERROR, draw_rows, ends, error, remark
from accelsim.study.summary import Summary

_WIDE = 8.0  # ratio of most to least from which an axis is logarithmic


def trade_figure(study: Study, rows: Sequence[Summary], source: Source, width: float) -> Figure:
    """Return error against latency and energy of a study's points, `width` inches wide."""
    with styled():
        figure, panels = new_panels(2, width, 2.1)
        for axes, of, name in zip(panels, (_latency, _energy), _NAMES, strict=True):
            _draw(axes, study, rows, of)
            axes.set(xlabel=name, ylabel=ERROR)
        legend_above(figure, panels[0])
        numbers = f"Filled: Pareto front of the means. Numbers: write cycles{_letters(rows)}."
        add_caption(figure, source.caption(study.title, BARS, numbers, remark(rows)))
        # Energies lie close to one another: there the front alone has numbers.
        write_texts(panels[0], _spots(study, rows, _latency))
        best = front([(_energy(row), error(row)) for row in rows])
        spots = _spots(study, rows, _energy)
        write_texts(panels[1], [spot for spot in spots if (spot.x, spot.y) in best])
    return figure


def front(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the Pareto front: points that no other beats in both coordinates, by the first."""
    found: list[tuple[float, float]] = []
    for x, y in sorted(set(points)):
        if not found or y < found[-1][1]:
            found.append((x, y))
    return found


def _latency(row: Summary) -> float:
    return row.latency_ps / 1e3


def _energy(row: Summary) -> float:
    return row.energy_aJ / 1e6


_NAMES = (axis("latency", "ns"), axis("energy_per_image", "pJ"))


def _draw(
    axes: Axes, study: Study, rows: Sequence[Summary], of: Callable[[Summary], float]
) -> None:
    best = front([(of(row), error(row)) for row in rows])
    axes.plot(
        [x for x, _ in best], [y for _, y in best], color=PALE, lw=3.5, solid_capstyle="round",
        drawstyle="steps-post", zorder=0, label="Pareto front",
    )  # fmt: skip
    for number, (name, chosen) in enumerate(_series(study, rows).items()):
        shown = look(number)
        draw_rows(axes, [of(row) for row in chosen], chosen, shown, name, mfc="white", lw=0.7)
        filled = [(x, y) for x, y in ((of(row), error(row)) for row in chosen) if (x, y) in best]
        axes.plot(
            [x for x, _ in filled], [y for _, y in filled],
            **{**shown.line(), "ls": ""}, zorder=4,
        )  # fmt: skip
    axes.grid(axis="y")
    log_axis(axes, "y")
    low, high = axes.get_xlim()
    least, most = min(map(of, rows)), max(map(of, rows))
    if most > _WIDE * least:
        axes.set_xlim(least / 1.25, most * 1.25)
        log_axis(axes, "x")
    else:
        axes.set_xlim(low, high + 0.03 * (high - low))


def _series(study: Study, rows: Sequence[Summary]) -> dict[str, list[Summary]]:
    groups: dict[str, list[Summary]] = {}
    for row in rows:
        groups.setdefault(str(row.point.coordinates[study.series]), []).append(row)
    return groups


def _spots(study: Study, rows: Sequence[Summary], of: Callable[[Summary], float]) -> list[Spot]:
    """Return the points with their write cycles, and each criterion where it is met first."""
    spots = []
    for chosen in _series(study, rows).values():
        met = ""
        for row in chosen:
            first = "".join(letter for letter in _criteria(row) if letter not in met)
            met += first
            text = f"{row.point.coordinates['write_cycles']}{first}"
            spots.append(Spot(of(row), error(row), text, *ends(row)))
    return spots


def _letters(rows: Sequence[Summary]) -> str:
    """Explain the letters of `_criteria`, if there are any."""
    if not any(_criteria(row) for row in rows):
        return ""
    return "; enough from there on by m: magnetization, e: envelope, a: as read"


def _criteria(row: Summary) -> str:
    """Return the first letters of the criteria by which a write is settled."""
    names = str(row.point.coordinates.get("settled_by", "none"))
    known = {"none": "", "all": "mea"}
    return known.get(names, "".join(name[0] for name in names.split(", ")))
