"""The timeline as one page of HTML that needs nothing else: no network, no other file.

Its script draws on canvases of its own. A library of plots stood in the way: each of its plots has
an axis of its own, so that a ruler that is always in sight, arrows and cursors across plots, and
rows by the hundred were beside it rather than in it; and it was most of the page's size.
"""

from html import escape

from accelsim.pages import fill
from accelsim.quantities import label
from accelsim.timeline.content import MOST_RECORDS, Content, read_content
from accelsim.timeline.payload import page_data
from accelsim.timeline.view import RunView, describe
from accelsim.units import render
from accelsim.version import __version__

# One module: what a script of the list defines, those after it use.
_SCRIPTS = (
    "units", "data", "view", "looks", "bars", "curves", "names", "ruler", "facts", "flows",
    "panel", "search", "legend", "gestures", "keys", "main",
)  # fmt: skip
_FIGURES = (
    "latency", "cycles_per_image", "energy_per_image", "throughput", "images", "makespan",
)  # fmt: skip
_LOAD = ("arrival_rate", "time_in_system_p50", "time_in_system_p99", "queue_length_max")


def page_html(view: RunView) -> str:
    """Return the page of a view; InputError if its window holds no record."""
    content = read_content(view)
    return fill(
        "accelsim.timeline",
        _SCRIPTS,
        page_data(view, content),
        title=escape(f"accelsim timeline: {view.run.name}"),
        figures=_figures(view),
        shown=_shown(view, content),
        provenance=escape(_provenance(view)),
        peak_of=_peak_of(view, content),
        lanes=view.run.machine.arrays.lanes.value - 1,
    )


def _figures(view: RunView) -> str:
    machine = view.run.machine
    figures = {label(name): view.figure(name) for name in _FIGURES}
    figures["images"] = figures["images"].removesuffix(" images")
    load = view.run.stats.get("load", {})
    for name in _LOAD:
        if name in load:
            figures[label(name)] = view.rendered(load[name])
    figures["clock cycle"] = render(view.period_ps, "ps", 12)
    figures["step"] = (
        f"{machine.timing.read_cycles.value} read + {machine.timing.write_cycles.value} write "
        "cycles"
    )
    figures["contexts"] = f"{view.contexts}"
    return "\n".join(
        f"<div><dt>{escape(title)}</dt><dd>{escape(text)}</dd></div>"
        for title, text in figures.items()
    )


def _shown(view: RunView, content: Content) -> str:
    """Return what the page holds, and how to see the rest, as HTML."""
    records = view.run.kept_trace.records
    whose = f"that the run keeps ({view.only})" if view.only else "of the run"
    if content.whole and not view.window:
        held = f"all {records:,} records" if records > 1 else "the one record"
        return f"The page holds {held} {whose}."
    start, end = (render(time, "ps", 12) for time in content.held_ps)
    text = f"The page holds {content.records:,} of the {records:,} records {whose}: "
    text += f"{describe(view.window)}, " if view.window else ""
    text += f"the first {MOST_RECORDS:,}, " if content.detail.until_ps is not None else ""
    over = "what it keeps" if view.only else "the whole run"
    if content.held_ps != (view.window.start_ps, view.window.end_ps):
        text += f"{start} to {end}"
    text = f"{text.removesuffix(', ')}. Power, energy and utilization are of {over}"
    if view.window.components:
        text += ", of these components alone"
    commands = ("--image 100:110", "--from '1 us' --to '2 us'")
    others = " or ".join(f"<code>accelsim timeline RUN {words}</code>" for words in commands)
    return f"{escape(text)}. Other records: {others}."


def _peak_of(view: RunView, content: Content) -> str:
    width = content.power.width_ps
    number = width // view.period_ps
    return "one cycle" if number == 1 else f"{number} cycles ({render(width, 'ps', 12)})"


def _provenance(view: RunView) -> str:
    manifest = view.run.manifest
    trace = manifest["files"]["trace.parquet"]["sha256"]
    return (
        f"accelsim {__version__} from a run of accelsim {manifest['accelsim']}: "
        f"{' '.join(manifest['command'])}; seed {manifest['seed']}; "
        f"window: {describe(view.window)}; trace SHA-256 {trace}."
    )
