"""What a run's latency and throughput would be on a changed machine: compiled and simulated.

Images are all there from the begin, so that the machine always has one waiting. No values are
computed: what a shorter write costs in accuracy, a run with `--set` says.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from accelsim.analysis.limits import IntervalLimit, interval_limit
from accelsim.analysis.steady import mean_interval
from accelsim.analysis.utilization import utilization
from accelsim.compiler import Program
from accelsim.compiler.smallest import CONTEXTS, LANES, enlarged
from accelsim.config import Machine, load_machine
from accelsim.config.checks import warnings_of
from accelsim.config.digital import CLASSIFICATION
from accelsim.config.machine import Override, resolved_yaml
from accelsim.config.origins import constants_of
from accelsim.errors import InputError
from accelsim.files import scratch_folder, write_text
from accelsim.model import Design, Stream
from accelsim.network import Network
from accelsim.runs import RecordedRun
from accelsim.runs.directory import CONFIG
from accelsim.runs.manifest import recorded_network
from accelsim.simulation import run_events
from accelsim.simulation.execution import InMemory
from accelsim.trace import EVERY_RECORD
from accelsim.units import PS_PER_S, render

_CYCLES = ("timing.write_cycles", "timing.read_cycles")
_DOUBLED = (LANES, "arrays.fan_in", "banks.write_ports")
_CONVERTERS = ("converters.adc.count", "converters.dac.count")
_MOST_CONTEXTS = 4
# Steps of all images together: some seconds for all changes.
_MOST_STEPS = 20_000
# Steps of a program that is tried in an instant, and of one that is tried at all.
_SHORT_PROGRAM, _LONG_PROGRAM = 200, 2_000


@dataclass(frozen=True)
class Trial:
    """A machine with changes, simulated. changes: key -> what it is now, and would be.

    needed: keys that had to be larger for the program to fit. kinds: of the changed constants.
    new_warnings: what is wrong with it and not with the run's own machine.
    """

    changes: Mapping[str, tuple[str, str]]
    needed: Mapping[str, int]
    kinds: tuple[str, ...]
    images: int
    latency_ps: float
    energy_aJ: float  # noqa: N815 - aJ is the unit
    limit: IntervalLimit
    new_warnings: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class WhatIf:
    """Trials of a run. base: its own machine. refused: changes that cannot be, with the reason.

    Without a base, or without trials, `why_none` says why.
    """

    base: Trial | None
    trials: tuple[Trial, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    why_none: str = ""

    def contexts(self) -> dict[int, Trial]:
        """Return the trials by images in flight that have only these changed, and the base."""
        found = {} if self.base is None else {self.base.limit.contexts: self.base}
        for trial in self.trials:
            if list(trial.changes) == [CONTEXTS]:
                found[trial.limit.contexts] = trial
        return dict(sorted(found.items()))


def what_if(run: RecordedRun, *, contexts_alone: bool = False) -> WhatIf:
    """Simulate a run's network on its machine with one key changed at a time.

    contexts_alone: change nothing but the images in flight. Of several networks, and of a program
    of more than 2,000 steps, nothing is simulated.
    """
    if not run.tenancy.is_alone:
        return WhatIf(None, why_none="the run has several networks")
    if run.machine.energy.follows_values:
        return WhatIf(
            None, why_none="energies follow values (energy.model by_value), and none are computed"
        )
    if (steps := len(run.program.instructions)) > _LONG_PROGRAM:
        return WhatIf(
            None,
            why_none=f"{steps:,} steps take minutes for all changes; accelsim compare MACHINE "
            "MACHINE:KEY=VALUE simulates one",
        )
    base = _trial(run.machine, run.program)
    try:
        network = run.network or recorded_network(run.manifest, run.path)
    except InputError as error:
        return WhatIf(base, why_none=str(error))
    trials, refused = [], {}
    with _machine_file(run) as path:
        for changes in _variants(run.machine):
            if contexts_alone and CONTEXTS not in changes:
                continue
            try:
                trials.append(_changed(run.machine, path, network, changes))
            except InputError as error:
                refused[", ".join(f"{key}={value}" for key, value in changes.items())] = str(error)
    return WhatIf(base, tuple(trials), refused)


@contextmanager
def _machine_file(run: RecordedRun) -> Iterator[Path]:
    """Give the machine of a run as a file, which a run in memory has for as long as it is used."""
    if run.network is None:
        yield run.path / CONFIG
        return
    with scratch_folder() as folder:
        write_text(folder / CONFIG, resolved_yaml(run.machine))
        yield folder / CONFIG


def in_short(run: RecordedRun) -> WhatIf:
    """Return what other numbers of images in flight would do, if that does not take seconds."""
    steps = max(len(each.instructions) for each in run.tenancy.programs)
    if steps > _SHORT_PROGRAM:
        return WhatIf(None, why_none=f"{steps:,} steps; accelsim explain RUN latency simulates it")
    return what_if(run, contexts_alone=True)


def _variants(machine: Machine) -> Iterator[dict[str, Override]]:
    """Give the changes, one key each."""
    constants = constants_of(machine)
    for key in _CYCLES:
        if constants[key].value > 1:
            yield {key: int(constants[key].value) - 1}
    faster = machine.period_ps * 4 // 5
    if faster:
        exact = PS_PER_S % faster == 0
        yield {"clock": render(PS_PER_S // faster, "Hz", 12) if exact else f"{faster} ps"}
    for number in range(1, _MOST_CONTEXTS + 1):
        if number != machine.sequencer.contexts.value:
            yield {CONTEXTS: number}
    for key in (*_DOUBLED, *(_CONVERTERS if machine.keeps_maps_in_sram else ())):
        yield {key: 2 * int(constants[key].value)}


def _changed(own: Machine, path: Path, network: Network, changes: Mapping[str, Override]) -> Trial:
    """Simulate a machine with changes. path: the file of the machine."""

    def load(more: Mapping[str, int]) -> Machine:
        return load_machine(path, {**changes, **more})

    needed, program = enlarged(network, load)
    machine, constants = load(needed), constants_of(own)
    after = constants_of(machine)
    pairs = {key: (constants[key].text, after[key].text) for key in changes}
    kinds = tuple(constants[key].kind for key in changes)
    known = set(warnings_of(own))
    new = tuple(text for text in warnings_of(machine) if text not in known)
    return _trial(machine, program, pairs, needed, kinds, new)


def _trial(
    machine: Machine,
    program: Program,
    changes: Mapping[str, tuple[str, str]] | None = None,
    needed: Mapping[str, int] | None = None,
    kinds: tuple[str, ...] = (),
    new_warnings: tuple[str, ...] = (),
) -> Trial:
    contexts = machine.sequencer.contexts.value
    images = max(1, min(6 * contexts + 2, _MOST_STEPS // len(program.instructions)))
    memory = InMemory(EVERY_RECORD)
    events = run_events(machine, program, Stream.at_once(range(images)), trace=memory.trace())
    stats = events.stats()
    interval = events.times.interval_ps
    value = interval
    if interval is None and images > contexts:
        value = float(mean_interval(events.times.done_ps, contexts - 1))
    topology, behind = Design.of(machine).topology, machine.scope == CLASSIFICATION
    units = utilization(memory.read_trace().to_batches(), topology, behind=behind)
    return Trial(
        changes=changes or {},
        needed=needed or {},
        kinds=kinds,
        images=images,
        latency_ps=stats.latency.value,
        energy_aJ=stats.energy_per_image.value,
        limit=interval_limit(units, images, value, contexts, repeats=interval is not None),
        new_warnings=new_warnings,
    )
