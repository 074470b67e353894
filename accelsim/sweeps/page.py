"""A sweep as one page of HTML that needs nothing else: no network, no other file.

Linked plots, parallel coordinates and a table of all points; its scripts are in `web`.
"""

from html import escape

from accelsim.pages import fill
from accelsim.quantities import label
from accelsim.sweeps.columns import DIGEST
from accelsim.sweeps.page_data import page_data
from accelsim.sweeps.sweeping import Sweep
from accelsim.version import __version__

# One module: what a script of the list defines, those after it use.
_SCRIPTS = (
    "quantities", "data", "scale", "filter", "layers", "scatter", "parallel", "design", "table",
    "main",
)  # fmt: skip


def page_html(sweep: Sweep) -> str:
    """Return the page of a sweep: same rows, same bytes."""
    space = sweep.space
    return fill(
        "accelsim.sweeps",
        _SCRIPTS,
        page_data(sweep),
        title=escape(f"accelsim sweep: {space.name}"),
        shown=escape(space.description),
        figures=_figures(sweep),
        provenance=escape(_provenance(sweep)),
    )


def _figures(sweep: Sweep) -> str:
    space = sweep.space
    goals = [f"{label(name)} {goal}" for name, goal in space.objectives.items()]
    figures = {
        "points": f"{sweep.rows.num_rows:,} of {sweep.total:,}",
        "failed": f"{sweep.failed:,}",
        "on the Pareto front": f"{int(sweep.front.sum()):,}",
        "objectives": ", ".join(goals),
    }
    return "\n".join(
        f"<div><dt>{escape(title)}</dt><dd>{escape(text)}</dd></div>"
        for title, text in figures.items()
    )


def _provenance(sweep: Sweep) -> str:
    space = sweep.space
    digest = (sweep.rows.schema.metadata or {}).get(DIGEST, b"").decode()
    return (
        f"accelsim {__version__}; space {space.name}, {space.sample.method} of "
        f"{', '.join(axis.name for axis in space.axes)}; {len(space.images):,} images; "
        f"digest {digest}."
    )
