"""Kinds of input: each makes one by chance in the working directory, and says what reads it."""

import csv
import gzip
import hashlib
import io
import json
import random
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ruamel.yaml import YAML

import accelsim
from accelsim.runs.machines import machine_values
from accelsim.trace import SCHEMA
from tests.fuzz import datasets, graphs
from tests.fuzz.mutations import NASTY, mutate_bytes, mutate_tree

ROOT = Path(__file__).resolve().parents[2]
Case = tuple[list[str], tuple[str, ...]]
"""Arguments of a command, and what it may make."""

SMALL = """\
name: small
input: [1, 8, 8]
layers:
  - {name: conv1, op: conv, out: 2, kernel: 3, stride: 1, padding: same}
  - {name: relu1, op: relu}
  - {name: pool1, op: maxpool, kernel: 2, stride: 2}
  - {name: fc, op: fc, out: 4}
weights: w.npz
dataset: {format: npz, images: d.npz}
"""

# Folds, partial sums, groups, branches: without weights, for schedule and energy.
BRANCHES = """\
name: branches
input: [3, 8, 8]
layers:
  - {name: conv1, op: conv, out: 10, kernel: 3, stride: 1, padding: [1, 1, 1, 1]}
  - {name: relu1, op: relu}
  - {name: conv2, op: conv, out: 10, kernel: 5, groups: 10, partial: 2.5}
  - {name: add, op: add, inputs: [conv2, relu1]}
  - {name: relu2, op: relu}
  - {name: both, op: concat, inputs: [relu2, relu1]}
  - {name: pool, op: maxpool, kernel: 3, stride: 2, padding: same}
  - {name: fc1, op: fc, out: 4}
  - {name: act, op: relu}
  - {name: fc2, op: fc, out: 2}
"""


FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "late_settle", "where": "circuit_b.lane0.bank.plane0", "at": "4 ns", "cycles": 3},
    {"kind": "late_settle", "rate": "5 MHz", "cycles": 2, "detected": False, "step": 2},
    {"kind": "stuck_port", "where": "circuit_a.lane0.bank.write_ports", "at": "4 ns", "number": 0},
    {"kind": "lost_release", "where": "datapath.a_to_b", "at": "4 ns", "image": 0},
    {"kind": "power_failure", "at": "20 ns", "duration": "30 ns"},
)


def machines(chance: random.Random) -> Case:
    """Make a machine file."""
    tree = _tree(f"configs/{chance.choice(('irmen', 'charge'))}.yaml")
    if chance.random() < 0.5:
        tree = {"faults": {"seed": 1, "events": [chance.choice(FAULTS) for _ in range(2)]}} | tree
    _yaml(chance, Path("m.yaml"), tree)
    return _one_of(
        chance,
        (["compile", "m.yaml"], ()),
        (["validate", "m.yaml"], ()),
        (["run", "m.yaml", "-w", _small(), "--images", "1", "--outdir", "out"], ("out",)),
    )


def extensions(chance: random.Random) -> Case:
    """Make a machine file that extends another, with some sections of its own."""
    whole = _tree(f"configs/{chance.choice(('irmen', 'charge'))}.yaml")
    sections = [key for key in whole if key != "technology"]
    own = {key: whole[key] for key in chance.sample(sections, chance.randrange(1, 4))}
    below = chance.choice(("irmen", "charge", "below.yaml", "m.yaml"))
    _yaml(chance, Path("below.yaml"), {"extends": "irmen", "arrays": whole["arrays"]})
    _yaml(chance, Path("m.yaml"), {"extends": below} | own)
    return _one_of(
        chance,
        (["validate", "m.yaml"], ()),
        (["show", "m.yaml", "--full"], ()),
        (["show", "clock", "-m", "m.yaml"], ()),
        (["run", "m.yaml", "-w", _small(), "--images", "1", "--outdir", "out"], ("out",)),
    )


def networks(chance: random.Random) -> Case:
    """Make a network file."""
    tree = YAML(typ="safe").load(chance.choice((SMALL, BRANCHES)))
    _small()
    _yaml(chance, Path("n.yaml"), tree)
    return _one_of(
        chance,
        (["compile", "-w", "n.yaml"], ()),
        (["validate", "n.yaml"], ()),
        (["run", "-w", "n.yaml", "--images", "1", "--outdir", "out"], ("out",)),
    )


