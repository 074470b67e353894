"""What `accelsim run` runs: a network or tenants, and images at once or as they arrive."""

from pathlib import Path
from typing import TypeAlias

from accelsim.arrivals import ArrivalFile, Arrivals, Names
from accelsim.cli.options import DEFAULT_IMAGES, DEFAULT_WORKLOAD, parse_images
from accelsim.errors import InputError
from accelsim.network import (
    Network,
    Tenant,
    is_of_tenants,
    load_network,
    load_tenants,
    parse_tenants,
)
from accelsim.resources import display

Subject: TypeAlias = Network | tuple[Tenant, ...]


def network_or_tenants(workload: str, tenants: list[str], dataset: Path | None) -> Subject:
    """Return the network of --workload, or the tenants of it or of --tenant options."""
    if tenants and workload != DEFAULT_WORKLOAD:
        raise InputError(f"--workload {workload}: --tenant says what runs; leave one out")
    if not tenants and not is_of_tenants(workload):
        return load_network(workload, dataset)
    if dataset is not None:
        raise InputError(
            f"--dataset {display(dataset)}: the run has tenants; expected it with one of them: "
            "NAME=WORKLOAD,dataset=PATH"
        )
    return parse_tenants(tenants) if tenants else load_tenants(workload)


def images_of(images: str, subject: Subject) -> range:
    """Return images that come at once, which tenants do not have."""
    if not isinstance(subject, Network):
        names = ", ".join(each.name for each in subject)
        raise InputError(
            f"tenants {names}: expected --arrivals FILE with a column 'tenant', which says whose "
            "each image is"
        )
    return parse_images(images)


def stream_of(path: Path, images: str, subject: Subject) -> Arrivals:
    """Read a stream of arrivals, instead of images that come at once."""
    if images != DEFAULT_IMAGES:
        raise InputError(
            f"--images {images}: --arrivals {display(path)} says which images come; leave one out"
        )
    names = Names((), (subject.name,)) if isinstance(subject, Network) else _names(subject)
    return ArrivalFile(path, names).arrivals()


def _names(tenants: tuple[Tenant, ...]) -> Names:
    return Names(tuple(each.name for each in tenants), tuple(each.network.name for each in tenants))
