"""Joins template, styles, scripts and data to one page."""

import json
from collections.abc import Sequence
from string import Template
from typing import Any

from accelsim.resources import text_of

# What the scripts of every page use; one module: what a script defines, those after it use.
_SHARED = ("numbers", "packed", "canvas", "elements", "drag")


def fill(package: str, scripts: Sequence[str], data: dict[str, Any], **parts: Any) -> str:
    """Return the page that `web/page.html` of a package is the template of.

    scripts: names of its scripts in `web`, in order. data: what they read. parts: of HTML, by
    their names in the template.
    """
    shared = [_file(__package__, f"{name}.js") for name in _SHARED]
    own = [_file(package, f"{name}.js") for name in scripts]
    return Template(_file(package, "page.html")).substitute(
        parts,
        style="\n".join(_file(each, "page.css") for each in (__package__, package)),
        # Text of a file must not end the script that it stands in.
        data=json.dumps(data).replace("<", "\\u003c"),
        script="\n".join(shared + own),
    )


def _file(package: str, name: str) -> str:
    return text_of(package, f"web/{name}").rstrip()
