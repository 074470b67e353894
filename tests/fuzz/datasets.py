"""Data sets that may be damaged: npz and npy files, and folders of PNG files."""

import io
import random
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.fuzz.mutations import mutate_bytes


def make(chance: random.Random) -> str:
    """Make a data set of 8 x 8 pixels in the working directory; return its name."""
    return chance.choice((_npz, _npy, _pngs))(chance)


def _npz(chance: random.Random) -> str:
    arrays = {"images": _array(chance, (4, 8, 8)), "labels": _array(chance, (4,))}
    if chance.random() < 0.3:
        arrays[chance.choice(("image", "labels.npy", "\x1b[2J", "x/y"))] = np.zeros(2)
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return _changed(chance, Path("p.npz"), stream.getvalue())


def _npy(chance: random.Random) -> str:
    for name, shape in (("p.npy", (4, 1, 8, 8)), ("labels.npy", (4,))):
        stream = io.BytesIO()
        np.save(stream, _array(chance, shape))
        _changed(chance, Path(name), stream.getvalue())
    return "p.npy"


def _pngs(chance: random.Random) -> str:
    folder = Path("pngs")
    classes = chance.choice(("0", "3", "256", "cat", "."))
    for number in range(3):
        mode = "RGB" if chance.random() < 0.1 else chance.choice(("L", "L", "L", "P", "1", "I;16"))
        size = (8, 8) if chance.random() < 0.8 else (chance.randrange(1, 20), 8)
        stream = io.BytesIO()
        Image.new(mode, size).save(stream, "png")
        path = folder / chance.choice((classes, "1")) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        _changed(chance, path, stream.getvalue())
    match chance.randrange(6):
        case 0:
            (folder / "dangling.png").symlink_to("nowhere.png")
        case 1:
            (folder / "notes.txt").write_text("x")
    return str(folder)


def _array(chance: random.Random, shape: tuple[int, ...]) -> Any:
    """Return zeros, mostly as a data set has them, else of another type or shape."""
    if chance.random() < 0.2:
        shape = chance.choice(((), (0,), shape[:-1], (*shape, 3), shape[::-1], (0, *shape[1:])))
    kinds = ("uint8", "float32", "int64", "complex64", "U3", "?", "M8[s]", ">u2", "V4")
    return np.zeros(shape, chance.choice(kinds) if chance.random() < 0.3 else "uint8")


def _changed(chance: random.Random, path: Path, data: bytes) -> str:
    """Write bytes, of which some may be changed; return the name of the file."""
    path.write_bytes(mutate_bytes(chance, data, chance.choice((0, 0, 1, 3))))
    return str(path)
