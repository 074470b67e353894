"""What `accelsim explain` prints of a stream: why the slowest images are slow."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.console import Console
from rich.table import Table

from accelsim.analysis.stalls import MEANINGS
from accelsim.analysis.tail import SHARE, Burst, Tail
from accelsim.cli.tables import new_table
from accelsim.reports import explanation as why
from accelsim.units import PS_PER_S, render

_MOST_SPANS, _MOST_BURSTS, _NEAREST = 6, 3, 3
_OWN = "its own steps"


def print_load(console: Console, report: why.LoadReport) -> None:
    """Print why the slowest images took so long; of several tenants, those of each, too."""
    console.print(_table(report.tail))
    for line in _lines(report.tail):
        console.print(line)
    for name, tail in report.tenants.items():
        console.print()
        console.print(f"{name}: {_head(tail)} {_most(tail)}.")
        for line in _lines(tail):
            console.print(line)


def print_load_in_short(console: Console, report: why.LoadReport) -> None:
    """Print the percentile, what most of it is, and behind whom it was waited."""
    tail = report.tail
    console.print(f"{_head(tail)} {_most(tail)}.")
    console.print(f"{_chain(tail)} {_burst(tail.burst, tail)}")
    console.print("Which images, and what else they waited for: accelsim explain RUN load")


def _table(tail: Tail) -> Table:
    number = len(tail.images)
    table = new_table(
        f"Why {SHARE} % of {tail.of:,} images take {render(tail.limit_ps, 'ps')} at most in the "
        "system",
        left=("where", "waits for"),
        right=(f"image {tail.image}", f"{number:,} slowest, mean", "all, mean"),
    )
    rows = [(s.where, MEANINGS.get(s.reason, s.reason), s.image_ps, s.tail_ps, s.all_ps)
            for s in tail.shares]  # fmt: skip
    rows.append(("in flight", _OWN, *tail.own_ps))
    for where, reason, *times in rows:
        table.add_row(where, reason, *_means(times, tail), end_section=reason is _OWN)
    whole = (tail.limit_ps, tail.tail_ps, tail.all_ps)
    table.add_row("", "time in the system", *_means(whole, tail))
    return table


def _means(times: Sequence[int], tail: Tail) -> Iterator[str]:
    for time, number in zip(times, (1, len(tail.images), tail.of), strict=True):
        yield render(time / number, "ps")


def _lines(tail: Tail) -> Iterator[str]:
    came = render(tail.arrived_ps, "ps", 6)
    yield f"Image {tail.image}, the first at the percentile, came at {came}. {_chain(tail)}"
    yield _burst(tail.burst, tail)
    yield f"At or above it: {_spans(tail.images)}."
    if len(tail.bursts) > 1:
        parts = [f"{_span(b.first, b.last)} ({b.tail:,})" for b in tail.bursts[:_MOST_BURSTS]]
        more = len(tail.bursts) - _MOST_BURSTS
        rest = f", and {more:,} more" if more > 0 else ""
        yield f"In {len(tail.bursts):,} bursts, with so many of them: {', '.join(parts)}{rest}."


def _head(tail: Tail) -> str:
    number = len(tail.images)
    slowest = f"the {number:,} images at and above it take" if number > 1 else "that image takes"
    return (
        f"{SHARE} % of {tail.of:,} images take {render(tail.limit_ps, 'ps')} at most in the "
        f"system; {slowest}"
    )


def _most(tail: Tail) -> str:
    """Say what the slowest images spend their time on, on average, the longest parts of it."""
    parts = [(one.tail_ps, f"waiting for {MEANINGS.get(one.reason, one.reason)} ({one.where})")
             for one in tail.shares if one.tail_ps]  # fmt: skip
    parts.append((tail.own_ps[1], f"in {_OWN}"))
    parts.sort(key=lambda part: -part[0])
    number = len(tail.images)
    listed = ", ".join(f"{render(time / number, 'ps')} {what}" for time, what in parts[:3])
    return f"{listed}{' on average' if number > 1 else ''}"


def _chain(tail: Tail) -> str:
    chain = tail.chain
    if not chain:
        return "It waited behind no image."
    number = f"{len(chain):,} images in turn" if len(chain) > 1 else "1 image"
    nearest = ", ".join(map(str, chain[:_NEAREST]))
    if len(chain) > _NEAREST + 1:
        nearest += f" ... {chain[-1]}"
    elif len(chain) > _NEAREST:
        nearest += f", {chain[-1]}"
    return f"It waited behind {number}: {nearest}."


def _burst(burst: Burst, tail: Tail) -> str:
    """Say how the burst of an image came, against the stream as a whole."""
    lasted = render(burst.end_ps - burst.begin_ps, "ps")
    if burst.images == 1:
        return f"No other image was in the system meanwhile: {lasted}."
    text = (
        f"Its burst: {burst.images:,} images from {burst.first} to {burst.last} came in "
        f"{render(burst.last_arrival_ps - burst.begin_ps, 'ps')}"
    )
    span = burst.last_arrival_ps - burst.begin_ps
    if span and tail.span_ps and tail.of > 1:
        rate = (burst.images - 1) * PS_PER_S / span
        mean = (tail.of - 1) * PS_PER_S / tail.span_ps
        text += f" ({_rate(rate)}; mean of {tail.of:,}: {_rate(mean)})"
    served = burst.images * PS_PER_S / (burst.end_ps - burst.begin_ps)
    return f"{text}; the machine took {lasted} for them ({_rate(served)})."


def _rate(images_a_second: float) -> str:
    return render(images_a_second, "images/s", 3)


def _spans(images: Sequence[int]) -> str:
    """Return images in words: 'images 3, 7 to 12, and 40 more'."""
    ordered = sorted(images)
    breaks = [place for place, (a, b) in enumerate(pairwise(ordered), 1) if b != a + 1]
    edges = [0, *breaks, len(ordered)]
    spans = [(ordered[start], ordered[end - 1]) for start, end in pairwise(edges)]
    shown = spans[:_MOST_SPANS]
    rest = len(ordered) - sum(last - first + 1 for first, last in shown)
    more = f", and {rest:,} more" if rest else ""
    listed = ", ".join(_span(first, last) for first, last in shown)
    return f"image{'s' * (len(ordered) > 1)} {listed}{more}"


def _span(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