def models(chance: random.Random) -> Case:
    """Make an ONNX model."""
    data, shape = graphs.model(chance)
    if chance.random() < 0.3:
        data = mutate_bytes(chance, data, chance.randrange(1, 4))
    else:
        data = graphs.changed(chance, data)
    Path("m.onnx").write_bytes(data)
    np.savez("d.npz", images=np.full((2, *shape), 99, np.uint8))
    given = ["import", "m.onnx", "-o", "out", "--set", "banks.planes=30"]
    return _one_of(
        chance,
        (["validate", "m.onnx"], ()),
        (["compile", "-w", "m.onnx"], ()),
        (given, ("out",)),
        ([*given, "--dataset", "d.npz"], ("out",)),
    )


def devices(chance: random.Random) -> Case:
    """Make a device file."""
    _yaml(chance, Path("d.yaml"), _tree("configs/devices/irmen.yaml"))
    return _one_of(
        chance, (["validate", "d.yaml"], ()), (["compile", "--set", "device=d.yaml"], ())
    )


def settings(chance: random.Random) -> Case:
    """Make `--set` options."""
    keys = [*_keys(), "clock.x", "", "energy", "bogus", "device", "effects.active", "a.b.c.d"]
    arguments = ["compile", chance.choice(("irmen", "charge"))]
    for _ in range(chance.randrange(1, 4)):
        value = str(chance.choice(NASTY))[:4000]
        key = chance.choice(keys)
        arguments += ["--set", f"{key}={value}".replace("\0", "")]
    return arguments, ()


def weights(chance: random.Random) -> Case:
    """Make weights or a data set (npz)."""
    network = _small()
    path = Path(chance.choice(("w.npz", "d.npz")))
    path.write_bytes(mutate_bytes(chance, path.read_bytes(), chance.randrange(1, 4)))
    return _one_of(
        chance,
        (["validate", str(path)], ()),
        (["validate", network], ()),
        (["run", "-w", network, "--images", "1", "--outdir", "out"], ("out",)),
    )


def images(chance: random.Random) -> Case:
    """Make IDX files."""
    _small()
    data = bytes([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0, 8]) + bytes(256)
    if chance.random() < 0.5:
        data = mutate_bytes(chance, data, chance.randrange(1, 4))
    if chance.random() < 0.5:
        data = mutate_bytes(chance, gzip.compress(data), chance.randrange(3))
    Path("t10k-images-idx3-ubyte").write_bytes(data)
    labels = bytes([0, 0, 8, 1, 0, 0, 0, 4]) + bytes(4)
    Path("t10k-labels-idx1-ubyte").write_bytes(mutate_bytes(chance, labels, chance.randrange(2)))
    return _one_of(
        chance,
        (["validate", "t10k-images-idx3-ubyte"], ()),
        (["run", "-w", "n.yaml", "--dataset", ".", "--images", "1", "--outdir", "out"], ("out",)),
    )


def pictures(chance: random.Random) -> Case:
    """Make npz and npy files, and folders of PNG files."""
    network = _small()
    name = datasets.make(chance)
    return _one_of(
        chance,
        (["validate", name], ()),
        (["show", name], ()),
        (["run", "-w", network, "--dataset", name, "--images", "1", "--outdir", "out"], ("out",)),
    )


def arrivals(chance: random.Random) -> Case:
    """Make files of arrivals, CSV and Parquet."""
    network = _small()
    unit = chance.choice(("ps", "ns", "us", "s", "\x1b"))
    rows: list[list[Any]] = [[each * 10, chance.randrange(4), 100] for each in range(12)]
    for _ in range(chance.randrange(3)):
        chance.choice(rows)[chance.randrange(3)] = str(chance.choice(NASTY))[:200]
    lines = [f"time_{unit},image,deadline_{unit}", *(",".join(map(str, row)) for row in rows)]
    data = "\n".join(lines).encode(errors="replace")
    name = "a.csv"
    if chance.random() < 0.3:
        times = {f"time_{unit}": pa.array([0, 10, 20]), "image": pa.array([0, 1, 2])}
        sink, name = pa.BufferOutputStream(), "a.parquet"
        pq.write_table(pa.table(times), sink)
        data = sink.getvalue().to_pybytes()
    Path(name).write_bytes(mutate_bytes(chance, data, chance.randrange(3)))
    return _one_of(
        chance,
        (["validate", name], ()),
        (["run", "-w", network, "--arrivals", name, "--outdir", "out"], ("out",)),
    )


