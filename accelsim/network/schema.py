"""The network file: input shape, layers, and where weights and images are."""

from typing import Annotated, Literal

from pydantic import Field

from accelsim.documents.constants import one_of
from accelsim.documents.validation import Strict
from accelsim.ops import LAYER_OPS

Count = Annotated[int, Field(ge=1)]
Op = Annotated[str, one_of(lambda: LAYER_OPS)]


class LayerEntry(Strict):
    """One layer. `inputs` names the layer it reads; without it, the one before."""

    name: Annotated[str, Field(min_length=1)]
    op: Op
    out: Count | None = None
    kernel: Count | None = None
    stride: Count | None = None
    padding: Literal["same", "valid"] | None = None
    inputs: list[str] | None = None


class DatasetEntry(Strict):
    """Images and labels in IDX files, paths relative to the network file."""

    format: Literal["idx"]
    images: str
    labels: str | None = None


class PublishedEntry(Strict):
    """A published figure of this network on a machine, to hold a run against."""

    machine: str
    figure: Literal["latency", "energy_per_image"]
    relation: Literal["about", "below", "over"]
    value: str
    source: Annotated[str, Field(min_length=1)]


class NetworkFile(Strict):
    """A network file as it stands; `build_network` checks what it means."""

    name: str
    description: str = ""
    input: Annotated[list[Count], Field(min_length=3, max_length=3)]
    layers: Annotated[list[LayerEntry], Field(min_length=1)]
    weights: str | None = None
    dataset: DatasetEntry | None = None
    published: list[PublishedEntry] = Field(default_factory=list)
