"""The network file: input shape, layers, and where weights and images are."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from accelsim.documents.constants import Kind, one_of, problem
from accelsim.documents.validation import Strict
from accelsim.errors import nearest
from accelsim.ops import LAYER_OPS

MOST = 1_000_000
"""Maps, rows, columns: beyond it a typing error is likelier than a wish."""
Count = Annotated[int, Field(ge=1, le=MOST)]
Op = Annotated[str, one_of(lambda: LAYER_OPS)]
LAYER_KEYS = ("out", "kernel", "stride", "padding", "groups", "partial")
"""Keys of a layer that some ops have and others have not."""

_PADDINGS = ("same", "valid")


def _padding(raw: object) -> object:
    """Check a padding: a word, or a number for each side."""
    if raw in _PADDINGS:
        return raw
    if isinstance(raw, list) and len(raw) == 4:
        if all(type(side) is int and side >= 0 for side in raw):
            return list(raw)
        raw = [*raw]
    hint = nearest(str(raw), _PADDINGS)
    raise problem(
        f"got {raw!r:.80}; expected 'same', 'valid' or rows and columns of 0 or more as "
        f"[above, left, below, right]{hint}"
    )


Padding = Annotated[str | list[int], BeforeValidator(_padding)]


class LayerEntry(Strict):
    """A layer.

    name: of the layer; weights are found by it. op: what it computes. out: maps of a conv, or
    neurons of an fc. kernel: rows and columns of the window. stride: cells from one window to the
    next; 1 if not given, of a pool its kernel. padding: cells that read 0 around the maps: 'same',
    'valid', or rows above, columns left, rows below, columns right. groups: of a conv, whose maps
    read those of their group alone; 1 if not given. partial: the largest size of a partial sum
    that images showed; without it, what the weights allow. inputs: names of the layers it reads;
    without it, the one before.
    """

    name: Annotated[str, Field(min_length=1)]
    op: Op
    out: Count | None = None
    kernel: Count | None = None
    stride: Count | None = None
    padding: Padding | None = None
    groups: Count | None = None
    partial: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    inputs: list[str] | None = None


class DatasetEntry(Strict):
    """Images and labels, paths relative to the network file: IDX files, or one npz archive.

    format: of the files. images: path of the images. labels: path of the labels; without it there
    is no accuracy, and an npz archive holds its own.
    """

    format: Literal["idx", "npz"]
    images: str
    labels: str | None = None

    @model_validator(mode="after")
    def _files_of_the_format(self) -> Self:
        """Refuse labels beside an npz archive, which holds them, and a name of the other format."""
        archive = self.images.endswith(".npz")
        if archive != (self.format == "npz"):
            expected = "a name that ends in .npz" if not archive else "format: npz"
            raise problem(
                f"got {self.images} with format {self.format}; expected {expected}", "images"
            )
        if archive and self.labels is not None:
            raise problem(
                f"got {self.labels}; expected none, as the npz archive holds them", "labels"
            )
        return self


class PublishedEntry(Strict):
    """A published figure of this network on a machine, to hold a run against.

    id: the name that constants give it, as in `to: [published:energy]`. machine: the name of the
    machine it is for. figure: which figure of a run it is held against. relation: how the source
    says it. value: with its unit. source: where it is published.
    """

    id: str = ""
    machine: str
    figure: Literal["latency", "energy_per_image"]
    relation: Literal["about", "below", "over"]
    value: str
    source: Annotated[str, Field(min_length=1)]


class OriginEntry(Strict):
    """Where a part of the network comes from.

    kind: as that of a constant. source: a reference, or the reasoning.
    """

    kind: Kind
    source: Annotated[str, Field(min_length=1)]


class OriginsSection(Strict):
    """What the layers, the weights and the images rest on."""

    layers: OriginEntry | None = None
    weights: OriginEntry | None = None
    dataset: OriginEntry | None = None


class NetworkFile(Strict):
    """A network file as it stands; `build_network` checks what it means.

    name: of the network, in reports and names of folders. description: a line for people. input:
    maps, rows and columns of an image. weights: path of an npz archive or an ONNX model; without
    it a run gives schedule and energy, and no classes.
    """

    name: str
    description: str = ""
    input: Annotated[list[Count], Field(min_length=3, max_length=3)]
    layers: Annotated[list[LayerEntry], Field(min_length=1)]
    weights: str | None = None
    dataset: DatasetEntry | None = None
    origins: OriginsSection = OriginsSection()
    published: list[PublishedEntry] = Field(default_factory=list)
