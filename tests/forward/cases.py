"""Random machines with random streams, and what a run of one leaves."""

import io
import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import accelsim
from accelsim.compiler import Program, compile_network
from accelsim.config import Document, Machine
from accelsim.errors import DeadlockError, InputError
from accelsim.model import Stream
from accelsim.network import Network, build_network
from accelsim.records import recorder
from accelsim.simulation import Events, run_events
from accelsim.trace import ParquetTrace
from tests.conftest import with_faults

CONV, RELU = {"op": "conv", "out": 1, "kernel": 3}, {"op": "relu"}
MAX2, AVG2 = {"op": "maxpool", "kernel": 2}, {"op": "avgpool", "kernel": 2}
NETWORKS = (
    ([1, 4, 4], [CONV, RELU]),
    ([1, 4, 4], [AVG2]),
    ([1, 4, 4], [MAX2]),
    ([2, 4, 4], [CONV | {"out": 2}, RELU, AVG2]),
    ([1, 8, 8], [CONV | {"out": 3}, RELU, MAX2, CONV | {"out": 2}, RELU]),
)


@dataclass(frozen=True)
class Case:
    """A machine, a program and a stream. shown: what it is, in a line.

    block, lines: records of a block, and lines after which there may be one.
    """

    machine: Machine
    program: Program
    stream: Stream
    shown: str
    block: int
    lines: int


@dataclass(frozen=True)
class Left:
    """What a run left, in bytes and plain values. skipped: images that did not run themselves."""

    trace: bytes = field(repr=False)
    plain: dict[str, Any] = field(repr=False)
    skipped: int


def make(seed: int) -> Case:
    """Return the case of a seed."""
    order = random.Random(seed)
    while True:
        try:
            return _try(order)
        except InputError:  # the network does not fit the machine
            continue


def run(case: Case, *, fast_forward: bool, traced: bool = True) -> Left:
    """Return what a run of a case leaves; without a trace, no times of steps either."""
    stream = _Kept()
    with (
        patch.object(recorder, "BLOCK", case.block),
        patch.object(recorder, "LINES_PER_BLOCK", case.lines),
    ):
        try:
            found = run_events(
                case.machine,
                case.program,
                case.stream,
                trace=ParquetTrace(stream) if traced else None,
                step_times=traced,
                fast_forward=fast_forward,
            )
        except DeadlockError as error:  # of a port that is stuck for ever
            return Left(b"", {"deadlock": str(error)}, 0)
    return Left(stream.bytes, _plain(found), found.skipped)


_TIMES = ("image", "arrived_ps", "started_ps", "done_ps", "queued_ps", "load_wait_ps")


def without_steps(plain: dict[str, Any]) -> dict[str, Any]:
    """Return what a run leaves that kept no times of steps."""
    return plain | {"steps": None} if "steps" in plain else plain


def _plain(found: Events) -> dict[str, Any]:
    steps = found.step_times
    columns = {name: getattr(found.times, name) for name in _TIMES}
    return {
        "steps": steps and {name: np.asarray(each).tolist() for name, each in vars(steps).items()},
        "stats": json.dumps(found.stats().to_dict()),
        "ledger": found.ledger.csv(dict.fromkeys(found.ledger.counts, "")),
        "energy by image": found.ledger.image_aJ.tolist(),
        "schedule": found.schedule,
        "columns": {name: np.asarray(column).tolist() for name, column in columns.items()},
    }


class _Kept(io.BytesIO):
    """A file in memory whose content outlives it."""

    bytes = b""

    def close(self) -> None:
        if not self.closed:
            self.bytes = self.getvalue()
        super().close()


def _try(order: random.Random) -> Case:
    changes = _changes(order)
    name = order.choice(["irmen", "irmen", "charge"])
    machine = accelsim.load_machine(name, changes)
    events = _faults(order, machine)
    if events:
        machine = with_faults(machine, *events, seed=order.randint(0, 99))
    shape, layers = order.choice(NETWORKS)
    network = _network(shape, layers)
    program = compile_network(network, machine)
    kind, stream = _stream(order, machine, len(program.instructions))
    ops = " ".join(layer["op"] for layer in layers)
    settings = " ".join(f"{key}={value}" for key, value in changes.items())
    wrong = f", faults {events}" if events else ""
    shown = f"{name} {settings}: {ops}, {kind}, {len(stream)} images{wrong}"
    sizes = order.choice([300, 1777, 1 << 16]), order.choice([50, 18_000])
    return Case(machine, program, stream, shown, *sizes)


