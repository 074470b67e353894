"""Searches a space that is too large to enumerate, for the front of several objectives.

NSGA-II (Deb et al., IEEE Trans. Evol. Comp. 6(2), 2002) as Optuna has it. It is asked and told
generation by generation, so that points follow from the seed and from the rows before alone. A
search that is run again asks the same, and is told what the rows say.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from accelsim.config.machine import Override
from accelsim.errors import InputError
from accelsim.sweeps.amounts import amount
from accelsim.sweeps.axes import Axis
from accelsim.sweeps.columns import ERROR, POINT, Row, figure_column
from accelsim.sweeps.points import Point, Pointer
from accelsim.sweeps.space import Space

_TRIES = 50  # asked for each point of a generation, as constraints may forbid many
_IDLE = 5  # generations without a new point, after which the space is held to be exhausted


class Search:
    """Asks for points of a space, a generation at a time. points: at most so many."""

    def __init__(self, space: Space, points: int) -> None:
        self._space, self._wanted = space, points
        self._pointer = Pointer(space)
        self._study = _study(space)
        self._known: dict[tuple[Override, ...], int] = {}
        self._values: dict[int, list[float] | None] = {}
        self._asked: list[tuple[Any, int]] = []

    def generations(self) -> Iterator[list[Point]]:
        """Give points that are new, a generation at a time; each is told before the next.

        It ends with as many points as are wanted, or when generations bring nothing new. Raises
        InputError if constraints leave none.
        """
        idle = 0
        while len(self._known) < self._wanted and idle < _IDLE:
            points = self._generation()
            idle = 0 if points else idle + 1
            if points:
                yield points
            self._finish()
        if not self._known:
            first = next(iter(self._space.constraints), None)
            raise InputError(
                f"{first.place if first else self._space.name}: the search found no point; "
                "expected constraints that some point meets"
            )

    def tell(self, rows: Sequence[Row]) -> None:
        """Take the rows of a generation."""
        for row in rows:
            self._values[row[POINT]] = _objectives(self._space, row)

    def _generation(self) -> list[Point]:
        """Ask for a generation; return its points that are new.

        What constraints forbid is told as failed, and asked for again.
        """
        found: list[Point] = []
        size = self._space.sample.population
        for _ in range(_TRIES * size):
            if len(self._asked) >= size or len(self._known) >= self._wanted:
                break
            trial = self._study.ask()
            values = tuple(_suggested(trial, axis) for axis in self._space.axes)
            if values not in self._known:
                point = self._pointer.point(len(self._known), values)
                if point is None:
                    self._tell(trial, None)
                    continue
                self._known[values] = point.number
                found.append(point)
            self._asked.append((trial, self._known[values]))
        return found

    def _finish(self) -> None:
        """Tell the study what the points of a generation gave."""
        for trial, number in self._asked:
            self._tell(trial, self._values.get(number))
        self._asked = []

    def _tell(self, trial: Any, values: list[float] | None) -> None:
        if values is None:
            from optuna.trial import TrialState  # noqa: PLC0415 - of the extra

            self._study.tell(trial, state=TrialState.FAIL)
        else:
            self._study.tell(trial, values)


def _study(space: Space) -> Any:
    """Return the study of a space; InputError without Optuna."""
    try:
        import optuna  # noqa: PLC0415 - of the extra, and slow to load
    except ImportError:
        raise InputError(
            "sample.method search needs Optuna: pip install 'accelsim[sweep]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.NSGAIISampler(
        population_size=space.sample.population, seed=space.sample.seed
    )
    return optuna.create_study(
        sampler=sampler, directions=[f"{goal}imize" for goal in space.objectives.values()]
    )


def _suggested(trial: Any, axis: Axis) -> Override:
    """Return what the study suggests for an axis."""
    if axis.values:
        last = len(axis.values) - 1
        if any(amount(value, axis.name) is None for value in axis.values):
            place = trial.suggest_categorical(axis.name, list(range(last + 1)))
        else:
            place = trial.suggest_int(axis.name, 0, last)
        return axis.values[int(place)]
    if axis.step and not axis.is_log:
        return axis.at_step(trial.suggest_int(axis.name, 0, axis.steps))
    value = trial.suggest_float(axis.name, axis.low, axis.high, log=axis.is_log)
    return axis.written(value)


def _objectives(space: Space, row: Row) -> list[float] | None:
    """Return the figures that are sought; None of a point that failed, or has not all."""
    if row.get(ERROR) is not None:
        return None
    found = [row.get(figure_column(name)) for name in space.objectives]
    return None if None in found else [float(each) for each in found if each is not None]
