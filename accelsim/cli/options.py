"""Options and arguments that several commands share, and how their text is read."""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accelsim.errors import InputError, nearest
from accelsim.plots import WIDTHS
from accelsim.resources import names

if TYPE_CHECKING:
    from accelsim.trace import Window

DEFAULT_WORKLOAD, DEFAULT_IMAGES = "mnist", "100"
_ACTIVE = "effects.active"
Complete = Callable[[str], list[str]]


def _completes(*folders: str) -> Complete:
    """Return what completes the names that ship in some folders."""

    def complete(incomplete: str) -> list[str]:
        found = {name for folder in folders for name in names(folder)}
        return sorted(name for name in found if name.startswith(incomplete))

    return complete


complete_machine = _completes("configs")
complete_network = _completes("workloads")
complete_space = _completes("configs/spaces")
complete_any = _completes("configs", "workloads", "configs/devices")


def complete_key(incomplete: str) -> list[str]:
    """Complete a key of a machine file."""
    from accelsim.catalog.keys import MACHINE_FILE, file_keys  # noqa: PLC0415 - loads the schemas

    keys = (each.key for each in file_keys() if each.file == MACHINE_FILE)
    return [key.key for key in keys if key.key.startswith(incomplete) and not key.section]


def complete_change(incomplete: str) -> list[str]:
    """Complete the key of a change: 'arrays.lanes='; of the active effects their names, too."""
    from accelsim.config.machine import can_be_changed  # noqa: PLC0415

    key, equals, _ = incomplete.partition("=")
    if equals and key == _ACTIVE:
        from accelsim.config.effects import EFFECT_MEANINGS  # noqa: PLC0415

        values = (f"{key}={name}" for name in ("all", "none", *sorted(EFFECT_MEANINGS)))
        return [value for value in values if value.startswith(incomplete)]
    return [f"{key}=" for key in complete_key(incomplete) if can_be_changed(key)]


def complete_shown(incomplete: str) -> list[str]:
    """Complete what `accelsim show` knows: names that ship, keys, words such as effects."""
    from accelsim.catalog.words import words  # noqa: PLC0415 - loads the schemas

    named = dict.fromkeys(entry.name for entry in words() if entry.name.startswith(incomplete))
    return [*complete_any(incomplete), *complete_key(incomplete), *named]


def complete_group(incomplete: str) -> list[str]:
    """Complete a group of `accelsim list`."""
    from accelsim.catalog.shipped import GROUPS  # noqa: PLC0415 - loads the schemas

    return [name for name in GROUPS if name.startswith(incomplete)]


def complete_metric(incomplete: str) -> list[str]:
    """Complete a metric of `accelsim explain`."""
    from accelsim.reports.trees import METRICS  # noqa: PLC0415 - loads pyarrow

    return [name for name in METRICS if name.startswith(incomplete)]


_REAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
ConfigArgument = Annotated[
    str,
    typer.Argument(
        metavar="[CONFIG]",
        help=f"Machine: a file, or one of {', '.join(names('configs'))}.",
        autocompletion=complete_machine,
    ),
]
WorkloadOption = Annotated[
    str,
    typer.Option(
        "--workload",
        "-w",
        help=f"Network: a file, or one of {', '.join(names('workloads'))}.",
        autocompletion=complete_network,
    ),
]
TenantOption = Annotated[
    list[str] | None,
    typer.Option(
        "--tenant",
        metavar="NAME=WORKLOAD",
        help="A network that shares the machine with others, instead of --workload; repeatable. "
        "Perhaps with ,contexts=N ,priority=N ,dataset=PATH. Needs --arrivals that say whose.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a key of the machine; repeatable.",
        autocompletion=complete_change,
    ),
]
ScopeOption = Annotated[
    str | None,
    typer.Option(
        metavar="SCOPE",
        help="How far runs go: published, to the handoff; classification, to the class label.",
    ),
]
DatasetOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER|FILE",
        help="Take images and labels from here: a folder with t10k-images-idx3-ubyte (idx4: "
        "several maps) and t10k-labels-idx1-ubyte, gzipped or not; mnist, which ships; a folder of "
        "PNG files in folders named by their class, or with the batches of CIFAR-10, binary or "
        "Python (test_batch is taken); one of these; an npz with images, labels; or an npy, with "
        "labels.npy beside it.",
    ),
]


def read_width(text: str | float) -> float:
    """Return the inches of 'column' or 'page'; InputError otherwise."""
    if isinstance(text, float):  # read already, as a default
        return text
    if text not in WIDTHS:
        raise InputError(
            f"--width {text}: expected one of {', '.join(WIDTHS)}{nearest(text, WIDTHS)}"
        )
    return WIDTHS[text]


WidthOption = Annotated[
    float,
    typer.Option(
        "--width", metavar="column|page", help="Width of png and svg: 3.5 or 7.16 inches.",
        parser=read_width, show_default="column",
    ),
]  # fmt: skip


def with_scope(changes: list[str] | None, scope: str | None) -> list[str]:
    """Return changes of a machine with that of its scope, if one is asked for."""
    return [*(changes or []), *([] if scope is None else [f"scope={scope}"])]


def whole_of(option: str, least: int | None = None) -> Callable[[str], int]:
    """Return what reads an option of a command that is a whole number, from `least` on."""
    expected = "a whole number" if least is None else f"a whole number from {least}"

    def read(text: str) -> int:
        from accelsim.units import read_whole  # noqa: PLC0415

        try:
            number = read_whole(str(text))
        except ValueError:
            raise InputError(f"{option} {text}: expected {expected}") from None
        if least is not None and number < least:
            raise InputError(f"{option} {text}: expected {expected}")
        return number

    return read


def real_of(option: str) -> Callable[[str], float]:
    """Return what reads an option of a command that is a plain number."""

    def read(text: str) -> float:
        if not _REAL.fullmatch(str(text)) or not math.isfinite(float(text)):
            raise InputError(f"{option} {text}: expected a number such as 0.5")
        return float(text)

    return read


def parse_images(text: str) -> range:
    """Return the images of '100' (the first 100) or '40:60' (40 to 59); InputError otherwise."""
    from accelsim.simulation.images import checked  # noqa: PLC0415 - loads the simulator
    from accelsim.units import read_whole  # noqa: PLC0415

    first, colon, last = text.partition(":")
    try:
        found = range(read_whole(first), read_whole(last)) if colon else read_whole(first)
    except ValueError:
        raise InputError(
            f"--images {text}: expected a number such as 100, or a range such as 40:60"
        ) from None
    return checked(found)


def parse_trace(kept: str, window: str) -> "Window | None":
    """Return the records of `--trace` and `--trace-window`, None for none."""
    from accelsim.trace import EVERY_RECORD, parse_kept  # noqa: PLC0415 - loads pyarrow

    modes = ("all", "window", "none")
    if kept and kept not in modes:
        raise InputError(
            f"--trace {kept:.40}: expected one of {', '.join(modes)}{nearest(kept, modes)}"
        )
    if window and kept in {"all", "none"}:
        raise InputError(f"--trace {kept}: --trace-window {window} keeps a part; leave one out")
    if kept == "window" and not window:
        raise InputError(
            "--trace window: expected --trace-window too, such as '10 us..20 us' or 40:60"
        )
    if kept == "none":
        return None
    return parse_kept("trace-window", window) if window else EVERY_RECORD
