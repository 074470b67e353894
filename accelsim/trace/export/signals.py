"""What waveforms show of each unit: its variables, and how a record changes them.

    sequencer              issue, op, step, image: the issue slot and what takes it
    sequencer.contextN     waiting, cause, step, image: what keeps an image from going on
    host.queue             waiting: images that have arrived and are not in flight
    datapath.*, host.*     busy, op
    circuit.lane.array     busy, op
    circuit.lane.bank      read_ports, write_ports: how many are in use
    classifier.adc, .engine  busy, op
    classifier.queue       waiting: results that are not converted
    classifier.sram        waiting: images whose codes wait; reading, writing: accesses of images
    ...planeN              state (empty, charging, settling, stored, refreshing), image: whose value

A number that means nothing just now is z, a text '-'.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from accelsim.topology import CLASSIFIER_PATHS, BlockName, PathKind
from accelsim.topology import component as take_apart

if TYPE_CHECKING:
    from vcd import VCDWriter

NOTHING, NO_TEXT = "z", "-"
ROOT = "accelsim"


class Event(NamedTuple):
    """The begin or end of a record."""

    begins: bool
    kind: str
    op: str
    step: int
    image: int
    cause: str


class Variable(NamedTuple):
    """One variable: its type in VCD, bits, and value at first."""

    name: str
    type: str
    size: int | None
    value: int | str


def bit(name: str) -> Variable:
    """Return a variable of one bit, 0 at first."""
    return Variable(name, "wire", 1, 0)


def number(name: str, value: int | str = NOTHING) -> Variable:
    """Return a variable of a whole number."""
    return Variable(name, "integer", 64, value)


def text(name: str, value: str = NO_TEXT) -> Variable:
    """Return a variable of a text."""
    return Variable(name, "string", None, value)


class Signal(ABC):
    """Variables of one unit. `values` are set by events and written at the end of a moment."""

    def __init__(self, writer: "VCDWriter", scope: str, *variables: Variable) -> None:
        self._writer = writer
        self.scope = f"{ROOT}.{scope}" if scope else ROOT
        self.variables = variables
        self.values: list[int | str] = [variable.value for variable in variables]
        self._handles = [
            writer.register_var(
                self.scope, variable.name, variable.type, size=variable.size, init=variable.value
            )
            for variable in variables
        ]

    @abstractmethod
    def apply(self, event: Event) -> None:
        """Take one event."""

    def write(self, time: int) -> None:
        """Write what changed at a time."""
        for handle, value in zip(self._handles, self.values, strict=True):
            if handle.value != value:
                self._writer.change(handle, time, value)


class BusySignal(Signal):
    """An array, a direction of the datapath, a port of the host: busy, and with which op."""

    def __init__(self, writer: "VCDWriter", component: str) -> None:
        super().__init__(writer, component, bit("busy"), text("op"))
        self._holders = 0

    def apply(self, event: Event) -> None:
        """Take one event."""
        self._holders += 1 if event.begins else -1
        if event.begins:
            self.values = [1, event.op]
        elif not self._holders:
            self.values = [0, NO_TEXT]


class IssueSignal(Signal):
    """The issue slot."""

    def __init__(self, writer: "VCDWriter", component: str) -> None:
        variables = (bit("issue"), text("op"), number("step"), number("image"))
        super().__init__(writer, component, *variables)

    def apply(self, event: Event) -> None:
        """Take one event."""
        self.values = [0, NO_TEXT, NOTHING, NOTHING]
        if event.begins:
            self.values = [1, event.op, event.step, event.image]


class WaitSignal(Signal):
    """A context: whether it waits, for what, to issue which step of which image."""

    def __init__(self, writer: "VCDWriter", component: str) -> None:
        variables = (bit("waiting"), text("cause"), number("step"), number("image"))
        super().__init__(writer, component, *variables)

    def apply(self, event: Event) -> None:
        """Take one event."""
        self.values = [0, NO_TEXT, NOTHING, NOTHING]
        if event.begins:
            self.values = [1, event.cause.replace(" ", "_"), event.step, event.image]


class CountSignal(Signal):
    """How many ports are in use, or images wait."""

    def __init__(self, writer: "VCDWriter", component: str, name: str) -> None:
        super().__init__(writer, component, number(name, 0))
        self._count = 0

    def apply(self, event: Event) -> None:
        """Take one event."""
        self._count += 1 if event.begins else -1
        self.values = [self._count]


class PlaneSignal(Signal):
    """A plane: its state, and the image whose value it holds or takes.

    stored: the image whose value it holds from the start; None: it is empty. A refresh keeps
    the value.
    """

    def __init__(self, writer: "VCDWriter", component: str, stored: int | None) -> None:
        state = "empty" if stored is None else "stored"
        variables = (text("state", state), number("image", NOTHING if stored is None else stored))
        super().__init__(writer, component, *variables)
        self._kept: int | str = variables[1].value

    def apply(self, event: Event) -> None:
        """Take one event."""
        if event.kind == "refresh":
            kept = "stored" if self._kept != NOTHING else "empty"
            self.values = ["refreshing" if event.begins else kept, self._kept]
        elif event.begins:
            self.values = ["charging" if event.kind == "write" else "settling", event.image]
        elif event.kind == "settle":
            self._kept = event.image
            self.values = ["stored", event.image]


class Signals:
    """The signals of all units, found by component and kind.

    stored: what planes hold from the start.
    """

    def __init__(
        self, writer: "VCDWriter", units: frozenset[tuple[str, str]], stored: dict[str, int]
    ) -> None:
        self._writer = writer
        self._stored = stored
        self._made: dict[tuple[str, str], Signal] = {}
        self._of: dict[tuple[str, str], tuple[Signal, ...]] = {}
        for component, kind in sorted(units | {(path, "settle") for path in stored}):
            made = self._signals(component, kind)
            self._of[component, kind] = tuple(made)

    def of(self, component: str, kind: str) -> tuple[Signal, ...]:
        """Return the signals that a record of a component changes."""
        return self._of[component, kind]

    @property
    def all(self) -> list[Signal]:
        """All signals, in order of their scopes."""
        return list(self._made.values())

    def _signals(self, component: str, kind: str) -> list[Signal]:
        part = take_apart(component)
        if part.part is PathKind.QUEUE:
            return [self._count(component, "waiting")]
        if component in CLASSIFIER_PATHS and kind in _COUNTED:
            return [self._count(component, _COUNTED[kind])]
        found = [self._plane(component)] if kind in _CHANGES_PLANE else []
        if part.block is BlockName.BANKS:
            found += [self._count(part.unit, ports) for ports in _PORTS.get(kind, ())]
        if found:
            return found
        simple = _SIMPLE.get(kind)
        if simple is None:
            return []
        return [self._one(component, simple.__name__, lambda: simple(self._writer, component))]

    def _plane(self, component: str) -> Signal:
        stored = self._stored.get(component)
        return self._one(component, "plane", lambda: PlaneSignal(self._writer, component, stored))

    def _count(self, component: str, name: str) -> Signal:
        return self._one(component, name, lambda: CountSignal(self._writer, component, name))

    def _one(self, component: str, role: str, make: Callable[[], Signal]) -> Signal:
        if (component, role) not in self._made:
            self._made[component, role] = make()
        return self._made[component, role]


_CHANGES_PLANE = ("write", "settle", "refresh")
_PORTS = {
    "read": ("read_ports",),
    "write": ("write_ports",),
    "refresh": ("read_ports", "write_ports"),
}
_COUNTED = {"wait": "waiting", "read": "reading", "write": "writing"}
_SIMPLE: dict[str, type[IssueSignal | BusySignal | WaitSignal]] = {
    "issue": IssueSignal,
    "transfer": BusySignal,
    "convert": BusySignal,
    "compute": BusySignal,
    "mac": BusySignal,
    "digital": BusySignal,
    "wait": WaitSignal,
    "fault": BusySignal,
}
