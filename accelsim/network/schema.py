"""The network file: input shape, layers, and where weights and images are."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from accelsim.documents.constants import Check, Kind, one_of, problem
from accelsim.documents.validation import Strict, says
from accelsim.errors import nearest
from accelsim.network.cifar import FILES, FORMAT, is_batch
from accelsim.ops import LAYER_OPS

MOST = 1_000_000
"""Maps, rows, columns: beyond it a typing error is likelier than a wish."""
Count = Annotated[int, Field(ge=1, le=MOST)]
Op = Annotated[str, one_of(lambda: LAYER_OPS)]
LAYER_KEYS = ("out", "kernel", "stride", "padding", "groups", "partial")
"""Keys of a layer that some ops have and others have not."""

_PADDINGS = ("same", "valid")
_EXPECTED = "'same', 'valid' or rows and columns of 0 or more as [above, left, below, right]"


def _padding(raw: object) -> object:
    """Check a padding: a word, or a number for each side."""
    if raw in _PADDINGS:
        return raw
    if isinstance(raw, list) and len(raw) == 4:
        if all(type(side) is int and side >= 0 for side in raw):
            return list(raw)
        raw = [*raw]
    hint = nearest(str(raw), _PADDINGS)
    raise problem(f"got {raw!r:.80}; expected {_EXPECTED}{hint}")


Padding = Annotated[str | list[int], Check(_padding, expected=_EXPECTED)]


class LayerEntry(Strict):
    """One layer."""

    name: Annotated[str, Field(min_length=1), says("Name of the layer.")]
    op: Annotated[Op, says("What the layer computes.")]
    out: Annotated[Count | None, says("Maps of the output, of conv and fc.")] = None
    kernel: Annotated[Count | None, says("Rows and columns of the kernel.")] = None
    stride: Annotated[
        Count | None, says("Distance between windows; without it, 1, and of a pooling its kernel.")
    ] = None
    padding: Annotated[
        Padding | None,
        says("Border: same, valid, or rows and columns as [above, left, below, right]."),
    ] = None
    groups: Annotated[Count | None, says("Groups of a convolution.")] = None
    partial: Annotated[
        Annotated[float, Field(gt=0, allow_inf_nan=False)] | None,
        says(
            "Largest size of a partial sum that images showed; without it, what the weights allow."
        ),
    ] = None
    inputs: Annotated[
        list[str] | None, says("Names of the layers that it reads; without it, the one before.")
    ] = None


_ARRAYS = ("npz", "npy")
_HOLDS_LABELS = {
    "npz": "the npz archive holds them",
    "png": "the names of folders are the classes",
    FORMAT: "a batch holds them",
}


class DatasetEntry(Strict):
    """Images and labels, paths relative to the network file."""

    format: Annotated[
        Literal["idx", "npz", "npy", "png", "cifar10"],
        says(
            "idx, npy: files of images and labels; npz: one archive with both; png: a folder of "
            "images, in folders named by their class; cifar10: a batch of it, binary or Python."
        ),
    ]
    images: Annotated[str, says("File or folder of the images, relative to the network file.")]
    labels: Annotated[str | None, says("File of the labels, of format idx or npy.")] = None

    @model_validator(mode="after")
    def _files_of_the_format(self) -> Self:
        """Refuse labels beside a format that holds them, and a name of another format."""
        of_name = next((each for each in _ARRAYS if self.images.endswith(f".{each}")), None)
        if of_name != (self.format if self.format in _ARRAYS else None):
            ending = f"a name that ends in .{self.format}"
            expected = ending if of_name is None else f"format: {of_name}"
            raise problem(
                f"got {self.images} with format {self.format}; expected {expected}", "images"
            )
        if (self.format == FORMAT) != is_batch(Path(self.images)):
            expected = f"format: {FORMAT}" if self.format != FORMAT else f"a file named {FILES}"
            raise problem(
                f"got {self.images} with format {self.format}; expected {expected}", "images"
            )
        if self.labels is not None and self.format in _HOLDS_LABELS:
            raise problem(
                f"got {self.labels}; expected none, as {_HOLDS_LABELS[self.format]}", "labels"
            )
        return self


class PublishedEntry(Strict):
    """A published figure of this network on a machine, to hold a run against."""

    id: Annotated[str, says("Name that constants give it, as in `to: [published:energy]`.")] = ""
    machine: Annotated[str, says("Machine that it was published of.")]
    figure: Annotated[Literal["latency", "energy_per_image"], says("What was published.")]
    relation: Annotated[Literal["about", "below", "over"], says("How a run is held against it.")]
    value: Annotated[str, says("Value with its unit.")]
    source: Annotated[str, Field(min_length=1), says("Where it was published.")]


class OriginEntry(Strict):
    """Where a part of the network comes from: kind and source, as those of a constant."""

    kind: Annotated[Kind, says("Kind, as of a constant.")]
    source: Annotated[str, Field(min_length=1), says("Where it comes from.")]


class OriginsSection(Strict):
    """What the layers, the weights and the images rest on."""

    layers: Annotated[OriginEntry | None, says("What the layers rest on.")] = None
    weights: Annotated[OriginEntry | None, says("What the weights rest on.")] = None
    dataset: Annotated[OriginEntry | None, says("What images and labels rest on.")] = None


class NetworkFile(Strict):
    """A network file as it stands; `build_network` checks what it means."""

    name: Annotated[str, says("Name of the network.")]
    description: Annotated[str, says("What the network is, in a line.")] = ""
    input: Annotated[
        list[Count],
        Field(min_length=3, max_length=3),
        says("Shape of an image: maps, rows, columns."),
    ]
    layers: Annotated[list[LayerEntry], Field(min_length=1), says("Layers, in order.")]
    weights: Annotated[
        str | None,
        says(
            "File of the weights (npz or ONNX), relative to the network file; without it, a run "
            "has no values."
        ),
    ] = None
    dataset: Annotated[DatasetEntry | None, says("Images and labels.")] = None
    origins: Annotated[OriginsSection, says("What layers, weights and images rest on.")] = (
        OriginsSection()
    )
    published: Annotated[
        list[PublishedEntry], says("Published figures of the network on a machine.")
    ] = Field(default_factory=list)
