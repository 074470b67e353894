"""What a cell technology has to say: the physics that a machine file names by `technology:`.

A technology is one class: the schema of its `cell:` section, how such a cell is characterized
(settling, noise, energies, and from them the cycles and the noise of the machine), and what is
said of it. `accelsim.device.technologies` lists them all.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from accelsim.device.response_tables import Response
from accelsim.device.storage import Storage
from accelsim.documents.constants import Constant, Range, Real, counted, real
from accelsim.documents.validation import Strict, says
from accelsim.errors import InputError
from accelsim.units import PS_PER_S

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from accelsim.device.cell import IrmenDevice

Length = Annotated[Real, real("m", "40 nm")]
Voltage = Annotated[Real, real("V", "100 mV")]
Current = Annotated[Real, real("A", "8 uA")]
Resistance = Annotated[Real, real("Ohm", "50 kOhm")]
Capacitance = Annotated[Real, real("F", "1 fF")]
Power = Annotated[Real, real("W", "3 uW")]
Temperature = Annotated[Real, real("K", "300 K")]
RealTime = Annotated[Real, real("s", "1 ns")]
Fraction = Annotated[Real, real("", "0.9", Range(most=1.0))]
Level = Annotated[Real, real("", "0.9", Range(most=0.99))]
Bits = Annotated[Constant, counted("bits", most=8)]

BITS = tuple(range(1, 9))
"""Precisions that settling is told for."""


Entry = dict[str, Any]
Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
Report = Callable[[str], Progress | None]


class Cell(Strict):
    """The `cell:` section of a machine file: what the cells of all technologies have. SI units."""

    precision: Annotated[Bits, says("Bits to which a value is settled.")]
    swing: Annotated[Level, says("Level of a full swing, which goes from minus it to plus it.")]
    temperature: Annotated[
        Temperature,
        says("Temperature of the thermal motion. What else depends on it is taken at it."),
    ]

    of_storage: ClassVar[frozenset[str]] = frozenset()
    """Keys that say what holds a level and nothing else: no time or noise follows from them."""


class ImpossibleCell(InputError):  # noqa: N818 - what it is, as other InputErrors
    """A cell whose constants contradict one another. keys: of its section, those that do."""

    def __init__(self, message: str, keys: tuple[str, ...]) -> None:
        super().__init__(message)
        self.keys = keys


def beyond_half_step(key: str, what: str, value: float, cell: Cell) -> Iterator[str]:
    """Warn of what is more than half a step at the cell's precision. value: of full scale."""
    bits = cell.precision.value
    half_step = 1 / 2**bits
    if value > half_step:
        yield (
            f"cell.{key}: {what} {value:.3g} of full scale, more than half a step of {bits} bits, "
            f"{half_step:.3g}"
        )


@dataclass(frozen=True)
class Numerics:
    """Choices that are not physics: time step in s, seed, cells for each noise figure."""

    dt: float = 1e-12
    seed: int = 1
    samples: int = 2048