def _changes(order: random.Random) -> dict[str, Any]:
    pick = order.choice
    changes: dict[str, Any] = {
        "arrays.rows": 8,
        "arrays.cols": 8,
        "arrays.lanes": 4,
        "circuits": pick([1, 2, 2]),
        "sequencer.contexts": pick([1, 2, 3, 4]),
        "banks.planes": pick([8, 12]),
        "banks.read_ports": pick([1, 2, 2, 3]),
        "banks.write_ports": pick([1, 1, 2]),
        "timing.read_cycles": pick([1, 1, 2, 9]),
        "timing.write_cycles": pick([1, 2, 3, 5]),
    }
    if order.random() < 0.4:
        changes["banks.refresh_interval"] = f"{pick([20, 48, 60, 75, 100])} ns"
        changes["banks.refresh_cycles"] = pick([1, 2])
    policy = pick(["", "", "gate_after", "off_after", "oracle"])
    if policy:
        changes["power.policy"] = policy
    if policy.endswith("after"):
        changes["power.after"] = f"{pick([0, 5, 30])} ns"
    return changes


def _faults(order: random.Random, machine: Machine) -> list[dict[str, Any]]:
    """Return events that strike now and then, so that periods are found between them, or none."""
    kinds = ["late_settle", "late_settle", "stuck_port"]
    if machine.banks.refresh_interval is not None:
        kinds.append("missed_refresh")
    if machine.power is not None and machine.power.policy == "always_on":
        kinds.append("power_failure")
    number = order.choice([0, 1, 1, 2, 3])
    return [_fault(order, order.choice(kinds), machine) for _ in range(number)]


def _fault(order: random.Random, kind: str, machine: Machine) -> dict[str, Any]:
    pick, at = order.choice, f"{order.randint(0, 2000)} ns"
    bank = pick(
        [bank for place in machine.topology.places for bank in machine.topology.banks(place)]
    )
    chance = order.random() < 0.3
    event: dict[str, Any] = {"kind": kind}
    event |= {"rate": pick(["200 kHz", "2 MHz"])} if chance else {"at": at}
    brief = chance or machine.banks.read_ports.value < 3
    more: dict[str, dict[str, Any]] = {
        "late_settle": {"cycles": pick([1, 4]), "detected": pick([True, False])},
        "stuck_port": {"duration": f"{pick([3, 50])} ns"} if brief else {},
        "missed_refresh": {},
        "power_failure": {"duration": f"{pick([1, 400])} ns"},
    }
    where = {
        "late_settle": f"{bank}.plane{pick([0, 1])}",
        "stuck_port": f"{bank}.{pick(['read_ports', 'write_ports'])}",
        "missed_refresh": bank,
    }
    if not chance and kind in where:
        event["where"] = where[kind]
    if not chance and kind == "late_settle":
        event |= pick([{}, {"image": order.randint(0, 90)}, {"step": 2}])
    return event | more[kind]


def _network(shape: list[int], layers: list[dict[str, Any]]) -> Network:
    named = [{"name": f"{layer['op']}{number}", **layer} for number, layer in enumerate(layers)]
    data = {"name": "case", "input": shape, "layers": named}
    return build_network(Document("case", Path("case").resolve(), data))


def _stream(order: random.Random, machine: Machine, steps: int) -> tuple[str, Stream]:
    """Return images that arrive at once, in a pattern, with hiccups, or by chance."""
    number = order.randint(5, 90)
    first = order.choice([0, 0, 7])
    timing = machine.timing
    image_ps = steps * (timing.read_cycles.value + timing.write_cycles.value) * machine.period_ps
    contexts = machine.sequencer.contexts.value
    kind = order.choice(["at once", "periodic", "periodic", "pattern", "hiccup", "poisson"])
    if kind == "at once":
        return kind, Stream.at_once(range(first, first + number))
    # From far below what the machine can do to far above it, on the clock's edges or beside.
    share = order.choice([0.1, 0.5, 0.9, 1, 1.1, 1.5, 3])
    period = max(1, int(image_ps / contexts / share))
    grain = order.choice([1, 500, 1000, 1000])
    period = max(grain, period // grain * grain)
    if kind == "poisson":
        times = np.cumsum([int(order.expovariate(1 / period)) for _ in range(number)])
    elif kind == "pattern":
        size = order.randint(2, 4)
        steps_ps = [order.choice([0, period // 2, period, 2 * period]) for _ in range(size)]
        times = np.cumsum([steps_ps[place % size] for place in range(number)])
    else:
        times = np.arange(number) * period
        if kind == "hiccup":
            times[number // 2 :] += order.choice([1, period, 5 * period])
    images = range(first, first + number)
    return f"{kind} {share:g}", Stream(images, np.asarray(times, np.int64) + order.choice([0, 300]))
