"""The gallery: pictures with the commands that draw them, and its page."""

import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Picture:
    """A picture of the gallery: the commands that draw it, and the file that they leave.

    shown: name of the file in the gallery; "": its own.
    """

    title: str
    text: str
    commands: tuple[str, ...]
    made: str
    shown: str = ""

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.shown or Path(self.made).name


PICTURES = (
    Picture(
        "Fig. 3 of the paper: two levels, held and read again and again",
        "The drive, the magnetization that keeps its level, and an output that follows it whenever "
        "it is read, smoothed by the RC of the read-out ([the cell](device.md)). "
        "`accelsim reproduce --why fig3` says what is published about it.",
        ("accelsim device waveform",),
        "runs/device/waveform.svg",
    ),
    Picture(
        "The cell: transfer, settling, noise",
        "What a read sees of each level, how long a write takes for so many bits, and how noisy a "
        "read is.",
        ("accelsim device characterize --samples 256 --outdir runs/device",),
        "runs/device/characterization.svg",
    ),
    Picture(
        "Size of the magnet",
        "Stability, settling and noise between the two published volumes.",
        ("accelsim device sweep --samples 256",),
        "runs/device/sweep.svg",
    ),
    Picture(
        "Length of conversion",
        "Output and noise of the read-out against the length in which spin becomes charge; the "
        "published length is far above what has been measured.",
        ("accelsim device sweep --ir-length 0.06..6 --samples 64",),
        "runs/device/conversion.svg",
    ),
    Picture(
        "Six images, three in flight",
        "Every block of the machine in every cycle; `timeline.html` beside it can be zoomed.",
        (
            "accelsim run --images 6 --set sequencer.contexts=3 --set banks.planes=6 --outdir run",
            "accelsim timeline run",
        ),
        "run/timeline.svg",
    ),
    Picture(
        "Maps behind converters",
        "One image on the mixed-signal machine: between convolutions its maps go through ADCs to "
        "the SRAM and come back through DACs ([the mixed-signal machine](mixed_signal.md)).",
        ("accelsim run mixed_signal --images 1 --outdir mixed", "accelsim timeline mixed"),
        "mixed/timeline.svg",
        "mixed_signal.svg",
    ),
    Picture(
        "A sweep and its Pareto front",
        "Lanes, fan-in and contexts; `index.html` beside it is brushed and filtered "
        "([sweeps](sweep.md)).",
        ("accelsim sweep lanes --workers 0 --outdir runs/lanes",),
        "runs/lanes/front.svg",
    ),
    Picture(
        "Machines on several networks",
        "Energy against latency, with lines of the same energy-delay product.",
        ("accelsim compare irmen charge -w mnist -w wide -w lenet --images 1 --outdir runs",),
        "runs/compare.svg",
    ),
    Picture(
        "Latency under load",
        "Time in the system against the share of the rate that saturates the machine, with one "
        "image in flight and with three ([under load](load.md)).",
        ("accelsim study load --images 500 --contexts 1,3",),
        "runs/study/load.svg",
    ),
    Picture(
        "Energy against the rate of images",
        "What an image costs if the machine sleeps between images, by policy "
        "([power states](power.md)).",
        ("accelsim study power --images 5",),
        "runs/study/power.svg",
    ),
    Picture(
        "Energy over images, by value",
        "How much an image costs if energies follow weights and values, by label, with synapses of "
        "class A and AB ([energy by value](machine.md#energy-by-value)).",
        ("accelsim study energy charge --images 1000",),
        "runs/study/energy.svg",
    ),
    Picture(
        "Accuracy against write cycles",
        "Shorter writes are faster and less exact ([accuracy](accuracy.md)).",
        ("accelsim study accuracy write --images 50 --seeds 1 --values 1..3 --clock 1GHz",),
        "runs/study/write.svg",
    ),
    Picture(
        "Where accuracy is lost",
        "Signal to noise after each step, with all effects and with one alone.",
        ("accelsim study snr --images 100",),
        "runs/study/snr.svg",
    ),
    Picture(
        "A stream of arrivals",
        "Bursts of images, as a detector sends them.",
        ("accelsim workload bursty --rate 2MHz -o bursts.csv",
         "accelsim workload show bursts.csv --outdir runs"),
        "runs/bursts.svg",
    ),
)  # fmt: skip


_INTRODUCTION = """# Gallery

Each picture is drawn by the commands below it, as SVG and PNG, with its numbers as CSV beside it
where they are a table. This page was made by running them."""


def page() -> str:
    """Return the page of the gallery in Markdown."""
    parts = [_INTRODUCTION]
    for each in PICTURES:
        commands = "\n".join(each.commands)
        parts.append(
            f"## {each.title}\n\n![{each.title}](pictures/{each.name})\n\n{each.text}\n\n"
            f"```sh\n{commands}\n```"
        )
    return "\n\n".join(parts) + "\n"


def write_all(folder: Path) -> None:
    """Draw the pictures that are not in a folder yet."""
    folder.mkdir(exist_ok=True)
    for each in PICTURES:
        if not (folder / each.name).exists():
            draw(each, folder)


def draw(picture: Picture, folder: Path) -> None:
    """Run the commands of a picture, and keep what they draw."""
    with tempfile.TemporaryDirectory() as place:
        for command in picture.commands:
            words = [sys.executable, "-m", *shlex.split(command)]
            subprocess.run(words, cwd=place, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        shutil.copyfile(Path(place) / picture.made, folder / picture.name)
