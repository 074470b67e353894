"""What `accelsim import` does: reads a model, scales it, writes its files, says what it costs."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accelsim.cli.consoles import plain_console
from accelsim.cli.header import print_changes
from accelsim.cli.import_report import Agreement, Import, print_import
from accelsim.config import load_machine
from accelsim.config.machine import parse_changes
from accelsim.errors import InputError
from accelsim.files import sha256
from accelsim.importer import ImportedNetwork, Normalization, Range, import_model
from accelsim.importer.layers import Floats
from accelsim.importer.reference import Reference
from accelsim.importer.write import NETWORK, WEIGHTS, write_import
from accelsim.network import (
    Network,
    calibrated,
    format_of,
    load_network,
    network_of,
    open_dataset,
    with_dataset,
)
from accelsim.resources import display, visible
from accelsim.simulation import Result, run_network

_IDEAL = {"effects.active": "none"}


@dataclass(frozen=True)
class Job:
    """What is imported, as the options say."""

    model: Path
    outdir: Path
    config: str
    changes: list[str]
    dataset: Path | None
    images: int
    percentile: float
    normalization: Normalization


def normalization(mean: str, std: str) -> Normalization:
    """Return what --mean and --std say; InputError."""
    return Normalization(_numbers("--mean", mean), _numbers("--std", std))


def _numbers(option: str, text: str) -> tuple[float, ...]:
    try:
        return tuple(float(each) for each in text.split(","))
    except ValueError:
        raise InputError(
            f"{option} '{visible(text, 60)}': expected numbers with commas between, such as "
            "0.49,0.48,0.45"
        ) from None


def import_model_to(job: Job) -> list[Path]:
    """Import a model, write its files, print what became of it, and return them; InputError.

    A machine that cannot hold the network is no error: the files are for any machine.
    """
    if not 0 < job.percentile <= 100:
        raise InputError(f"--percentile {job.percentile:g}: expected above 0, up to 100")
    machine = load_machine(job.config, {**parse_changes(job.changes), **_IDEAL})
    imported = import_model(job.model, job.normalization)
    network = with_dataset(network_of(job.model, imported), job.dataset)
    weights: Mapping[str, Floats] | None = None
    ranges: tuple[Range, ...] = ()
    expected = None
    if job.dataset is not None:
        reference = Reference(job.model)
        scaled = calibrated(job.model, network, job.images, job.percentile, job.normalization)
        imported, weights, ranges = scaled.network, scaled.arrays, scaled.ranges
        # Before anything is written: onnxruntime may refuse the model.
        expected = reference.classes(imported, open_dataset(network).images[: job.images])
    paths = write_import(job.outdir, _data(job, imported, network), imported.rows, weights, ranges)
    made = load_network(job.outdir / NETWORK)
    number = 1 if weights is None else min(job.images, len(open_dataset(network)))
    result, refusal = None, ""
    try:
        result = run_network(machine, made, number, 0)
    except InputError as error:
        refusal = str(error)
    reach = machine.arrays.synapse_range
    print_changes(plain_console(), machine)
    print_import(
        plain_console(),
        Import(
            imported, made, machine.name, None if reach is None else reach.value, ranges,
            result, refusal,
            _agreement(expected, network, result),
        ),
    )  # fmt: skip
    path = display(job.outdir / NETWORK)
    plain_console().print(f"Written: {path}\n{_next(job, path, result)}", soft_wrap=True)
    return paths


def _next(job: Job, path: str, result: Result | None) -> str:
    """Return the command that runs what was imported, or finds a machine that can."""
    what, verb = ("Run it", ["run"]) if result else ("What would hold it", ["compile", "--fit"])
    changes = [part for each in job.changes for part in ("--set", each)]
    return f"{what}: {shlex.join(['accelsim', *verb, job.config, '-w', path, *changes])}"


def _data(job: Job, imported: ImportedNetwork, network: Network) -> dict[str, Any]:
    """Return the network file: layers, where weights and images are, what they rest on."""
    origin = f"{job.model.name}, SHA-256 {sha256(job.model)}"
    data = imported.data()
    origins = {"layers": {"kind": "assumed", "source": f"imported from {origin}"}}
    if network.images_file is not None:
        what = "largest value" if job.percentile == 100 else f"percentile {job.percentile:g}"
        scales = f"scales: {what} of {job.images} images of {network.images_file.name}"
        origins["weights"] = {"kind": "derived", "source": f"{origin}; {scales}"}
        data["weights"] = WEIGHTS
        data["dataset"] = _dataset(job.outdir, network)
    return {**data, "origins": origins}


def _dataset(folder: Path, network: Network) -> dict[str, str]:
    assert network.images_file is not None  # noqa: S101 - the caller looked
    files = {"images": network.images_file, "labels": network.labels_file}
    found = {
        key: Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
        for key, path in files.items()
        if path is not None
    }
    return {"format": format_of(network.images_file), **found}


def _agreement(
    expected: tuple[NDArray[np.int64], str] | None, network: Network, result: Result | None
) -> Agreement | None:
    """Compare the classes of ideal cells with those of the model itself, and what computed them."""
    values = None if result is None else result.values
    if expected is None or values is None or values.predicted is None:
        return None
    dataset, predicted, (classes, by) = open_dataset(network), values.predicted, expected
    labels = None if dataset.labels is None else dataset.labels[: len(predicted)]
    return Agreement(
        images=len(predicted),
        same=int((classes == predicted).sum()),
        by=by,
        accuracy_of_model=None if labels is None else float((classes == labels).mean()),
        accuracy=values.accuracy,
    )
