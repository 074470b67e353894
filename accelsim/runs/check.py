"""Checks any file of ours without running: what `accelsim validate` does.

What only some files need is imported for them: a machine file waits for no network.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from accelsim.config import DeviceFile, load_machine, read_document, validate
from accelsim.errors import InputError, nearest
from accelsim.files import IDX, is_file, open_npz, unpacked, what_is
from accelsim.resources import display, names, shipped

if TYPE_CHECKING:
    from accelsim.config import Document
    from accelsim.network import Dataset
    from accelsim.trace import TraceFile

_MOST_RANK = 8
_NAMED = ("configs", "workloads", "configs/devices", "configs/spaces")
_OF_NETWORKS = {"layers", "input", "weights", "dataset", "tenants"}


def named_files(text: str) -> list[Path]:
    """Return the files that a text stands for: a path, or all that ship under a name.

    Raises InputError for what is neither.
    """
    if what_is(Path(text)):
        return [Path(text)]
    found = [shipped(folder) / f"{text}.yaml" for folder in _NAMED if text in names(folder)]
    if found:
        return found
    known = sorted({name for folder in _NAMED for name in names(folder)})
    raise InputError(
        f"{display(Path(text))}: no such file; expected a file, or one of {', '.join(known)}"
        f"{nearest(text[:80], known)}"
    )


def check_file(path: Path) -> str:
    """Check a file or run directory; return what it is, in a few words.

    Knows machine and network files (with the weights and images they name), weights and data sets
    (npz, npy, folders of PNG files, batches of CIFAR-10), IDX files, traces (parquet, csv), and
    run directories with their hashes.
    Raises InputError if it is none of these, or not right.
    """
    match what_is(path):
        case "a folder":
            return _check_folder(path)
        case "":
            raise InputError(f"{display(path)}: no such file")
    return _OF_SUFFIX.get(path.suffix, _check_other)(path)


def _check_onnx(path: Path) -> str:
    from accelsim.importer import import_model  # noqa: PLC0415

    found = import_model(path)
    return f"ONNX model: '{found.name}', {len(found.layers)} layers"


def _check_trace_file(path: Path) -> str:
    from accelsim.trace import TraceFile  # noqa: PLC0415 - loads pyarrow

    return f"trace: {_check_trace(TraceFile(path))} records"


def _check_yaml(path: Path) -> str:
    document = read_document(path)
    if "origin" in document.data:
        return f"device file: '{validate(DeviceFile, document).device}'"
    if not _OF_NETWORKS & document.data.keys():
        return f"machine file: '{load_machine(path).name}'"
    return _check_network(document, path)


def _check_network(document: "Document", path: Path) -> str:
    """Check a network, or a file of tenants."""
    from accelsim.network import (  # noqa: PLC0415 - loads networkx
        build_network,
        load_tenants,
        load_weights,
        open_dataset,
    )
    from accelsim.network.tenants_file import TENANTS  # noqa: PLC0415

    if TENANTS in document.data:
        tenants = load_tenants(path)
        named = ", ".join(f"{each.name}={each.network.name}" for each in tenants)
        return f"file of {len(tenants)} tenants: {named}"
    network = build_network(document)
    parts = [f"network file: '{network.name}', {len(network.layers)} layers"]
    if network.weights_file is not None:
        load_weights(network.weights_file, network)
        parts.append("weights fit")
    if network.images_file is not None:
        parts.append(f"{len(open_dataset(network))} images fit")
    return ", ".join(parts)


def _check_npz(path: Path) -> str:
    """Check an archive of a data set if it holds images, else one of weights."""
    from accelsim.network import read_npz_dataset  # noqa: PLC0415
    from accelsim.network.dataset import IMAGES  # noqa: PLC0415

    with open_npz(path) as archive:
        arrays = list(archive.headers)
        for name in arrays if IMAGES not in arrays else ():
            archive.read(name)
    if IMAGES not in arrays:
        return f"weights: {len(arrays)} arrays"
    return _of_dataset(read_npz_dataset(path))


def _check_npy(path: Path) -> str:
    """Check labels by their name, any other file as images."""
    from accelsim.network.dataset import (  # noqa: PLC0415
        NPY_LABELS,
        read_dataset,
        read_npy_labels,
    )

    if path.name == NPY_LABELS:
        return f"{len(read_npy_labels(path))} labels"
    return _of_dataset(read_dataset(path))


def _check_folder(path: Path) -> str:
    """Check a folder of batches of CIFAR-10 or of PNG files, or a run directory."""
    from accelsim.network.cifar import find_test_batch, has_batches  # noqa: PLC0415
    from accelsim.network.dataset import read_dataset  # noqa: PLC0415
    from accelsim.network.pngs import has_pngs  # noqa: PLC0415
    from accelsim.runs.directory import MANIFEST  # noqa: PLC0415

    if not is_file(path / MANIFEST):
        if has_batches(path):
            return _of_dataset(read_dataset(find_test_batch(path)))
        if has_pngs(path):
            return _of_dataset(read_dataset(path))
    return _check_run(path)


def _of_dataset(dataset: "Dataset") -> str:
    size = " x ".join(str(size) for size in dataset.images.shape[1:])
    labelled = "no labels" if dataset.labels is None else f"{len(dataset.labels)} labels"
    return f"data set: {len(dataset)} images of {size}, {labelled}"


def _check_other(path: Path) -> str:
    from accelsim.network import read_idx  # noqa: PLC0415
    from accelsim.network.cifar import is_batch  # noqa: PLC0415
    from accelsim.network.dataset import read_dataset  # noqa: PLC0415

    if is_batch(path):
        return _of_dataset(read_dataset(path))
    with unpacked(path, IDX) as stream:
        head = stream.read(4)
    if head[:3] != b"\x00\x00\x08":
        raise InputError(
            f"{display(path)}: not a file of accelsim: expected a machine or network file "
            "(.yaml), an ONNX model, weights or a data set (.npz, .npy, a folder of PNG files, "
            "batches of CIFAR-10), an IDX file, a trace (.parquet, .csv) or a run directory"
        )
    if not 0 < head[3] <= _MOST_RANK:
        raise InputError(f"{display(path)}: damaged: an IDX file of {head[3]} dimensions")
    shape = read_idx(path, head[3]).shape
    return f"IDX file: {' x '.join(str(size) for size in shape)} bytes"


def _check_run(path: Path) -> str:
    from accelsim.runs.kept import kept_in_words  # noqa: PLC0415
    from accelsim.runs.recorded import open_run  # noqa: PLC0415

    run = open_run(path)
    about = f"run directory: {len(run.manifest['files'])} files as the run left them"
    if run.kept is None:
        return f"{about}; it keeps no trace"
    _check_trace(run.kept_trace)
    return f"{about}; of its trace {kept_in_words(run.kept)} alone" if run.kept else about


def _check_trace(trace: "TraceFile") -> int:
    """Read all records, as each is checked then; return how many there are."""
    return sum(batch.num_rows for batch in trace.batches())


_OF_SUFFIX: dict[str, Callable[[Path], str]] = {
    ".yaml": _check_yaml,
    ".yml": _check_yaml,
    ".npz": _check_npz,
    ".npy": _check_npy,
    ".onnx": _check_onnx,
    ".parquet": _check_trace_file,
    ".csv": _check_trace_file,
}