def traces(chance: random.Random) -> Case:
    """Make trace files, CSV and Parquet."""
    rows = [dict(zip(SCHEMA.names, row, strict=True)) for row in _golden()]
    rows = rows[: chance.randrange(1, len(rows))]
    for _ in range(chance.randrange(1, 4)):
        chance.choice(rows)[chance.choice(SCHEMA.names)] = str(chance.choice(NASTY))[:200]
    stream = io.StringIO()
    header = chance.choice(("", "# machine: irmen\n# network: mnist\n", "# machine: \x1b[2J\n"))
    stream.write(header + ",".join(SCHEMA.names) + "\n")
    writer = csv.DictWriter(stream, SCHEMA.names, lineterminator="\n")
    writer.writerows(rows)
    data = stream.getvalue().encode(errors="replace")
    if chance.random() < 0.3:
        data = mutate_bytes(chance, data, chance.randrange(1, 4))
    Path("t.csv").write_bytes(data)
    Path("t.parquet").write_bytes(mutate_bytes(chance, _parquet(), chance.randrange(1, 3)))
    name = chance.choice(("t.csv", "t.parquet"))
    return _one_of(
        chance,
        (["validate", name], ()),
        (["diff", name, name], ()),
        (["replay", name], ()),
        (["trace", "export", name, "--format", "csv", "-o", "o.csv"], ("o.csv",)),
    )


