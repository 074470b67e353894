"""Evaluates points: what the command `run` would simulate, without records and files.

Networks, images, programs, events and device files that points share are made once. Points that
differ in nothing that events depend on, such as effects and seeds, share one simulation.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import TypeVar

from accelsim.analysis import Stats
from accelsim.arrivals import Arrivals
from accelsim.arrivals.generators import Settings, generate
from accelsim.compiler import Program, compile_network
from accelsim.config import Machine, load_machine
from accelsim.documents.plain import tree
from accelsim.errors import AccelsimError, InputError
from accelsim.files import scratch_folder, write_text
from accelsim.model import Stream
from accelsim.network import Network, load_network
from accelsim.simulation import (
    Events,
    Images,
    arrivals_of,
    execute,
    run_events,
    select_images,
    select_stream,
    value_source,
)
from accelsim.simulation.alike import events_key, program_key
from accelsim.simulation.execution import InMemory, ValueSource
from accelsim.simulation.run import check_energies
from accelsim.sweeps.columns import DEVICE, ERROR, POINT, SET, Row, figures
from accelsim.sweeps.identity import Files
from accelsim.sweeps.keys import MACHINE, WORKLOAD
from accelsim.sweeps.points import Point
from accelsim.sweeps.schema import Stream as StreamSection
from accelsim.units import UnitError, parse_rate
from accelsim.values import ALL, Share, Values
from accelsim.values.effects import check_seed

T = TypeVar("T")
_FEW, _MANY = 4, 256


@dataclass(frozen=True)
class Setting:
    """What all points of a space have in common, and the digest of the files that they use."""

    files: Files
    digest: str
    images: range
    arrivals: StreamSection | None
    values: bool


class _Kept:
    """Results by key, the latest so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, object] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made for a key; made now if it is not there."""
        if key not in self._found:
            self._found[key] = make()
            if len(self._found) > self._most:
                self._found.popitem(last=False)
        self._found.move_to_end(key)
        return self._found[key]  # type: ignore[return-value]

    def put(self, key: Hashable, found: object) -> None:
        """Replace what is kept for a key."""
        self._found[key] = found


@dataclass(frozen=True)
class _Subject:
    """A point, made ready: its machine, network and program, and which images come."""

    machine: Machine
    network: Network
    program: Program
    images: Images
    stream: Arrivals | None


class Bench:
    """Evaluates points of one setting."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._networks, self._images = _Kept(_FEW), _Kept(_FEW)
        self._programs, self._events = _Kept(_MANY), _Kept(_FEW)
        self._exit = ExitStack()
        self._folder: Path | None = None
        self._shown = setting.files.shown()
        self._written: set[str] = set()

    def close(self) -> None:
        """Remove the device files that were put down for points."""
        self._exit.close()

    def row(
        self,
        point: Point,
        device: str = "",
        text: str = "",
        error: str = "",
        *,
        values: bool = True,
    ) -> Row:
        """Return the row of a point, without its coordinates.

        device, text: name and text of the device file of its cell, if it has one of its own.
        error: why there is none. values: whether to classify the images. What goes wrong with the
        point, of whatever kind, is its error.
        """
        if error:
            return failed(point, error)
        row = _begun(point) | {DEVICE: device or None}
        try:
            return row | self._measured(self._subject(point, device, text), point, values=values)
        except Exception as failure:  # noqa: BLE001 - of this point alone; the others go on
            return row | {ERROR: self._error(failure)}

    def correct(self, point: Point, device: str, text: str, share: Share) -> tuple[int | None, str]:
        """Return how many images of a share are classified as labelled, None if none can be.

        Beside it what went wrong, "" for nothing.
        """
        try:
            subject = self._subject(point, device, text)
            if subject.machine.energy.follows_values:  # whose row has needed all values
                return None, ""
            source = self._source(subject, point, share)
            found = None if source is None else self._values(subject, point, source).correct
        except Exception as failure:  # noqa: BLE001 - of this point alone; the others go on
            return None, self._error(failure)
        return found, ""

    def _measured(self, subject: _Subject, point: Point, *, values: bool) -> Row:
        machine = subject.machine
        if machine.energy.follows_values:
            stats = self._by_value(subject, point)
        else:
            source = self._source(subject, point, ALL) if values else None
            accuracy = None
            if source is not None:
                accuracy = self._values(subject, point, source).accuracy
            stats = self._simulated(subject, point, need_times=False).stats([accuracy])
        return {
            "machine_hash": sha256(dumps(tree(machine)).encode()).hexdigest()[:12],
            "clock_period_ps": machine.period_ps,
            "read_cycles": machine.timing.read_cycles.value,
            "write_cycles": machine.timing.write_cycles.value,
            **figures(stats),
        }

    def _by_value(self, subject: _Subject, point: Point) -> Stats:
        """Return the figures of a machine whose energies follow values: shared with no point."""
        found = self._value_source(subject, point, ALL)
        check_energies(subject.machine, [found])
        stream = subject.stream
        deadline_ps = None if stream is None else stream.deadline_ps
        return execute(
            subject.machine,
            subject.program,
            _arrivals(subject),
            values=[found[0]],
            output=InMemory(None),
            deadline_ps=deadline_ps,
        ).stats

    def _subject(self, point: Point, device: str, text: str) -> _Subject:
        check_seed(point.seed)
        changes = dict(point.overrides)
        if device:
            changes[DEVICE] = str(self._placed(device, text))
        machine = load_machine(point.paths[MACHINE], changes)
        dataset = self._setting.files.dataset
        network = self._networks.get(
            point.workload, lambda: load_network(point.paths[WORKLOAD], dataset)
        )
        program = self._programs.get(
            (point.workload, program_key(machine)), lambda: compile_network(network, machine)
        )
        stream, images = self._images.get(
            (point.workload, point.rate), lambda: self._selected(network, point)
        )
        return _Subject(machine, network, program, images, stream)

    def _selected(self, network: Network, point: Point) -> tuple[Arrivals | None, Images]:
        setting = self._setting
        if setting.arrivals is None:
            return None, select_images(network, setting.images)
        try:
            rate = parse_rate(point.rate)
        except UnitError as error:
            raise InputError(f"arrivals.rate: {error}") from None
        made = Settings(len(setting.images), rate, setting.arrivals.seed)
        stream = generate(setting.arrivals.process, made)
        return stream, select_stream(network, stream)

    def _source(self, subject: _Subject, point: Point, share: Share) -> ValueSource | None:
        return self._value_source(subject, point, share)[0] if self._setting.values else None

    @staticmethod
    def _value_source(
        subject: _Subject, point: Point, share: Share
    ) -> tuple[ValueSource | None, str]:
        return value_source(
            subject.machine, subject.network, subject.program, subject.images, point.seed,
            keep_maps=False, share=share,
        )  # fmt: skip

    def _values(self, subject: _Subject, point: Point, source: ValueSource) -> Values:
        times = None
        if source.need_times:
            times = self._simulated(subject, point, need_times=True).step_times
        return source.compute(times, lambda _: None)

    def _simulated(self, subject: _Subject, point: Point, *, need_times: bool) -> Events:
        """Return the events of a point, simulated once; those with times of steps do for both."""
        key = (point.workload, point.rate, events_key(subject.machine))
        found = self._events.get(key, lambda: self._run(subject, need_times=need_times))
        if need_times and found.step_times is None:
            found = self._run(subject, need_times=True)
            self._events.put(key, found)
        return found

    def _run(self, subject: _Subject, *, need_times: bool) -> Events:
        stream = subject.stream
        return run_events(
            subject.machine,
            subject.program,
            _arrivals(subject),
            step_times=need_times,
            deadline_ps=None if stream is None else stream.deadline_ps,
        )

    def _placed(self, name: str, text: str) -> Path:
        """Return where a device file is, written down here if it was not."""
        if self._folder is None:
            self._folder = self._exit.enter_context(scratch_folder())
        path = self._folder / name
        if name not in self._written:
            write_text(path, text)
            self._written.add(name)
        return path

    def _error(self, failure: Exception) -> str:
        """Return what went wrong, files named as every computer would."""
        known = isinstance(failure, AccelsimError)
        message = str(failure) if known else f"{type(failure).__name__}: {failure}"
        for shown, name in self._shown.items():
            message = message.replace(shown, name)
        return message if self._folder is None else message.replace(f"{self._folder}/", "")


def _arrivals(subject: _Subject) -> Stream:
    """Return when the images of a point come."""
    if subject.stream is not None:
        return arrivals_of(subject.stream)
    first = int(subject.images.numbers[0])
    return Stream.at_once(range(first, first + len(subject.images.numbers)))


def failed(point: Point, error: str) -> Row:
    """Return the row of a point that could not be evaluated, without its coordinates."""
    return _begun(point) | {ERROR: error}


def _begun(point: Point) -> Row:
    """Return what a row has before anything is evaluated."""
    return {
        POINT: point.number,
        "machine": point.machine,
        "workload": point.workload,
        "seed": point.seed,
        SET: [f"{key}={value}" for key, value in point.changes.items()],
    }
