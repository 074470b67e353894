"""What stands above the figures of a command: what was changed of a machine, and its seed."""

from collections.abc import Iterator

from rich.console import Console

from accelsim.config import Machine
from accelsim.config.changed import set_by_user
from accelsim.config.checks import effects_of
from accelsim.config.device import EVERYTHING


def print_changes(console: Console, machine: Machine, seed: int | None = None) -> None:
    """Print the changes of a machine, a line each sort; nothing for one as its file has it.

    seed: of the die and of all noise, for a command that takes one.
    """
    for line in change_lines(machine, seed):
        console.print(line, markup=False)


def change_lines(machine: Machine, seed: int | None = None) -> Iterator[str]:
    """Give what `print_changes` prints."""
    below = [each.name for each in machine.machine_files or []][1:]
    if below:
        yield f"Extends: {', '.join(below)}"
    changes = set_by_user(machine)
    if changes:
        yield f"Changed: {', '.join(f'{key}={value}' for key, value in changes.items())}"
    origin = machine.device_file
    if origin is not None and origin.gives == EVERYTHING:
        but = f", except for {origin.differs}" if origin.differs else ""
        yield f"Device file: {origin.name}{but}"
    effects = effects_of(machine)
    if effects:
        yield f"Effects: {', '.join(effects)}{'' if seed is None else f'; seed {seed}'}"
    elif seed:
        yield f"Seed: {seed}"
