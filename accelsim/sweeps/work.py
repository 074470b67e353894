"""What workers do: parts of a sweep that need nothing of one another.

A task carries all that it needs but the files of machines and networks, which every worker has: it
looks whether they are the same. What tasks have in common a process makes once (`Bench`).
"""

import atexit
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from accelsim.config import load_machine
from accelsim.config.machine import Override
from accelsim.device.result import device_yaml
from accelsim.device.technologies import characterize
from accelsim.device.technology import Numerics
from accelsim.errors import AccelsimError
from accelsim.sweeps.columns import Row
from accelsim.sweeps.evaluate import Bench, Setting
from accelsim.sweeps.identity import fingerprint
from accelsim.sweeps.points import Point
from accelsim.values import ALL, Share


@dataclass(frozen=True)
class Evaluation:
    """Points to evaluate. devices: name -> text of the device files that they use.

    named: of each point, the device file, or the message why there is none.
    """

    setting: Setting
    points: Sequence[Point]
    named: Sequence["Named"] = field(repr=False)
    devices: Mapping[str, str] = field(repr=False)
    values: bool = True

    def run(self) -> list[Row]:
        """Return a row for each point."""
        bench = bench_of(self.setting)
        return [
            bench.row(point, named.device, self.devices.get(named.device, ""), named.error,
                      values=self.values)
            for point, named in zip(self.points, self.named, strict=True)
        ]  # fmt: skip


@dataclass(frozen=True)
class Named:
    """The cell of a point. device: its file, "" if it has none of its own. error: why not."""

    device: str = ""
    error: str = ""


@dataclass(frozen=True)
class Part:
    """A share of the images of a point, to be classified."""

    setting: Setting
    point: Point
    named: Named
    text: str = field(repr=False)
    share: Share = ALL

    def run(self) -> tuple[int | None, str]:
        """Return how many are classified as labelled, None if none can be, and what went wrong."""
        bench = bench_of(self.setting)
        return bench.correct(self.point, self.named.device, self.text, self.share)


@dataclass(frozen=True)
class Cell:
    """A cell to characterize: that of a machine with changes."""

    name: str
    machine: str
    changes: Mapping[str, Override] = field(repr=False)
    numerics: Numerics = field(repr=False)

    def run(self) -> tuple[str, str]:
        """Return the text of its device file, and "" or why there is none."""
        try:
            machine = load_machine(self.machine, self.changes)
            return device_yaml(machine, characterize(machine, self.numerics)), ""
        except AccelsimError as error:
            return "", str(error)


Task = Evaluation | Part | Cell


_benches: dict[Setting, Bench] = {}


def bench_of(setting: Setting) -> Bench:
    """Return what this process evaluates points of a setting with; made once, until `release`.

    Raises InputError if files here are not those of the process that asks.
    """
    if setting not in _benches:
        release()
        fingerprint(setting.files).hold_to(setting.digest)
        _benches[setting] = Bench(setting)
    return _benches[setting]


@atexit.register
def release() -> None:
    """Forget what points were evaluated with, and remove the files that were put down for it."""
    while _benches:
        _, bench = _benches.popitem()
        bench.close()
