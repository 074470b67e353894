"""By how much a constant would have to move for two machines to change places.

Of each figure machines are put in order; of two neighbours one constant at a time is moved, of one
machine alone. A price moves the energy in proportion, so that its turning point is worked out; a
time or a count is tried by compiling and simulating one image. Places have changed where both are
level. Published constants stay as they are.
"""

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise

from accelsim.compiler import compile_network
from accelsim.config import Machine, load_machine
from accelsim.config.origins import AnyConstant, constants_of, kind_with_weakest
from accelsim.config.power import price_key
from accelsim.documents.constants import Constant
from accelsim.errors import InputError
from accelsim.model import Stream
from accelsim.network import Network
from accelsim.reports.contenders import Contender
from accelsim.simulation import run_events
from accelsim.units import render

FIGURES = ("latency", "energy_per_image", "energy_delay_product")
_SIZES = ("arrays.", "banks.", "timing.", "sequencer.", "converters.", "digital.")
_MOST = 64
"""How many times a constant is moved up or down at most."""
_NO_CHANGE = ("banks.refresh_cycles", "timing.read_time", "timing.write_time")
Turned = Callable[[int], bool | None]
"""Whether a value turns an order; None where there is no such machine."""
_PLAUSIBLE = re.compile(r"[Pp]lausible (?:from )?([\d.]+) to ([\d.]+)\s*([a-zA-Z%^/0-9]*)")


@dataclass(frozen=True)
class Point:
    """Latency in ps and energy in aJ of one image."""

    latency: float
    energy_per_image: float

    @property
    def energy_delay_product(self) -> float:
        """Energy times latency, aJ ps."""
        return self.energy_per_image * self.latency


@dataclass(frozen=True)
class Turn:
    """A constant of one of two machines, moved until they change places.

    key, kind, now: of the constant. at: its value there, as text. factor: at over now. plausible:
    the range that its source names, "" if it names none.
    """

    machine: str
    key: str
    kind: str
    now: str
    at: str
    factor: float
    plausible: str


@dataclass(frozen=True)
class Order:
    """Two machines one after another in a figure. ratio: of the second to the first."""

    figure: str
    first: str
    second: str
    ratio: float
    turns: tuple[Turn, ...]


@dataclass
class _Trials:
    """A machine whose constants are moved. tried: figures by key and value."""

    name: str
    contender: Contender
    network: Network
    tried: dict[tuple[str, str], Point | None] = field(default_factory=dict)

    def point(self, key: str = "", value: str = "") -> Point | None:
        """Return the figures with a constant changed; None if such a machine cannot run it."""
        if (key, value) not in self.tried:
            self.tried[key, value] = self._simulated(key, value)
        return self.tried[key, value]

    def _simulated(self, key: str, value: str) -> Point | None:
        changes = dict(self.contender.changes)
        if key:
            changes[key] = value
            try:
                machine = load_machine(self.contender.of, _read(changes))
                return _point(machine, self.network)
            except InputError:
                return None
        return _point(self.contender.machine, self.network)

    @cached_property
    def spent(self) -> Mapping[str, int]:
        """Energy of an image by the key of the price, aJ."""
        machine, found = self.contender.machine, dict[str, int]()
        program = compile_network(self.network, machine)
        ledger = run_events(machine, program, Stream.at_once(range(1))).ledger
        for action in machine.prices:
            key = price_key(action)
            found[key] = found.get(key, 0) + ledger.action_aJ.get(action, 0)
        return found


def _read(changes: Mapping[str, int | float | str]) -> dict[str, int | float | str]:
    """Return changes with whole numbers as such."""
    return {
        key: int(value) if isinstance(value, str) and value.isdigit() else value
        for key, value in changes.items()
    }


def _point(machine: Machine, network: Network) -> Point:
    program = compile_network(network, machine)
    stats = run_events(machine, program, Stream.at_once(range(1))).stats()
    return Point(float(stats.latency.value), float(stats.energy_per_image.value))


def sensitivity(
    contenders: Sequence[Contender], names: Sequence[str], network: Network
) -> list[Order]:
    """Return what could change the order of machines in each figure, nearest first.

    Raises InputError for a recorded run, and as compiling does.
    """
    for each in contenders:
        if each.run is not None:
            raise InputError(f"sensitivity: {each.of} is a run; expected machines")
    trials = [_Trials(name, each, network) for name, each in zip(names, contenders, strict=True)]
    return [order for figure in FIGURES for order in _orders(trials, figure)]


