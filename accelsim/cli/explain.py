"""`accelsim explain`: why a run has the latency, energy, waits and busy times that it has."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from accelsim.cli.consoles import plain_console
from accelsim.cli.jsons import JsonOption, print_json
from accelsim.cli.options import complete_metric, whole_of


def explain(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]",
            help="Run directory. Without one: irmen on mnist, one image, simulated for this.",
        ),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Argument(
            metavar="[METRIC]",
            help="latency, energy, stalls, utilization, or load of a stream (why the slowest are "
            "slow); without one, what matters of each.",
            autocompletion=complete_metric,
        ),
    ] = None,
    image: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Image to explain; the first if not given.",
            parser=whole_of("--image"),
        ),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Every record, step and unit.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say why a run is what it is: critical path, where the energy goes, waits, busy units."""
    from accelsim.cli import explain_report  # noqa: PLC0415 - loads pyarrow
    from accelsim.reports import explain_tree  # noqa: PLC0415
    from accelsim.reports.explanation import check_load, chosen_image  # noqa: PLC0415
    from accelsim.reports.label import check_label  # noqa: PLC0415
    from accelsim.reports.trees import METRICS  # noqa: PLC0415
    from accelsim.runs import open_run  # noqa: PLC0415

    if run in METRICS and metric is None and not Path(run).exists():
        run, metric = None, run
    if metric is not None:
        _check(metric, image)
    with _folder(run) as folder, _agreeing(run):
        opened = open_run(folder)
        number = chosen_image(opened, image)
        if metric == "load":
            check_load(opened)
        if metric == "classification":
            check_label(opened)
        if as_json:
            print_json(explain_tree(opened, metric, number))
        else:
            shown = explain_report.Shown(opened, number, full=full, reference=run is None)
            console = plain_console()
            # Shown once all of it is there: records that are damaged may be met late.
            with console.capture() as text:
                explain_report.print_explanation(console, shown, metric)
            typer.echo(text.get(), nl=False)


def _check(metric: str, image: int | None) -> None:
    from accelsim.cli.explain_report import OF_RUN  # noqa: PLC0415
    from accelsim.errors import InputError  # noqa: PLC0415
    from accelsim.reports.trees import check_metric  # noqa: PLC0415

    check_metric(metric)
    if metric in OF_RUN and image is not None:
        raise InputError(
            f"--image {image}: {metric} is over all images of the run; leave it out, or ask for "
            "latency or energy"
        )


@contextmanager
def _agreeing(run: str | None) -> Iterator[None]:
    """Turn a disagreement within a recorded run, which agreed when it was made, into damage."""
    from accelsim.errors import ReconciliationError  # noqa: PLC0415
    from accelsim.runs.recorded import disagreement  # noqa: PLC0415

    try:
        yield
    except ReconciliationError as error:
        if run is None:
            raise
        raise disagreement(Path(run), error) from None


@contextmanager
def _folder(run: str | None) -> Iterator[Path]:
    """Give the run's folder, or one with the reference run that lasts as long as it is used."""
    if run is not None:
        yield Path(run)
        return
    from accelsim.config import load_machine  # noqa: PLC0415
    from accelsim.files import scratch_folder  # noqa: PLC0415
    from accelsim.network import load_network  # noqa: PLC0415
    from accelsim.runs import simulate  # noqa: PLC0415

    with scratch_folder() as folder:
        simulate(load_machine(), load_network(), 1, outdir=folder / "run")
        yield folder / "run"
