"""What `accelsim diff` begins with: what moved from one run to the other, and why."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from accelsim.quantities import heading
from accelsim.runs.moved import Moved, MovedFigure
from accelsim.runs.outcomes import accuracies_of, accuracy_cells
from accelsim.runs.recorded import RecordedRun
from accelsim.units import render


def moved_lines(figures: Iterable[MovedFigure], periods_ps: tuple[int, int]) -> Iterator[str]:
    """Give a line for each figure that moved, and below it one for each reason."""
    for figure in figures:
        whose = "" if figure.image is None else f", image {figure.image}"
        a, b = (render(float(value), figure.unit) for value in (figure.a, figure.b))
        yield (
            f"{heading(figure.name)}{whose}: {a} to {b}, "
            f"{_amount(figure.b - figure.a, figure.unit, periods_ps)}"
        )
        yield from (_line(line, figure.unit, periods_ps) for line in figure.lines)
        if figure.why_none:
            yield f"  Why is not known: {figure.why_none}"
        elif figure.lines and figure.rest:
            yield f"  the rest = {_amount(figure.rest, figure.unit, periods_ps)}"


def accuracy_lines(a: RecordedRun, b: RecordedRun) -> Iterator[str]:
    """Give the accuracy of both runs, of each tenant, with the cells that it is for."""
    shares, cells = (accuracies_of(a), accuracies_of(b)), (accuracy_cells(a), accuracy_cells(b))
    for tenant in (name for name in shares[0] if name in shares[1]):
        values = [side[tenant] for side in shares]
        if all(value is not None for value in values):
            shown = [
                f"{100 * value:.6g} % ({of})"
                for value, of in zip(values, cells, strict=True)
                if value is not None
            ]
            of = f" of {tenant}" if tenant else ""
            both = f"{shown[0]} in both" if shown[0] == shown[1] else " to ".join(shown)
            yield f"Accuracy{of}: {both}"


def _line(line: Moved, unit: str, periods_ps: tuple[int, int]) -> str:
    return f"  {line.what}: {line.how} = {_amount(line.amount, unit, periods_ps)}"


def _amount(value: Fraction, unit: str, periods_ps: tuple[int, int]) -> str:
    """Return a change with its sign; a time in cycles, if those of both runs are as long."""
    sign = "+" if value >= 0 else "-"
    if unit == "ps" and periods_ps[0] == periods_ps[1]:
        cycles = abs(value) / periods_ps[0]
        number = f"{int(cycles):,}" if cycles.denominator == 1 else f"{float(cycles):,.6g}"
        return f"{sign}{number} cycle{'s' * (cycles != 1)}"
    return f"{sign}{render(float(abs(value)), unit)}"
