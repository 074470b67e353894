"""What the commands of `accelsim workload` do: generate, write, survey, print."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from accelsim.arrivals import ArrivalFile, Arrivals, write_arrivals
from accelsim.arrivals.figure import survey_figure
from accelsim.arrivals.generators import Settings, generate
from accelsim.arrivals.merging import merged
from accelsim.arrivals.survey import Survey, survey
from accelsim.cli.consoles import is_stdout, plain_console, print_file
from accelsim.cli.jsons import print_json
from accelsim.cli.tables import new_table
from accelsim.errors import InputError
from accelsim.network.tenants import is_name
from accelsim.plots.files import save
from accelsim.resources import display, visible
from accelsim.units import PS_PER_S, UnitError, parse_rate, render
from accelsim.version import __version__

_BAR = 40
_BLOCKS = " ▁▂▃▄▅▆▇█"


def settings_of(rate: str, images: int, **others: Any) -> Settings:
    """Return settings of a generator; InputError for a rate that is none."""
    peak = others.pop("peak", "")
    chosen, mean = None if not peak else _rate("peak", peak), _rate("rate", rate)
    if chosen is not None and chosen <= mean:
        raise InputError(f"--peak {peak}: expected more than --rate {rate}")
    return Settings(images=images, rate=mean, peak=chosen, **others)


def _rate(option: str, text: str) -> Fraction:
    try:
        return parse_rate(text)
    except UnitError as error:
        raise InputError(f"--{option}: {error}") from None


def write(name: str, output: Path, settings: Settings, *, as_json: bool = False) -> None:
    """Generate arrivals, write the file, and say what they are like."""
    arrivals = generate(name, settings)
    rate = render(float(settings.rate), "Hz", 6)
    made = f"accelsim {__version__}: {name}, {rate}, {settings.images} images, seed {settings.seed}"
    _put(output, arrivals, made, f"{name}, {settings.images:,} images", as_json=as_json)


def _put(output: Path, arrivals: Arrivals, made: str, title: str, *, as_json: bool) -> None:
    """Write a file, and say what it is like; to standard output the file alone."""
    if is_stdout(output) and not as_json:
        print_file("arrivals.csv", lambda path: write_arrivals(path, arrivals, [made]))
        return
    if not is_stdout(output):
        write_arrivals(output, arrivals, [made])
    if as_json:
        print_json(_tree(survey(arrivals)) | {"files": [display(output)]})
        return
    plain_console().print(_table(survey(arrivals), title))
    typer.echo(f"written: {display(output)}")


def merge(streams: Sequence[str], output: Path, *, as_json: bool = False) -> None:
    """Merge the files of tenants, write the file, and say what it is like."""
    found: dict[str, Arrivals] = {}
    for stream in streams:
        name, equals, file = (part.strip() for part in stream.partition("="))
        if not equals or not file or not is_name(name):
            raise InputError(f"{visible(stream)}: expected NAME=FILE, such as cam=cam.csv")
        if name in found:
            raise InputError(f"{visible(stream)}: the name '{name}' is taken: another file has it")
        found[name] = ArrivalFile(Path(file)).arrivals()
        if found[name].tenant is not None:
            raise InputError(f"{display(Path(file))}: has a column 'tenant' already")
    arrivals = merged(found)
    named = ", ".join(f"{name} {len(part):,}" for name, part in found.items())
    title = f"merged, images of {named}"
    _put(output, arrivals, f"accelsim {__version__}: {title}", title, as_json=as_json)


def show(path: Path, outdir: Path | None, width: float, *, as_json: bool = False) -> None:
    """Print what a file is like; write the figure."""
    found = survey(ArrivalFile(path).arrivals())
    paths = []
    if outdir is not None:
        paths = save(survey_figure(found, path.name, width), outdir / path.stem)
    if as_json:
        print_json(_tree(found) | {"files": [display(each) for each in paths]})
        return
    console = plain_console()
    console.print(_table(found, display(path)))
    console.print(_rates(found))
    if len(found.histogram()[0]):
        console.print(_histogram(found))
    for each in paths:
        typer.echo(f"written: {each}")


def _tree(found: Survey) -> dict[str, object]:
    """Return the figures as JSON has them; None where a stream is too short for one."""
    shares = {"p1": 0.01, "p50": 0.5, "p99": 0.99, "max": 1.0}
    return {
        "images": found.number,
        "first_ps": found.first_ps,
        "last_ps": found.last_ps,
        "rate_per_s": found.rate,
        "distance_ps": {
            name: found.quantile(share) if len(found.gaps_ps) else None
            for name, share in shares.items()
        },
        "together": found.together,
        "burstiness": found.burstiness,
        "dispersion": found.dispersion,
        "deadlines": found.deadlines,
    }


def _table(found: Survey, title: str) -> Table:
    table = new_table(
        title,
        left=("figure", "what it means"),
        right=("value",),
        order=("figure", "value", "what it means"),
    )
    span = found.last_ps - found.first_ps
    rows = [
        ("images", f"{found.number:,}", ""),
        ("first, last", f"{_time(found.first_ps)}, {_time(found.last_ps)}", "time of arrival"),
        ("length", _time(span), "from the first to the last"),
    ]
    if found.rate is not None:
        rows.append(("rate", _often(found.rate), "mean, images a second"))
    if len(found.gaps_ps):
        middle = ", ".join(_time(found.quantile(share)) for share in (0.01, 0.5, 0.99, 1.0))
        rows.append(("distances", middle, "1 %, 50 %, 99 % and all of them are at most this"))
    rows.append(("together", f"{found.together:,}", "come at the same time as the one before"))
    if found.burstiness is not None:
        meaning = "-1: periodic, 0: independent (Poisson), towards 1: bursts"
        rows.append(("burstiness", f"{found.burstiness:.3f}", meaning))
    if found.dispersion is not None:
        meaning = "variance over mean of arrivals in windows of 10; 1: independent"
        rows.append(("dispersion", f"{found.dispersion:.3g}", meaning))
    if found.deadlines:
        rows.append(("deadlines", f"{found.deadlines:,}", "images that have one"))
    for row in rows:
        table.add_row(*row)
    return table


def _rates(found: Survey) -> str:
    """Return the rate over time as a line of blocks."""
    most = float(found.rates.max())
    scale = len(_BLOCKS) - 1
    line = "".join(_BLOCKS[-int(-scale * rate // most)] for rate in found.rates.tolist())
    return (
        f"Rate over time, up to {_often(most)}\n|{line}|\n"
        f" {_time(found.first_ps):<30}{_time(found.last_ps):>30}\n"
    )


def _histogram(found: Survey) -> Table:
    counts, edges = found.histogram()
    table = new_table(
        "Time since the image before",
        left=("share",),
        right=("from", "to", "images"),
        order=("from", "to", "images", "share"),
    )
    for count, low, high in zip(counts.tolist(), edges, edges[1:], strict=False):
        bar = "#" * round(_BAR * count / int(counts.max()))
        table.add_row(_time(low), _time(high), f"{count:,}", bar)
    return table


def _time(time_ps: int) -> str:
    for size, name in ((86_400, "days"), (3600, "h")):
        if time_ps >= size * PS_PER_S:
            return f"{time_ps / size / PS_PER_S:.4g} {name}"
    return render(time_ps, "ps", 4)


def _often(rate: float) -> str:
    return render(rate, "Hz") if rate >= 1 else f"{rate * 3600:.4g} an hour"