def cycles(time_ps: int, period_ps: int) -> int:
    """Return the least whole number of cycles that last a time; at least 1."""
    return max(1, -(-time_ps // period_ps))


@dataclass(frozen=True)
class Phases:
    """What the two phases of a step need, in ps and in cycles of `period_ps`."""

    period_ps: int
    precision: int
    read_ps: int
    write_ps: int

    @property
    def read_cycles(self) -> int:
        """Smallest number of cycles of a read phase."""
        return cycles(self.read_ps, self.period_ps)

    @property
    def write_cycles(self) -> int:
        """Smallest number of cycles of a write phase."""
        return cycles(self.write_ps, self.period_ps)

    @property
    def read_phase(self) -> float:
        """Length of the read phase in s, in whole cycles."""
        return self.read_cycles * self.period_ps / PS_PER_S


class Derived(NamedTuple):
    """A number that follows from the physics, and what from.

    inputs: keys of the machine file that it follows from; none makes it an assumption.
    """

    value: float
    source: str
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellNoise:
    """The `noise:` section that a cell gives: shares of the full scale, settling in s.

    read, settling: None where a response tells them by level.
    """

    readout_ktc: Derived
    write: Derived
    shot: Derived | None = None
    read: Derived | None = None
    settling: Derived | None = None


@dataclass(frozen=True)
class Listing:
    """A table for readers: the first column stands left, the row `marked` stands out."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    marked: int | None = None


@dataclass(frozen=True)
class Characterization(ABC):
    """What came out for a cell at a clock.

    read_source, write_source: what the times of the two phases follow from, in words;
    read_inputs, write_inputs, response_inputs: the keys of the machine file that they and the
    response follow from. no_figure: why there is nothing to draw; "" if there is.
    """

    timing: Phases
    numerics: Numerics

    read_source: ClassVar[str]
    write_source: ClassVar[str]
    read_inputs: ClassVar[tuple[str, ...]]
    write_inputs: ClassVar[tuple[str, ...]]
    response_inputs: ClassVar[tuple[str, ...]] = ()
    no_figure: ClassVar[str] = ""

    @abstractmethod
    def cell_noise(self) -> CellNoise:
        """Return what the machine's values suffer from the cell."""

    @abstractmethod
    def figures(self) -> Entry:
        """Return everything else: name -> {value, unit} or a list of rows."""

    @abstractmethod
    def listings(self) -> Sequence[Listing]:
        """Return the tables that readers get beside the figures."""

    @property
    def response(self) -> Response | None:
        """What a read sees of a written value; None for a cell that is linear."""
        return None

    def write_cycles_by(self, response: Response | None = None) -> Mapping[str, int | None]:  # noqa: ARG002
        """Return the write cycles by each criterion for a settled write; none without criteria.

        response: of the cell at another clock, whose cycles are then told. None of a criterion:
        more than the response was simulated for.
        """
        return {}

    def figure(self, caption: str, width: float) -> "Figure | None":  # noqa: ARG002
        """Draw the characterization, so many inches wide; None without anything to draw."""
        return None

    def read_noise_after(self, time: float) -> float | None:  # noqa: ARG002
        """Return the noise of a read phase of a length in s; None: the length changes nothing."""
        return None


class CellPrice(NamedTuple):
    """What an action costs by the constants of a cell.

    joule: of one event, or of 1 ns where a current flows `through_time`. formula: with numbers.
    inputs: keys of the machine file that it follows from.
    """

    action: str
    joule: float
    formula: str
    inputs: tuple[str, ...]
    through_time: bool = True


C = TypeVar("C", bound=Cell)


class Technology(ABC, Generic[C]):
    """A cell technology.

    name: as machine and device files have it. title: as texts have it. cell: the schema of
    its cells. variation: the schema of how they differ, `variation:` of a machine file; None: all
    alike.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    cell: type[C]
    variation: ClassVar[type[Strict] | None] = None

    @abstractmethod
    def characterize(
        self, cell: C, period_ps: int, numerics: Numerics, report: Report
    ) -> Characterization:
        """Derive what the machine needs; InputError for a cell that cannot be."""

    @abstractmethod
    def storage(self, cell: C) -> Storage:
        """Return what holds a level, without power and refresh; InputError as above."""

    def check(self, cell: C) -> tuple[str, ...]:  # noqa: ARG002
        """Return what has to be said of a cell before its figures, a sentence each.

        Raises ImpossibleCell for constants that contradict one another, InputError for a magnet
        that cannot be.
        """
        return ()

    def prices(self, cell: C) -> tuple[CellPrice, ...]:  # noqa: ARG002
        """Return the prices that follow from the cell; InputError for a magnet that cannot be."""
        return ()

    def respond(self, cell: C, period_ps: int, read_cycles: int) -> Response | None:  # noqa: ARG002
        """Return what reads see of written values; None for a cell that is linear."""
        return None

    def magnet_cell(self, cell: C) -> "IrmenDevice | None":  # noqa: ARG002
        """Return the cell around its magnet, for waveforms and sweeps of size; None without one.

        Raises InputError for an impossible magnet.
        """
        return None


def figure(value: float, unit: str) -> Entry:
    """Return a figure of five significant digits with its unit."""
    return {"value": float(f"{value:.5g}"), "unit": unit}
