"""Figures of a run: timelines, and where its energy goes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.figure
from matplotlib.axes import Axes

from accelsim.analysis import Figure
from accelsim.api.opened import RunLike, run_of
from accelsim.errors import InputError, nearest
from accelsim.plots import WIDTHS
from accelsim.plots.layout import add_caption, new_panels
from accelsim.plots.style import SMALL, look, styled
from accelsim.quantities import axis
from accelsim.runs import RecordedRun
from accelsim.simulation.result import Result
from accelsim.timeline import FORMATS, RunView
from accelsim.timeline import write_timeline as write_files
from accelsim.timeline.figure import draw_figure
from accelsim.trace import Window, parse_window
from accelsim.wording import of_arguments

PAGE = WIDTHS["page"]
"""Inches: both columns of a journal page, and wide enough for a notebook."""
_BAR, _EDGE = 0.17, 0.6


@of_arguments
def draw_timeline(
    run: RunLike,
    *,
    start: str | None = None,
    end: str | None = None,
    image: int | str | None = None,
    components: Sequence[str] | None = None,
    width: float = PAGE,
) -> matplotlib.figure.Figure:
    """Draw what each block of a machine did when, for a notebook or a paper.

    Parameters
    ----------
    run
        What `simulate` returned, or the path of a run directory.
    start, end
        A window of time, such as "42 ns"; the first image, or of several contexts the first of
        each, without a window.
    image
        One image, or a range "40:60".
    components
        Dotted paths, each with all that is below it: "circuit_a.lane0.bank".
    width
        Inches; both columns of a journal page if not given.

    Returns
    -------
    matplotlib.figure.Figure
        Save it with `figure.savefig`.

    Raises
    ------
    accelsim.errors.InputError
        For a window without a record, and a run that keeps no records.

    Examples
    --------
    >>> import accelsim
    >>> figure = accelsim.draw_timeline(accelsim.simulate("irmen", "mnist"), end="12 ns")
    >>> figure.axes[-1].get_xlabel()
    'time, ns'
    """
    opened = run_of(run)
    window = _window(opened, start, end, image, components)
    return draw_figure(RunView(opened, window), width)


@of_arguments
def write_timeline(  # noqa: PLR0913 - each is an option of the command
    run: RunLike,
    outdir: str | Path | None = None,
    formats: Sequence[str] = FORMATS,
    *,
    start: str | None = None,
    end: str | None = None,
    image: int | str | None = None,
    components: Sequence[str] | None = None,
    width: float = PAGE,
) -> list[Path]:
    """Write the files of a timeline, as `accelsim timeline` does: figures and a page to explore.

    Parameters
    ----------
    run
        What `simulate` returned with an `outdir`, or the path of a run directory.
    outdir
        Folder of the files; that of the run if None.
    formats
        Of png, svg and html.
    start, end, image, components, width
        As of `draw_timeline`; the page has the whole run without a window.

    Returns
    -------
    list of pathlib.Path
        The files.

    Raises
    ------
    accelsim.errors.InputError
        For a run in memory, another format, or a folder that cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import accelsim
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = accelsim.simulate("irmen", "mnist", outdir=f"{folder}/run")
    ...     [path.name for path in accelsim.write_timeline(run, formats=["svg"])]
    ['timeline.svg']
    """
    opened = run_of(run)
    if not opened.manifest["files"]:
        raise InputError("run: a result in memory; expected one of simulate(..., outdir=...)")
    for name in formats:
        if name not in FORMATS:
            raise InputError(
                f"formats: got '{name}'; expected some of {', '.join(FORMATS)}"
                f"{nearest(name, FORMATS)}"
            )
    window = _window(opened, start, end, image, components)
    folder = opened.path if outdir is None else Path(outdir)
    view = RunView(opened, window)
    return write_files(view, folder, list(formats), width)


def energy_figure(result: Result, width: float = PAGE) -> matplotlib.figure.Figure:
    """Return a figure of the energy per image by layer, and by block of the machine."""
    energy, images = result.stats.energy, result.stats.images
    parts = (energy.by_layer, energy.by_block)
    height = _BAR * max(map(len, parts)) + _EDGE
    with styled():
        figure, panels = new_panels(len(parts), width, height)
        for axes, bars in zip(panels, parts, strict=True):
            _draw_bars(axes, bars, images)
        add_caption(
            figure,
            f"Energy per image by layer (a) and by block (b). Network {result.network.name}, "
            f"n = {images.value:,} images; machine {result.machine.name}.",
        )
    return figure


def _draw_bars(axes: Axes, bars: Mapping[str, Figure], images: Figure) -> None:
    spent = {name: energy.to("pJ") / images for name, energy in bars.items() if energy}
    drawn = axes.barh(range(len(spent)), list(spent.values()), **look(0).area())
    axes.set_yticks(range(len(spent)), list(spent))
    axes.bar_label(drawn, fmt="{:.4g}", padding=2, fontsize=SMALL)
    axes.margins(x=0.18)
    axes.invert_yaxis()
    axes.set_xlabel(axis("energy_per_image", "pJ"))


def _window(
    run: RecordedRun,
    start: str | None,
    end: str | None,
    image: int | str | None,
    components: Sequence[str] | None,
) -> Window:
    images = None if image is None else str(image)
    window = parse_window(run.kept_trace, start, end, images, components)
    return window or run.kept or window
