"""Other simulators beside this one, on the same networks: time and memory to simulate, and what of.

    python benchmarks/peers.py [--networks mnist,wide] [--peers SCALE-Sim,ZigZag] [--repeats 3]
    python benchmarks/peers.py --networks resnet18 --timeout 3600 --repeats 1

Each simulator is installed by pip into an environment of its own in a temporary folder (`--envs`
keeps them), or left out with the reason. Every measurement is a process of its own; the simulators
take turns. CPU and wall seconds are those of the simulation alone, without start and imports; peak
memory is that of the process. Median, lowest to highest. docs/performance.md says what each one
computes, and what may be compared. Nothing here is a pass or a fail.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from measure import machine as describe
from peer import networks
from peer.inputs import convolutions, macs

HERE = Path(__file__).resolve().parent
OURS = "accelsim"
SCHEDULE, VALUES = "schedule", "values"
TITLES = {
    SCHEDULE: "Time and energy of one image",
    VALUES: "Classes of {images} images, with errors of analog cells",
}


class Peer(NamedTuple):
    """A simulator: its program in `peer/`, what it is asked for, and what pip installs for it.

    missing: why pip cannot install it, if that is known.
    """

    name: str
    program: str
    task: str
    packages: tuple[str, ...] = ()
    missing: str = ""


# Versions that were tried. SCALE-Sim 3.0.0 fails with newer NumPy; ZigZag does not name `six`;
# aihwkit 1.1.0 is built for torch 2.10, and no tile of it is made with 2.14.
PEERS = (
    Peer("SCALE-Sim", "run_scalesim.py", SCHEDULE, ("scalesim==3.0.0", "numpy<2.2")),
    Peer("ZigZag", "run_zigzag.py", SCHEDULE, ("zigzag-dse==3.9.1", "six")),
    Peer("mPimPy", "run_mpimpy.py", VALUES, ("mpimpy==1.0",)),
    Peer(
        "aihwkit",
        "run_aihwkit.py",
        VALUES,
        ("--only-binary=:all:", "aihwkit==1.1.0", "torch==2.10.*"),
    ),
    Peer("CrossSim", "", VALUES, missing="the package index has none of its name"),
)
SELF = tuple(Peer(OURS, "run_accelsim.py", task) for task in TITLES)


class Failed(Exception):  # noqa: N818 - says what it is
    """There is no result, for the reason it says."""


def main() -> None:
    """Install, measure, and print."""
    args = _arguments()
    print(describe())
    with tempfile.TemporaryDirectory() as temporary:
        envs = args.envs or Path(temporary) / "envs"
        pythons = {OURS: Path(sys.executable)} | _installed(args.peers, envs)
        sides = [peer for peer in (*SELF, *PEERS) if peer.name in pythons]
        for name in args.networks:
            folder = Path(temporary) / name
            network = networks.prepare(name, folder, args.images)
            layers = network["layers"]
            print(f"\n{name}: {len(convolutions(layers))} convolutions, {macs(layers):,} MACs")
            for task, title in TITLES.items():
                chosen = [peer for peer in sides if peer.task == task]
                if task == SCHEDULE or network["weights"]:
                    print(title.format(images=args.images))
                    _measure(chosen, pythons, folder, args)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--networks", default="mnist,wide,resnet", help=", ".join(networks.CASES))
    parser.add_argument("--peers", default=",".join(peer.name for peer in PEERS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--images", type=int, default=500, help="whose classes are computed")
    parser.add_argument("--timeout", type=int, default=600, help="seconds of one measurement")
    parser.add_argument("--envs", type=Path, metavar="DIR", help="keeps the environments")
    args = parser.parse_args()
    args.networks = _some_of(parser, args.networks, tuple(networks.CASES))
    args.peers = _some_of(parser, args.peers, tuple(peer.name for peer in PEERS))
    return args


def _some_of(parser: argparse.ArgumentParser, text: str, known: tuple[str, ...]) -> list[str]:
    given = [each for each in text.split(",") if each]
    if unknown := [each for each in given if each not in known]:
        parser.error(f"{', '.join(unknown)}: expected some of {', '.join(known)}")
    return given


def _installed(names: list[str], envs: Path) -> dict[str, Path]:
    """Return the interpreter of each peer that is there; say why one is not."""
    found = {}
    for peer in PEERS:
        if peer.name in names:
            try:
                found[peer.name] = install(peer, envs / peer.name)
            except Failed as failed:
                print(f"{peer.name} is left out: {failed}")
    return found


def install(peer: Peer, env: Path) -> Path:
    """Return the interpreter of an environment that has a peer; made where it is not there.

    Raises Failed with what pip said, or with why there is nothing to install.
    """
    if peer.missing:
        raise Failed(peer.missing)
    python = env / "bin" / "python"
    done = env / "installed"
    if not done.exists():
        run([sys.executable, "-m", "venv", str(env)], 300)
        run([str(python), "-m", "pip", "install", "--quiet", *peer.packages], 1800)
        done.touch()
    return python


def run(command: list[str], seconds: int) -> str:
    """Return what a command prints; raises Failed with the last line of its errors."""
    environment = os.environ | {"PYTHONPATH": str(HERE)}
    try:
        done = subprocess.run(  # noqa: S603 - programs of this folder, and pip
            command, env=environment, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"no result after {seconds} s") from None
    if done.returncode:
        raise Failed(reason(done.stderr) or f"exit code {done.returncode}")
    return done.stdout


def reason(errors: str) -> str:
    """Return the line of some errors that says most: pip's last, else an exception's, or the last.

    What pip or an exception says may be followed by hints, or by frames of C++.
    """
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    of_pip = [line for line in lines if line.startswith("ERROR: ")]
    raised = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
    return (of_pip or raised or lines or [""])[-1].removeprefix("ERROR: ")


def _measure(
    peers: list[Peer], pythons: dict[str, Path], folder: Path, args: argparse.Namespace
) -> None:
    """Measure some simulators in turns, and print a line for each."""
    found: dict[str, list[dict]] = {peer.name: [] for peer in peers}
    failed: dict[str, Failed] = {}
    for _ in range(args.repeats):
        for peer in peers:
            if peer.name in failed:
                continue
            command = [str(pythons[peer.name]), str(HERE / "peer" / peer.program), str(folder)]
            try:
                printed = run([*command, peer.task], args.timeout)
                found[peer.name].append(json.loads(printed.splitlines()[-1]))
            except Failed as why:
                failed[peer.name] = why
    print("  simulator           CPU, s           wall, s   MiB  what came out")
    for name, results in found.items():
        if name in failed:
            print(f"  {name}: {failed[name]}")
        else:
            print(line(name, results), flush=True)


def line(name: str, results: list[dict]) -> str:
    """Return the line of a simulator: medians, the spread of CPU time, and what it computed."""
    processor = [each["cpu_s"] for each in results]
    wall = statistics.median(each["wall_s"] for each in results)
    memory = statistics.median(each["peak_MiB"] for each in results)
    middle, low, high = (
        f"{seconds:.2f}"
        for seconds in (statistics.median(processor), min(processor), max(processor))
    )
    spread = f"{middle} ({low} to {high})"
    title = f"{name} {results[-1]['version']}"
    return f"  {title:<16} {spread:>20} {wall:7.2f} {memory:5.0f}  {outcome(results[-1])}"


def outcome(result: dict) -> str:
    """Return what a simulator computed, in words."""
    said = [f"{result['cycles']:,} cycles"] if "cycles" in result else []
    if "energy_pJ" in result:
        said.append(f"{result['energy_pJ']:,.1f} pJ")
    if "right" in result:
        said.append(f"{100 * result['right']:.1f} % right")
    return ", ".join(said)


if __name__ == "__main__":
    main()
