"""Images and labels from a folder of PNG files.

Either the files lie in the folder, and there are no labels; or in folders below it, each named by
the number of its class (torchvision's ImageFolder, with numbers for names). The order is that of
classes, then of names, numbers in names by their value: 2.png comes before 10.png. Grey images have
one map, RGB images three; all have the same size.
"""

import re
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accelsim.errors import InputError
from accelsim.files import IDX, PNG, is_file, is_folder, opened, size_text, visible_entries
from accelsim.resources import display, visible

Bytes = NDArray[np.uint8]

SUFFIX = ".png"
MODES = {"L": "grey", "RGB": "RGB"}
"""What Pillow calls the images that are taken: 8 bits a pixel and map."""
_MOST_CLASS = 255
_NUMBERS = re.compile(r"(\d+)")


def read_pngs(folder: Path) -> tuple[Bytes, Bytes | None]:
    """Return images (n, maps, rows, cols) and labels (n,) of a folder; None without classes.

    Raises InputError for a folder without PNG files or with others, for folders that are not named
    by a class, and for an image that is damaged, of another size, or neither grey nor RGB.
    """
    files, labels = _listed(folder)
    first = _read(files[0])
    if first.size * len(files) > IDX.most:
        raise InputError(
            f"{display(folder)}: {len(files)} images of {_size(first)}; expected "
            f"{size_text(IDX.most)} at most"
        )
    images = np.empty((len(files), *first.shape), np.uint8)
    for place, path in enumerate(files):
        image = _read(path)
        if image.shape != first.shape:
            raise InputError(
                f"{display(path)}: {_size(image)}; expected {_size(first)}, as {display(files[0])}"
            )
        images[place] = image
    return images, None if labels is None else np.array(labels, np.uint8)


def has_pngs(folder: Path) -> bool:
    """Tell whether a folder, or one below it, has a PNG file."""
    if not is_folder(folder):
        return False
    entries = visible_entries(folder)
    some = [
        *entries,
        *(path for each in entries if is_folder(each) for path in visible_entries(each)),
    ]
    return any(path.suffix.lower() == SUFFIX for path in some)


def _listed(folder: Path) -> tuple[list[Path], list[int] | None]:
    """Return the files in order, and the class of each; None where there are no classes."""
    entries = visible_entries(folder)
    below = [path for path in entries if is_folder(path)]
    if not below:
        return _files(folder, entries), None
    if len(below) < len(entries):
        other = next(path for path in entries if path not in below)
        raise InputError(
            f"{display(other)}: lies beside folders of classes; expected either files or folders"
        )
    files, labels = [], []
    for path in sorted(below, key=_class):
        found = _files(path, visible_entries(path))
        files += found
        labels += [_class(path)] * len(found)
    return files, labels


def _files(folder: Path, entries: list[Path]) -> list[Path]:
    for path in entries:
        if path.suffix.lower() != SUFFIX or not is_file(path):
            raise InputError(f"{display(path)}: expected PNG files alone in a folder of images")
    if not entries:
        raise InputError(f"{display(folder)}: no PNG file in it")
    return sorted(entries, key=lambda path: (_parts(path.name), path.name))


def _parts(name: str) -> list[tuple[int, str]]:
    """Return a name in parts that sort numbers by their value."""
    parts = _NUMBERS.split(name)
    return [(int(part), "") if place % 2 else (-1, part) for place, part in enumerate(parts)]


def _class(folder: Path) -> int:
    name = folder.name
    if not (name.isascii() and name.isdigit()) or int(name[:9]) > _MOST_CLASS or len(name) > 9:
        raise InputError(
            f"{display(folder)}: expected the number of a class, 0 to {_MOST_CLASS}, as the name "
            "of a folder of images"
        )
    return int(name)


def _read(path: Path) -> Bytes:
    """Return an image as bytes, (maps, rows, cols)."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - few runs need it

    damage = (Image.DecompressionBombError, OSError, SyntaxError)
    with opened(path, PNG) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of large images: `PNG` and `IDX` have limits
        try:
            with Image.open(stream, formats=("PNG",)) as image:
                mode = image.mode
                data = np.asarray(image, np.uint8) if mode in MODES else None
        except UnidentifiedImageError:  # whose text names an object of Python
            raise InputError(
                f"{display(path)}: not a readable PNG file: its header is cut or damaged"
            ) from None
        except (*damage, ValueError, EOFError) as error:
            raise InputError(
                f"{display(path)}: not a readable PNG file: {visible(str(error), 200)}"
            ) from None
    if data is None:
        raise InputError(
            f"{display(path)}: an image of mode {mode}; expected {' or '.join(MODES.values())} of "
            "8 bits, without transparency"
        )
    return data[None] if data.ndim == 2 else np.ascontiguousarray(data.transpose(2, 0, 1))


def _size(image: Bytes) -> str:
    return " x ".join(str(size) for size in image.shape)
