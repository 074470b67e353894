"""`accelsim import`: an ONNX model becomes a network file with weights."""

from pathlib import Path
from typing import Annotated

import typer

from accelsim.cli.destinations import FOLDER
from accelsim.cli.jsons import JsonOption, report_files
from accelsim.cli.options import DatasetOption, SetOption, real_of, whole_of


def import_(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="ONNX model.", dir_okay=False)],
    outdir: Annotated[
        Path,
        typer.Option(
            "--outdir",
            "-o",
            metavar="DIR",
            help="Folder for the files that are made.",
            callback=FOLDER,
        ),
    ],
    config: Annotated[
        str, typer.Option("--machine", metavar="CONFIG", help="Machine that the costs are of.")
    ] = "irmen",
    changes: SetOption = None,
    dataset: DatasetOption = None,
    images: Annotated[
        int,
        typer.Option(
            help="Images for calibration: the first N.",
            metavar="N",
            parser=whole_of("--images", 1),
        ),
    ] = 1000,
    percentile: Annotated[
        float,
        typer.Option(
            help="Percentile of a layer's values that is stored as 1; 100 is the largest.",
            metavar="X",
            parser=real_of("--percentile"),
        ),
    ] = 100.0,
    mean: Annotated[
        str,
        typer.Option(
            help="The model expects (p / 255 - mean) / std of pixel p; one number, or one a map.",
            metavar="X,...",
        ),
    ] = "0",
    std: Annotated[
        str, typer.Option(help="See --mean; both as the data loader had them.", metavar="X,...")
    ] = "1",
    as_json: JsonOption = False,
) -> None:
    """Make a network file of an ONNX model: layers, scaled weights, what each node became.

    Scales follow from the images of --dataset; without it there are no weights, and runs of the
    network give schedule and energy alone.
    """
    from accelsim.cli import import_tasks as tasks  # noqa: PLC0415 - loads numpy, simulates

    numbers = tasks.normalization(mean, std)
    job = tasks.Job(model, outdir, config, changes or [], dataset, images, percentile, numbers)
    report_files(lambda: tasks.import_model_to(job), as_json=as_json)
