"""The file of tenants: names, networks, contexts and priorities."""

import re
from typing import Annotated

from pydantic import Field

from accelsim.arrivals.columns import HIGHEST
from accelsim.documents.validation import Strict, says

TENANTS = "tenants"
"""The key of a file of tenants."""
MOST = 64
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")


class TenantEntry(Strict):
    """A tenant in a file."""

    name: Annotated[str, Field(pattern=f"^{NAME.pattern}$"), says("Name of the tenant.")]
    workload: Annotated[
        str, Field(min_length=1), says("Network: a name that ships, or a path from the file.")
    ]
    contexts: Annotated[
        Annotated[int, Field(ge=1, le=4096)] | None,
        says("Contexts of its own; without it, it runs in those that are shared."),
    ] = None
    priority: Annotated[
        Annotated[int, Field(ge=0, le=HIGHEST)] | None,
        says("Priority of its images, the greatest first."),
    ] = None
    dataset: Annotated[str | None, says("Its images, instead of those of the network file.")] = None


class TenantsFile(Strict):
    """A file of tenants."""

    name: Annotated[str, says("Name of the file.")] = ""
    description: Annotated[str, says("What the tenants are, in a line.")] = ""
    tenants: Annotated[
        list[TenantEntry],
        Field(min_length=1, max_length=MOST),
        says("Networks that share a machine."),
    ]