def _orders(trials: Sequence[_Trials], figure: str) -> Iterator[Order]:
    ranked = sorted(trials, key=partial(_value, figure=figure))
    for first, second in pairwise(ranked):
        turns = [*_turns(first, second, figure), *_turns(second, first, figure)]
        turns.sort(key=lambda turn: (abs(math.log(turn.factor)), turn.machine, turn.key))
        ratio = _value(second, figure) / _value(first, figure)
        yield Order(figure, first.name, second.name, ratio, tuple(turns))


def _value(trials: _Trials, figure: str) -> float:
    point = trials.point()
    assert point is not None  # noqa: S101 - the machine was compared
    return float(getattr(point, figure))


def _turns(moved: _Trials, other: _Trials, figure: str) -> Iterator[Turn]:
    """Give the constants of one machine that bring it to where the other is."""
    machine = moved.contender.machine
    constants, target = constants_of(machine), _value(other, figure)
    for key in _keys(moved.spent, constants):
        constant = constants[key]
        found = (
            _of_price(moved, key, target, figure)
            if key in moved.spent
            else _of_size(moved, key, constant, target, figure)
        )
        if found is None:
            continue
        at, factor = found
        kind = kind_with_weakest(constants, key)
        yield Turn(moved.name, key, kind, constant.text, at, factor, plausible(constant))


def _keys(prices: Collection[str], constants: Mapping[str, AnyConstant]) -> Iterator[str]:
    """Give the keys that are moved: prices, the clock, times and counts; not what is published."""
    for key, constant in constants.items():
        is_size = key == "clock" or key.startswith(_SIZES)
        if constant.kind == "published" or key in _NO_CHANGE:
            continue
        if key in prices or (is_size and isinstance(constant, Constant) and constant.value > 0):
            yield key


def _of_price(moved: _Trials, key: str, target: float, figure: str) -> tuple[str, float] | None:
    """Return where a price turns the order: the energy is linear in it."""
    now, share = moved.point(), moved.spent[key]
    assert now is not None  # noqa: S101 - the machine was compared
    if figure == "latency" or not share:
        return None
    wanted = target if figure == "energy_per_image" else target / now.latency
    factor = 1 + (wanted - now.energy_per_image) / share
    constant = constants_of(moved.contender.machine)[key]
    if not 1 / _MOST <= factor <= _MOST:
        return None
    if isinstance(constant, Constant):
        return render(round(constant.value * factor), "aJ"), factor
    return f"{constant.value * factor:.3g} {constant.unit}", factor


def _of_size(
    moved: _Trials, key: str, constant: AnyConstant, target: float, figure: str
) -> tuple[str, float] | None:
    """Return the first value of a time or count, up or down, at which the order is another."""
    assert isinstance(constant, Constant)  # noqa: S101 - `_keys` looked
    begins_below = _value(moved, figure) < target

    def turned(value: int) -> bool | None:
        point = moved.point(key, f"{value} ps" if constant.base == "ps" else str(value))
        if point is None:
            return None
        found = getattr(point, figure)
        return bool(found >= target if begins_below else found <= target)

    found = [
        value
        for up in (True, False)
        if (value := _first(constant.value, turned, up=up)) is not None
    ]
    if not found:
        return None
    nearest = min(found, key=lambda value: abs(math.log(value / constant.value)))
    factor = nearest / constant.value
    return _shown(key, nearest, constant), 1 / factor if _is_frequency(key) else factor


def _first(now: int, turned: Turned, *, up: bool) -> int | None:
    """Return the first integer on the way up or down for which something holds."""
    near, far = now, now
    while True:
        far = 2 * near if up else near // 2
        if far < 1 or not now / _MOST <= far <= now * _MOST:
            return None
        state = turned(far)
        if state is None:
            return None
        if state:
            break
        near = far
    while abs(far - near) > max(1, now // 1000):
        middle = (near + far) // 2
        if turned(middle):
            far = middle
        else:
            near = middle
    return far


def _shown(key: str, value: int, constant: Constant) -> str:
    if constant.base != "ps":
        return str(value)
    return f"{1e3 / value:.3g} GHz" if _is_frequency(key) else render(value, "ps")


def _is_frequency(key: str) -> bool:
    """Tell whether a key, whose value is a period, is quoted as a frequency."""
    return key.rpartition(".")[2] == "clock"


def plausible(constant: AnyConstant) -> str:
    """Return the range that a source calls plausible: '0.5 to 2 GHz'; "" if it names none."""
    found = _PLAUSIBLE.search(constant.source)
    return "" if found is None else f"{found[1]} to {found[2]} {found[3]}".strip().rstrip(".")
