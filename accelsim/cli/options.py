"""Options and arguments that several commands share, and how their text is read."""

from pathlib import Path
from typing import Annotated

import typer

from accelsim.errors import InputError

ConfigArgument = Annotated[
    str, typer.Argument(metavar="[CONFIG]", help="Machine: a file, or irmen or charge.")
]
WorkloadOption = Annotated[
    str, typer.Option("--workload", "-w", help="Network: a file, or mnist or fashion.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the machine; repeatable."),
]
DatasetOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER|NPZ",
        help="Take images and labels from here: a folder with t10k-images-idx3-ubyte (idx4: "
        "several maps) and t10k-labels-idx1-ubyte, gzipped or not, or an npz with images, labels.",
    ),
]


def parse_images(text: str) -> range:
    """Return the images of '100' (the first 100) or '40:60' (40 to 59); InputError otherwise."""
    first, colon, last = text.partition(":")
    try:
        return range(int(first), int(last)) if colon else range(int(first))
    except ValueError:
        raise InputError(
            f"--images {text}: expected a number such as 100, or a range such as 40:60"
        ) from None