def runs(chance: random.Random) -> Case:
    """Make a run directory with a file changed and, mostly, its hash made to fit."""
    shutil.copytree(_run(), "run")
    name = chance.choice(
        ("stats.json", "program.json", "manifest.json", "trace.parquet", "config.resolved.yaml")
    )
    path = Path("run") / name
    if name.endswith(".json"):
        tree = mutate_tree(chance, json.loads(path.read_text()), chance.randrange(1, 4))
        path.write_text(json.dumps(tree), errors="replace")
    elif name.endswith(".yaml"):
        _yaml(chance, path, YAML(typ="safe").load(path.read_text()))
    elif chance.random() < 0.5:
        path.write_bytes(mutate_bytes(chance, path.read_bytes(), chance.randrange(1, 3)))
    else:
        _change_records(chance, path)
    if chance.random() < 0.1:
        path.write_bytes(mutate_bytes(chance, path.read_bytes(), 1))
    if name != "manifest.json":
        manifest = json.loads(Path("run/manifest.json").read_text())
        manifest["files"][name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        Path("run/manifest.json").write_text(json.dumps(manifest))
    return _one_of(
        chance,
        (["validate", "run"], ()),
        (["explain", "run", *chance.choice(([], ["--full"], ["--json"], ["stalls"]))], ()),
        (["diff", "run", str(_run())], ()),
        (["replay", "run", *chance.choice(([], ["--machine", "charge"]))], ()),
        (["timeline", "run", "--format", "html", "--outdir", "t"], ("t",)),
        (["timeline", "run", "--format", "svg", "--outdir", "t"], ("t",)),
        (["trace", "export", "run", "--format", "vcd", "-o", "o.vcd"], ("o.vcd", "o.gtkw")),
        (["trace", "export", "run", "--format", "perfetto", "-o", "o.p"], ("o.p",)),
        (["trace", "export", "run", "--format", "csv", "-o", "o.csv"], ("o.csv",)),
    )


def options(chance: random.Random) -> Case:
    """Make options and arguments."""
    run = str(_run())
    value = str(chance.choice(NASTY))[:400].replace("\0", "")
    given: list[list[str]] = [
        ["explain", run, "--image", value], ["explain", run, value], ["explain", value],
        ["timeline", run, "--outdir", "t", "--from", value], ["timeline", value],
        ["timeline", run, "--outdir", "t", "--image", value, "--format", "svg"],
        ["timeline", run, "--outdir", "t", "--component", value, "--format", "html"],
        ["timeline", run, "--width", value], ["diff", run, value], ["replay", value],
        ["replay", run, "--set", value], ["replay", run, "--machine", value],
        ["run", "--images", value, "--outdir", "t", "-w", _small()], ["run", value],
        ["run", "--seed", value, "--images", "1", "--outdir", "t", "-w", _small()],
        ["run", "-w", value], ["run", "--dataset", value], ["compile", value],
        ["validate", value], ["trace", "export", run, "--format", value],
        ["trace", "export", run, "--format", "csv", "-o", "t", "--to", value],
        ["study", "accuracy", "bits", "--seeds", value, "--values", value, "--images", "0"],
        ["study", "accuracy", value], ["study", "snr", "--images", value, "--seed", value],
        ["device", "waveform", "--hold", value, "--time-step", value],
        ["device", "sweep", "--volume", value, "--points", value],
        ["device", "characterize", "--seed", value, "--samples", value],
        ["reproduce", "--why", value], ["compare", value], [value], ["--" + value],
        ["compare", "irmen", f"irmen:{value}", "--images", "1"], ["list", value], ["show", value],
        ["show", "lanes", "--machine", value, "--json"], ["validate", value, "--json"],
        ["compare", run, value], ["run", "-q", value], ["init", f"t/{value}"],
    ]  # fmt: skip
    return chance.choice(given), ("t", "runs")


_ALL = (
    machines,
    extensions,
    networks,
    models,
    devices,
    settings,
    weights,
    images,
    pictures,
    arrivals,
    traces,
    runs,
    options,
)
TARGETS: dict[str, Callable[[random.Random], Case]] = {each.__name__: each for each in _ALL}


def _one_of(chance: random.Random, *cases: Case) -> Case:
    return chance.choice(cases)


def _yaml(chance: random.Random, path: Path, tree: Any) -> None:
    stream = io.StringIO()
    writer = YAML(typ="safe")
    writer.allow_unicode = True
    writer.dump(mutate_tree(chance, tree, chance.randrange(1, 4)), stream)
    data = stream.getvalue().encode(errors="replace")
    if chance.random() < 0.2:
        data = mutate_bytes(chance, data, chance.randrange(1, 3))
    path.write_bytes(data)


def _small() -> str:
    """Write a small network with weights and images; return its name."""
    chance = np.random.default_rng(0)
    shapes = {
        "conv1.weight": (2, 1, 3, 3),
        "conv1.bias": (2,),
        "fc.weight": (4, 32),
        "fc.bias": (4,),
    }
    np.savez("w.npz", **{name: chance.normal(size=shape) for name, shape in shapes.items()})
    np.savez("d.npz", images=np.zeros((4, 8, 8), np.uint8), labels=np.arange(4))
    Path("n.yaml").write_text(SMALL)
    return "n.yaml"


@cache
def _tree(name: str) -> Any:
    return YAML(typ="safe").load((ROOT / name).read_text())


@cache
def _keys_of_machine() -> tuple[str, ...]:
    return tuple(machine_values(accelsim.load_machine("irmen")))


def _keys() -> tuple[str, ...]:
    return _keys_of_machine()


@cache
def _golden() -> list[list[str]]:
    lines = (ROOT / "traces/golden/irmen-mnist.csv").read_text().splitlines()
    return list(csv.reader(line for line in lines if not line.startswith("#")))[1:]


@cache
def _run() -> Path:
    """Return a good run directory, made once among the temporary files."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-")) / "run"
    accelsim.simulate(
        accelsim.load_machine("irmen"), accelsim.load_network("mnist"), 2, outdir=folder
    )
    return folder


@cache
def _parquet() -> bytes:
    return (_run() / "trace.parquet").read_bytes()


def _change_records(chance: random.Random, path: Path) -> None:
    """Write a trace that Arrow can read, with some fields of some records changed."""
    table = pq.read_table(path)
    name = chance.choice(SCHEMA.names)
    if name == "actions":
        return
    place = table.schema.get_field_index(name)
    values = table[name].to_pylist()
    for _ in range(chance.randrange(1, 4)):
        values[chance.randrange(len(values))] = (
            str(chance.choice(NASTY)) if isinstance(values[0], str) else chance.choice(_INTEGERS)
        )
    kind = pa.field(name, SCHEMA.field(name).type)
    try:
        changed = pa.array(values, kind.type)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        return
    pq.write_table(table.set_column(place, kind, changed), path)


_INTEGERS = (None, -1, 0, 1, 2, 3, 1000, 10**6, 10**9, 2**31 - 1, 2**53, 2**62, 2**63 - 1, -(2**63))
