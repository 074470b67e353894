"""Writes what Sphinx is to read beside the pages that are kept."""

from pathlib import Path

from docs.generate import api, pictures, reference

TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
"""Pages above `docs`, which become pages of the site in lower case."""
MADE = ("reference", "pictures", "gallery.md", "python.md", *(name.lower() for name in TOP))
"""What is written into `docs`, and not kept in the repository."""


def write_all(docs: Path) -> None:
    """Write all that is made into a folder of documents."""
    for name, text in reference.pages().items():
        _write(docs / "reference" / f"{name}.md", text)
    _write(docs / "python.md", api.page())
    for name in TOP:
        _write(docs / name.lower(), _moved((docs.parent / name).read_text(encoding="utf-8")))
    _write(docs / "gallery.md", pictures.page())
    pictures.write_all(docs / "pictures")


def _moved(text: str) -> str:
    """Return a page from above `docs` with its links as seen from there."""
    text = text.replace("](docs/", "](")
    for name in TOP:
        text = text.replace(f"]({name})", f"]({name.lower()})")
    return text


def _write(path: Path, text: str) -> None:
    """Write a page, unless it is there already: Sphinx reads what is new."""
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
