"""Links: names of pages, as `docs/machine.md`, lead there; nothing is fetched from elsewhere."""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

_PAGE = re.compile(r"docs/([\w/-]+)\.md")
_FETCHED = re.compile(
    r"<(?:link|script|img|iframe|source)\b[^>]*?(?:src|href)=\"(?:https?:)?//[^>]*>"
)


class PageLinks(SphinxTransform):
    """Wraps the name of a page, where it stands in code, in a reference to the page."""

    default_priority = 500

    def apply(self, **_options: Any) -> None:
        """Go through the document."""
        for node in list(self.document.findall(nodes.literal)):
            found = _PAGE.fullmatch(node.astext())
            if found is None or isinstance(node.parent, nodes.reference | pending_xref):
                continue
            if (Path(self.env.srcdir) / f"{found[1]}.md").exists():
                reference = pending_xref(
                    "", node.deepcopy(),
                    refdomain="std", reftype="doc", reftarget=f"/{found[1]}",
                    refexplicit=True, refwarn=True,
                )  # fmt: skip
                node.replace_self(reference)


def refuse_foreign(app: Any, error: Exception | None) -> None:
    """Warn of each page of the built site that fetches something from another host."""
    for page in sorted(Path(app.outdir).rglob("*.html")) if error is None else ():
        for found in _FETCHED.finditer(page.read_text(encoding="utf-8")):
            logging.getLogger(__name__).warning("%s fetches %s", page.name, found[0])


def add_to(app: Any) -> None:
    """Enter both."""
    app.add_transform(PageLinks)
    app.connect("build-finished", refuse_foreign)
