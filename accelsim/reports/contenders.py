"""What is compared: machines by name, file or variant, recorded runs; and what tells them apart.

A variant is a machine with changes: `irmen:sequencer.contexts=3`, `my.yaml:clock=2 GHz,circuits=1`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accelsim.config import Machine, load_machine
from accelsim.config.machine import Override, parse_changes
from accelsim.errors import InputError
from accelsim.files import is_folder
from accelsim.resources import display, visible
from accelsim.runs import RecordedRun, open_run
from accelsim.runs.machines import machine_changes, machine_values
from accelsim.wording import changed, is_change

_MOST_KEYS = 3
# A comma within a value, as in effects.active=read_noise,settling, begins no change.
_NEXT = re.compile(r",(?=\s*[A-Za-z_][\w.]*=)")


@dataclass(frozen=True)
class Contender:
    """A machine, or a recorded run. of: its name or path. changes: of a variant."""

    of: str
    machine: Machine
    run: RecordedRun | None = field(default=None, repr=False)
    changes: Mapping[str, Override] = field(default_factory=dict)


def read_contender(text: str, changes: Mapping[str, Override] | None = None) -> Contender:
    """Return what a text of the command line stands for.

    changes: of all machines, which those of a variant win over. Raises InputError for what is no
    machine and no run, for changes of a run, and for a run of tenants.
    """
    if _is_run(text):
        if changes:
            key, value = next(iter(changes.items()))
            raise InputError(
                f"{changed(key, value)}: {visible(text)} is a run, which has its own machine; "
                "leave one of them out"
            )
        return _of_run(text)
    name, settings = _parted(text)
    own = {} if settings is None else parse_changes(_NEXT.split(settings))
    try:
        return Contender(name, load_machine(name, {**(changes or {}), **own}), changes=own)
    except InputError as error:
        lines = str(error).split("\n")
        said = [f"{text}: {line}" if is_change(line) else line for line in lines]
        raise InputError("\n".join(said)) from None


def labels_of(contenders: Sequence[Contender]) -> tuple[str, ...]:
    """Return a name for each, of what differs.

    A run is named by its folder, and a machine by its name; machines of one name, and variants, by
    keys and their values as well, or by these alone where all have one name. Raises InputError
    for two that do not differ.
    """
    machines = [each for each in contenders if each.run is None]
    is_one = len({each.machine.name for each in machines}) == 1 and machines == list(contenders)
    found = tuple(
        display(Path(each.of)) if each.run else _label(each, machines, alone=not is_one)
        for each in contenders
    )
    for place, label in enumerate(found):
        if label in found[:place]:
            raise InputError(
                f"compare: got {label} twice; expected what differs, such as: accelsim compare "
                "irmen irmen:sequencer.contexts=3"
            )
    return found


def _label(contender: Contender, machines: Sequence[Contender], *, alone: bool) -> str:
    name = contender.machine.name
    alike = [each for each in machines if each.machine.name == name]
    keys = _telling(alike)
    values = machine_values(contender.machine)
    said = [
        f"{_short(key, keys)}={contender.changes.get(key, values.get(key, 'none'))}" for key in keys
    ]
    return " ".join(([name] if alone or not keys else []) + said)


def _telling(alike: Sequence[Contender]) -> list[str]:
    """Return keys that tell machines of one name apart: those of variants, else what differs."""
    first, *others = alike
    keys = dict.fromkeys(key for each in alike for key in each.changes)
    if not keys:
        for each in others:
            keys |= dict.fromkeys(machine_changes(first.machine, each.machine))
    return list(keys)[: max(_MOST_KEYS, len({key for each in alike for key in each.changes}))]


def _short(key: str, keys: Sequence[str]) -> str:
    """Return the last name of a key if no other of them ends so."""
    last = key.rpartition(".")[2]
    return last if [each.rpartition(".")[2] for each in keys].count(last) == 1 else key


def _is_run(text: str) -> bool:
    try:
        return is_folder(Path(text))
    except InputError:
        return False


def _of_run(text: str) -> Contender:
    run = open_run(text)
    if not run.tenancy.is_alone:
        raise InputError(
            f"{display(run.path)}: a run of tenants {', '.join(run.tenancy.names)}; expected runs "
            "of one network"
        )
    return Contender(text, run.machine, run)


def _parted(text: str) -> tuple[str, str | None]:
    """Return the name or path, and the changes of a variant; None without."""
    name, colon, settings = text.partition(":")
    if not colon or Path(text).exists():
        return text, None
    if not name:
        raise InputError(
            f"{visible(text)}: expected a machine before ':', such as irmen:sequencer.contexts=3"
        )
    if "=" not in settings:
        raise InputError(
            f"{visible(text)}: expected KEY=VALUE after ':', such as irmen:sequencer.contexts=3"
        )
    return name, settings
