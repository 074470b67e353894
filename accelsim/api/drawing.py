"""Figures of a run: timelines, and where its energy goes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.figure
from matplotlib.axes import Axes

from accelsim.analysis import Figure
from accelsim.api.opened import RunLike, run_of
from accelsim.errors import InputError, nearest
from accelsim.quantities import axis
from accelsim.runs import RecordedRun
from accelsim.simulation.result import Result
from accelsim.timeline import FORMATS, RunView
from accelsim.timeline import write_timeline as write_files
from accelsim.timeline.figure import draw_figure
from accelsim.trace import Window, parse_window
from accelsim.wording import of_arguments

# Inches: both columns of a journal page, and wide enough for a notebook.
_WIDTH, _BAR, _EDGE = 7.16, 0.22, 0.7


@of_arguments
def draw_timeline(
    run: RunLike,
    *,
    start: str | None = None,
    end: str | None = None,
    image: int | str | None = None,
    components: Sequence[str] | None = None,
    width: float | None = None,
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
        Inches; 7.16, both columns of a journal page, if None.

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
    return draw_figure(RunView(opened, window), _WIDTH if width is None else width)


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
    width: float | None = None,
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
    return write_files(view, folder, list(formats), _WIDTH if width is None else width)


def energy_figure(result: Result, width: float | None = None) -> matplotlib.figure.Figure:
    """Return a figure of the energy per image by layer, and by block of the machine."""
    energy, images = result.stats.energy, result.stats.images
    parts = (("layer", energy.by_layer), ("block", energy.by_block))
    rows = sum(len(bars) for _, bars in parts)
    height = rows * _BAR + 2 * _EDGE
    figure = matplotlib.figure.Figure(
        figsize=(_WIDTH if width is None else width, height), layout="constrained"
    )
    ratios = [len(bars) for _, bars in parts]
    panels = figure.subplots(2, 1, gridspec_kw={"height_ratios": ratios})
    for axes, (what, bars) in zip(panels, parts, strict=True):
        _draw_bars(axes, bars, images)
        axes.set_ylabel(f"by {what}")
    figure.suptitle(f"{result.network.name} on {result.machine.name}", fontsize="medium")
    return figure


def _draw_bars(axes: Axes, bars: Mapping[str, Figure], images: Figure) -> None:
    energies = [energy.to("pJ") / images for energy in bars.values()]
    drawn = axes.barh(range(len(bars)), energies)
    axes.set_yticks(range(len(bars)), list(bars), parse_math=False)
    axes.bar_label(drawn, fmt="{:.4g}", padding=3, fontsize="small")
    axes.margins(x=0.12)
    axes.invert_yaxis()
    axes.set_xlabel(axis("energy_per_image", "pJ"))
    axes.spines[["top", "right"]].set_visible(False)


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
