"""The timeline as one page of HTML that needs nothing else: no network, no other file."""

import json
import re
from html import escape
from string import Template
from typing import Any

import bokeh
from bokeh.embed import json_item
from bokeh.resources import Resources

from accelsim.quantities import label
from accelsim.resources import text_of
from accelsim.timeline.content import MOST_RECORDS, Content, read_content
from accelsim.timeline.plots import page_layout
from accelsim.timeline.view import RunView, describe
from accelsim.units import render
from accelsim.version import __version__

_FIGURES = (
    "latency", "cycles_per_image", "energy_per_image", "throughput", "images", "makespan",
)  # fmt: skip
_LOAD = ("arrival_rate", "time_in_system_p50", "time_in_system_p99", "queue_length_max")
_MODEL = re.compile(r"p\d+")


def page_html(view: RunView) -> str:
    """Return the page of a view; InputError if its window holds no record."""
    content = read_content(view)
    item: Any = json_item(page_layout(view, content))
    bokeh_js = Resources(mode="inline", components=["bokeh", "bokeh-widgets"]).render()
    return Template(_file("page.html")).substitute(
        title=escape(f"accelsim timeline: {view.run.name}"),
        style=_file("page.css"),
        bokeh=bokeh_js,
        figures=_figures(view),
        shown=_shown(view, content),
        provenance=escape(_provenance(view)),
        # Text of the run must not end the script that it stands in.
        page=json.dumps(_renamed(item)).replace("<", "\\u003c"),
    )


def _file(name: str) -> str:
    return text_of("accelsim.timeline", name).rstrip()


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
        return f"The page holds all {records:,} records {whose}."
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


def _provenance(view: RunView) -> str:
    manifest = view.run.manifest
    trace = manifest["files"]["trace.parquet"]["sha256"]
    return (
        f"accelsim {__version__} from a run of accelsim {manifest['accelsim']}: "
        f"{' '.join(manifest['command'])}; seed {manifest['seed']}; "
        f"window: {describe(view.window)}; trace SHA-256 {trace}. "
        f"Drawn with Bokeh {bokeh.__version__} (BSD licence), which is inside this page."
    )


def _renamed(item: Any) -> Any:
    """Return the item with models numbered from 1: bokeh numbers on from page to page."""
    names: dict[str, str] = {}

    def walk(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: walk(inner, name) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [walk(inner) for inner in value]
        if key in ("id", "root_id") and isinstance(value, str) and _MODEL.fullmatch(value):
            return names.setdefault(value, f"p{len(names) + 1}")
        return value

    return walk(item)
