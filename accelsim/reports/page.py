"""A reproduction as one HTML page that needs nothing else: table, charts, how to read them."""

from html import escape
from pathlib import Path

from accelsim.errors import InputError
from accelsim.files import write_text
from accelsim.reports import chains
from accelsim.reports.charts import energy_svg, schedule_svg
from accelsim.reports.provenance import Provenance
from accelsim.reports.reproduction import GROUPS, VERDICTS, ReproducedFigure, Reproduction
from accelsim.resources import display
from accelsim.units import render
from accelsim.version import __version__

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1080px; margin: 2em auto; padding: 0 1em;
  color: #1c1c1c; background: #fff; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; font-size: 0.92em; table-layout: fixed; }
col.a { width: 29%; } col.b { width: 14%; } col.c { width: 13%; } col.d { width: 8%; }
col.e { width: 11%; }
th { text-align: left; border-bottom: 2px solid #999; padding: 0.3em 0.6em; }
td { vertical-align: top; border-bottom: 1px solid #ddd; padding: 0.35em 0.6em; }
td.off { text-align: right; white-space: nowrap; }
.note { color: #555; font-size: 0.9em; } svg { max-width: 100%; height: auto; }
.verdict { padding: 0.05em 0.5em; border-radius: 0.6em; white-space: nowrap; background: #eee; }
details { margin-top: 0.3em; } details ul { margin: 0.2em 0 0.2em 1em; padding: 0; }
details li { list-style: none; border-left: 2px solid #ddd; padding-left: 0.5em; }
.agrees, .consistent { background: #d9eed9; } .calibrated { background: #fbe6c8; }
.differs { background: #f6d0cc; }
"""


def check_place(path: Path) -> None:
    """Raise InputError if a file cannot be written there: before the work, not after it."""
    if path.is_dir():
        raise InputError(f"{display(path)}: is a folder; expected the name of a file")
    if not path.parent.is_dir():
        raise InputError(f"{display(path)}: the folder {display(path.parent)} does not exist")


def write_page(found: Reproduction, path: Path) -> None:
    """Write the page whole or not at all; InputError if it cannot be written."""
    write_text(path, page(found))


def page(found: Reproduction) -> str:
    """Return the page; the same bytes for the same reproduction."""
    title = (
        f"Published figures of a spintronic CeNN accelerator, reproduced by accelsim {__version__}"
    )
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(_summary(found))}</p><dl>",
        *(f"<dt>{_badge(name)}</dt><dd>{escape(text)}</dd>" for name, text in VERDICTS.items()),
        "</dl>",
    ]
    for group, heading in GROUPS.items():
        parts.append(f"<h2>{escape(heading)}</h2>")
        parts.append(_table(group, found))
    for name, result in found.results.items():
        latency = render(result.stats.latency.value, "ps")
        energy = render(result.stats.energy_per_image.value, "aJ")
        heading = f"Schedule of an image, {name}: {latency}, {energy}"
        parts.append(f"<h2>{escape(heading)}</h2>{schedule_svg(result, found.network.name)}")
    parts.append(f"<h2>Energy by layer</h2>{energy_svg(found.results, found.network.name)}")
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _summary(found: Reproduction) -> str:
    return (
        f"{len(found.rows)} figures, computed by one command (accelsim reproduce) from the "
        f"machines {' and '.join(found.results)} that ship, on the network "
        f"'{found.network.name}'. Nothing in the column 'ours' is written down anywhere."
    )


def _table(group: str, found: Reproduction) -> str:
    rows = [row for row in found.rows if row.group == group]
    first = "by hand" if group == "expected" else "published"
    head = "".join(
        f"<th>{name}</th>" for name in ("figure", first, "ours", "off by", "", "rests on")
    )
    lines = "".join(_line(row, found.provenance) for row in rows)
    columns = "".join(f'<col class="{name}">' for name in "abcdef")
    return f"<table>{columns}<tr>{head}</tr>{lines}</table>"


def _badge(verdict: str) -> str:
    name = verdict.partition(",")[0]
    return f'<span class="verdict {name}">{escape(verdict).replace(", ", ",<br>")}</span>'


def _chain(row: ReproducedFigure, graph: Provenance) -> str:
    """Return all that a figure follows from, folded: a list within a list for each step."""
    if not row.figure:
        return ""
    parts, depth = [], -1
    for line in chains.tree(graph, row.figure):
        parts.append("<ul>" * (line.depth - depth) + "</ul>" * (depth - line.depth))
        depth = line.depth
        source = "" if line.again or not line.node.source else f" | {line.node.source}"
        parts.append(f"<li>{escape(line.text)}{' (above)' if line.again else escape(source)}</li>")
    parts.append("</ul>" * (depth + 1))
    return f"<details><summary>from</summary>{''.join(parts)}</details>"


def _line(row: ReproducedFigure, graph: Provenance) -> str:
    because = f"<br>{escape(row.because)}" if row.because else ""
    reason = f"<br>{escape(row.reason)}" if row.reason else ""
    return (
        f'<tr><td>{escape(row.what)}<div class="note">{escape(row.source)}{reason}</div></td>'
        f"<td>{escape(row.published)}</td><td>{escape(row.ours)}</td>"
        f'<td class="off">{escape(row.difference)}</td>'
        f"<td>{_badge(row.verdict)}</td>"
        f'<td class="note">{escape(row.rests)}{because}{_chain(row, graph)}</td></tr>'
    )
