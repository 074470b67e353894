"""What `accelsim.simulate` returns: a finished run that can be asked, drawn and tabulated."""

import html
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal

from accelsim import simulation
from accelsim.analysis import Figure
from accelsim.errors import InputError, nearest
from accelsim.plots import WIDTHS
from accelsim.quantities import heading
from accelsim.trace import EVERY_RECORD, Window
from accelsim.wording import of_arguments

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd

    from accelsim.api.answers import Explanation
    from accelsim.api.asking import Metric

Table = Literal["schedule", "records", "ledger", "images"]
Kind = Literal["timeline", "energy"]
_KINDS = ("timeline", "energy")
_SHOWN = ("latency", "throughput", "energy_per_image", "accuracy")


@dataclass(frozen=True, eq=False, repr=False)
class Result(simulation.Result):
    """A finished run.

    Attributes
    ----------
    machine, network, program
        What was run; of tenants the first network and its program.
    stats
        Every figure with its unit: `result.stats.latency`, `result.stats.energy.total`.
    ledger
        Energy: count x price for each component, step and action.
    times
        When each image arrived, was loaded and was done, in ps.
    schedule
        The steps of the first image; times in ps, energies in aJ.
    values
        Features, logits and classes; None if the network has no weights or no images.
    no_values
        Why there are none.
    outdir
        The run directory, or None.
    tenants
        The share of each; empty for a network that is alone.
    skipped, not_skipped
        Images that were not run event by event, as the machine repeated itself; or why none.
    classification
        What is behind the handoff, with times and a ledger of its own; None for a run that ends
        there. Its figures: `result.stats.classification`.
    seed
        Of the die and of all noise.
    kept
        The window of the records that the trace has, an open one for all; None for none.
    arrays_sha256
        Hash of images and labels that were given as arrays; "" for those of a data set.

    Examples
    --------
    >>> import accelsim
    >>> result = accelsim.simulate("irmen", "mnist", images=3)
    >>> result
    mnist on irmen, 3 images
    Latency           42 ns
    Throughput        23.81 Mimages/s
    Energy per image  99.72 pJ
    Accuracy          100.00 % (ideal cells)
    >>> result.stats.latency.to("ns")
    42.0
    """

    seed: int = 0
    kept: Window | None = field(default=EVERY_RECORD, repr=False)
    arrays_sha256: str = ""

    @classmethod
    def of(
        cls, found: simulation.Result, seed: int, kept: Window | None, arrays_sha256: str = ""
    ) -> "Result":
        """Return a finished run with what was asked of it."""
        parts = {each.name: getattr(found, each.name) for each in fields(simulation.Result)}
        return cls(**parts, seed=seed, kept=kept, arrays_sha256=arrays_sha256)

    def to_pandas(self, table: Table = "schedule") -> "pd.DataFrame":
        """Return a table of the run as a pandas data frame; pandas is an extra.

        Parameters
        ----------
        table
            schedule: the steps of the first image. records: the trace. ledger: as ledger.csv.
            images: times of each, with label and predicted class. Units are in the names.

        Returns
        -------
        pandas.DataFrame
            A row for each step, record, ledger line or image.

        Raises
        ------
        accelsim.errors.InputError
            Without pandas, and for another name.

        Examples
        --------
        >>> import accelsim
        >>> schedule = accelsim.simulate("irmen", "mnist").to_pandas()
        >>> len(schedule), int(schedule.energy_aJ.sum())
        (14, 99722000)
        """
        from accelsim.api.frames import frame_of  # noqa: PLC0415 - above this module's needs

        return frame_of(self, table)

    @of_arguments
    def plot(
        self, kind: Kind = "timeline", width: float = WIDTHS["page"]
    ) -> "matplotlib.figure.Figure":
        """Return a figure of the run, which a notebook shows.

        Parameters
        ----------
        kind
            timeline: what each block did when, of the first image (of several contexts, the first
            of each). energy: energy per image by layer and by block.
        width
            Inches; both columns of a journal page if not given.

        Returns
        -------
        matplotlib.figure.Figure
            Save it with `figure.savefig`.

        Raises
        ------
        accelsim.errors.InputError
            For another kind, and for a timeline of a run that keeps no records.

        Examples
        --------
        >>> import accelsim
        >>> figure = accelsim.simulate("irmen", "mnist").plot("energy")
        >>> [axes.get_xlabel() for axes in figure.axes]
        ['energy per image, pJ', 'energy per image, pJ']
        """
        if kind not in _KINDS:
            raise InputError(
                f"kind '{kind}': expected one of {', '.join(_KINDS)}{nearest(kind, _KINDS)}"
            )
        from accelsim.api import drawing  # noqa: PLC0415 - loads matplotlib

        if kind == "energy":
            return drawing.energy_figure(self, width)
        picture: matplotlib.figure.Figure = drawing.draw_timeline(self, width=width)
        return picture

    def explain(
        self, metric: "Metric | None" = None, image: int | None = None, *, full: bool = False
    ) -> "Explanation":
        """Say why the run is what it is, as `accelsim.explain` of it does.

        Parameters
        ----------
        metric
            latency, energy, stalls, utilization, or load of a stream; what matters of each if None.
        image
            Whose latency and energy are explained; the first of the run if None.
        full
            Whether the text has every record, step and unit.

        Returns
        -------
        Explanation
            Prints as the command does, with what other machines would do.

        Raises
        ------
        accelsim.errors.InputError
            As `accelsim.explain`.

        Examples
        --------
        >>> import accelsim
        >>> why = accelsim.simulate("irmen", "mnist").explain()
        >>> why.text.splitlines()[1]
        'Limited by settling: write phases are 28 of 42 cycles of image 0 (read phases'
        """
        from accelsim.api import asking  # noqa: PLC0415 - above this module

        return asking.explain(self, metric, image, full=full)

    def __repr__(self) -> str:
        lines = [self._title]
        lines += [f"{name:<16}  {value}" for name, value in self._lines()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
            f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
            for name, value in self._lines()
        )
        return f"<table><caption>{html.escape(self._title)}</caption>{rows}</table>"

    @property
    def _title(self) -> str:
        number = self.stats.images.value
        what = self.network.name
        if self.tenants:
            what = ", ".join(f"{each.tenant.name}={each.tenant.network.name}"
                             for each in self.tenants)  # fmt: skip
        return f"{what} on {self.machine.name}, {number:,} image{'s' * (number != 1)}"

    def _lines(self) -> Iterator[tuple[str, str]]:
        """Give name and text of the figures that matter most, and what has to be said of them."""
        for key in _SHOWN:
            figure: Figure | None = getattr(self.stats, key)
            of = f" ({self.cells})" if key == "accuracy" else ""
            if figure is not None:
                yield heading(key), f"{figure}{of}"
        to_label = self.stats.classification
        if to_label is not None:
            yield "To the label", f"{to_label.latency}, {to_label.energy_per_image} per image"
        if self.no_values:
            yield "No values", self.no_values
        if self.outdir is not None:
            yield "Run directory", str(self.outdir)
        for text in self.warnings:
            yield "Warning", text
