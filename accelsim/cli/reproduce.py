"""`accelsim reproduce`: every published figure with ours beside it."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from accelsim.cli.consoles import plain_console
from accelsim.cli.destinations import FILE
from accelsim.cli.jsons import JsonOption, print_json
from accelsim.cli.options import whole_of

if TYPE_CHECKING:
    from accelsim.reports.reproduction import ReproducedFigure

_WIDE, _NARROW = 100, 80


def reproduce(
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Write one page with the table and its charts.",
            callback=FILE,
        ),
    ] = None,
    images: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_of("--images", 1),
            help="Digits for the accuracy; all if not given.",
        ),
    ] = None,
    why: Annotated[
        str | None,
        typer.Option(
            metavar="FIGURE",
            help="Print all that a figure or constant follows from, without computing anything.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compute every published figure on the shipped machines and cells: about half a minute."""
    if why is not None:
        _print_why(why, as_json=as_json)
        return
    from accelsim.network import load_network  # noqa: PLC0415
    from accelsim.reports.page import check_place, write_page  # noqa: PLC0415
    from accelsim.reports.reproduction import reproduce as compute  # noqa: PLC0415

    if html is not None:
        check_place(html)
    errors = Console(stderr=True)
    with errors.status("starting") as status:
        found = compute(load_network("mnist"), images, status.update)
    if html is not None:
        write_page(found, html)
    if as_json:
        print_json([vars(row) for row in found.rows])
        return
    _print(plain_console(), found.rows)
    if html is not None:
        typer.echo(f"wrote {html}")


def _print_why(figure: str, *, as_json: bool) -> None:
    """Print the chain of a figure of the shipped machines."""
    from accelsim.cli.chain import chain_lines, verdict_lines  # noqa: PLC0415
    from accelsim.reports import chains  # noqa: PLC0415
    from accelsim.reports.reproduction import shipped_provenance  # noqa: PLC0415

    graph = shipped_provenance()
    name = graph.find(figure)
    if as_json:
        print_json(chains.as_plain(graph, name))
        return
    for line in (*verdict_lines(graph, name, _NARROW), *chain_lines(graph, name, _NARROW)):
        typer.echo(line)


def _print(console: Console, rows: "tuple[ReproducedFigure, ...]") -> None:
    from accelsim.reports.reproduction import GROUPS, VERDICTS  # noqa: PLC0415

    for group, title in GROUPS.items():
        chosen = [row for row in rows if row.group == group]
        console.print(_table(group, title, chosen, wide=console.width >= _WIDE))
    counts = Counter(row.verdict for row in rows)
    console.print(f"{len(rows)} figures:", style="bold")
    for verdict, text in VERDICTS.items():
        console.print(f"{counts[verdict]:>4} {verdict:<27} {text}")
    console.print("What a figure follows from, to the root: accelsim reproduce --why FIGURE")


def _table(group: str, title: str, rows: "list[ReproducedFigure]", *, wide: bool) -> Table:
    from accelsim.cli.tables import new_table  # noqa: PLC0415

    first = "by hand" if group == "expected" else "published"
    names = ("figure", first, "ours", "off by", "verdict")
    table = new_table(title, left=(*names[:3], names[4]), right=("off by",), order=names)
    for row in rows:
        what = Text(row.what)
        if wide:
            what.append(f"\n{_note(row)}", style="dim")
        table.add_row(what, row.published, row.ours, row.difference, row.verdict)
    if not wide:
        table.caption = Text("\n".join(f"{row.what}: {_note(row)}" for row in rows))
    return table


def _note(row: "ReproducedFigure") -> str:
    return ". ".join(part for part in (_rests(row), _because(row), row.reason) if part)


def _because(row: "ReproducedFigure") -> str:
    """Return why the verdict is what it is, where that is more than the row shows."""
    return f"C{row.verdict[1:]}: {row.because}" if row.verdict == "calibrated" else ""


def _rests(row: "ReproducedFigure") -> str:
    return f"{row.source}. Rests on {row.rests}" if row.rests else row.source
