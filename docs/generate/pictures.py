"""The pictures of the gallery, each drawn by the command that stands below it."""

from pathlib import Path


def write_all(folder: Path) -> None:
    """Draw what is not there yet."""
    folder.mkdir(exist_ok=True)
