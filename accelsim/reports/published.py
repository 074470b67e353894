"""The published figures that ship (configs/published/figures.yaml), read and checked."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from accelsim.config import Document, read_document, validate
from accelsim.documents.validation import Strict
from accelsim.errors import InputError
from accelsim.resources import shipped

Group = Literal["run", "cell", "constant", "expected", "rival", "outside"]
Relation = Literal["is", "about", "over", "below", "words"]
Text = Annotated[str, Field(min_length=1)]


class PublishedFigure(Strict):
    """One line: what was published, where, and the name of what accelsim computes for it.

    id: what constants call it, in `published:ID`.
    value, unit: the number; text: a statement, alone or as the number was put. figure: None
    where nothing of ours answers (group `outside`). reason: why ours may differ, or what it shows.
    """

    id: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
    group: Group
    what: Text
    relation: Relation
    value: float | int | None = None
    unit: str = ""
    text: str = ""
    figure: str | None = None
    source: Text
    reason: str = ""


class PublishedFile(Strict):
    """The file: a list of figures. tied: groups of ids of which one follows from another."""

    tied: list[list[Text]] = Field(default_factory=list)
    figures: list[PublishedFigure]


def load_published(path: Path | None = None) -> tuple[PublishedFigure, ...]:
    """Return the figures that ship, or those of a file.

    Raises InputError if a line is not what the schema allows, or says neither value nor text.
    """
    document, file = _read(path)
    figures = file.figures
    for place, figure in enumerate(figures):
        words = figure.relation == "words"
        if words == (figure.value is not None) or (words and not figure.text):
            where = document.where(("figures", place))
            expected = "a text and no value" if words else "a value"
            raise InputError(
                f"{where}: figures[{place}]: relation '{figure.relation}' takes {expected}"
            )
        if (figure.figure is None) != (figure.group == "outside"):
            where = document.where(("figures", place))
            raise InputError(
                f"{where}: figures[{place}]: a figure of group '{figure.group}' "
                f"{'names no' if figure.group == 'outside' else 'needs a'} `figure`"
            )
        if figure.id in [other.id for other in figures[:place]]:
            where = document.where(("figures", place, "id"))
            raise InputError(f"{where}: figures[{place}]: the id '{figure.id}' is taken")
    return tuple(figures)


def load_ties(path: Path | None = None) -> tuple[tuple[str, ...], ...]:
    """Return the groups of ids that are tied, of the figures that ship or those of a file."""
    return tuple(tuple(group) for group in _read(path)[1].tied)


def _read(path: Path | None) -> tuple[Document, PublishedFile]:
    document = read_document(path or shipped("configs") / "published" / "figures.yaml")
    return document, validate(PublishedFile, document)
