"""What `accelsim explain` prints of a stream: why the slowest images are slow."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.console import Console
from rich.table import Table

from accelsim.analysis.stalls import MEANINGS
from accelsim.analysis.tail import SHARE, Tail
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
        console.print(f"{name}: {_in_words(tail)}")
        for line in _lines(tail):
            console.print(line)


def print_load_in_short(console: Console, report: why.LoadReport) -> None:
    """Print the percentile, what most of it is, and behind whom it was waited."""
    tail = report.tail
    for line in (_in_words(tail), _queue(tail), _burst(tail)):
        console.print(line)
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
    rows.append(("", "  of it for its planes", *tail.planes_ps))
    for where, reason, *times in rows:
        table.add_row(where, reason, *_means(times, tail), end_section=not where)
    whole = (tail.limit_ps, tail.tail_ps, tail.all_ps)
    table.add_row("", "time in system", *_means(whole, tail))
    return table


def _means(times: Sequence[int], tail: Tail) -> Iterator[str]:
    for time, number in zip(times, (1, len(tail.images), tail.of), strict=True):
        yield render(time / number, "ps")


def _lines(tail: Tail) -> Iterator[str]:
    yield _queue(tail)
    yield _burst(tail)
    if len(tail.images) == tail.of > 1:
        yield "No image takes less."
        return
    yield f"At or above it: {_spans(tail.images)}."
    if tail.of_bursts > 1:
        parts = [f"{_span(b.first, b.last)} ({b.tail:,})" for b in tail.bursts[:_MOST_BURSTS]]
        more = tail.of_bursts - _MOST_BURSTS
        rest = f", and {more:,} more" if more > 0 else ""
        yield f"In {tail.of_bursts:,} bursts, with so many of them: {', '.join(parts)}{rest}."


def _in_words(tail: Tail) -> str:
    """Say the percentile, and what the slowest images spend their time on, the longest parts."""
    number = len(tail.images)
    parts = [
        (one.tail_ps, f"waiting for {MEANINGS.get(one.reason, one.reason)} ({one.where})")
        for one in tail.shares
        if one.tail_ps
    ]
    parts.append((tail.own_ps[1], f"in {'their' if number > 1 else 'its'} own steps"))
    parts.sort(key=lambda part: -part[0])
    listed = ", ".join(f"{render(time / number, 'ps')} {what}" for time, what in parts[:3])
    who = f"the {number:,} images at and above it spend, on average," if number > 1 else "it spends"
    return (
        f"{SHARE} % of {tail.of:,} images take {render(tail.limit_ps, 'ps')} at most in the "
        f"system; {who} {listed}."
    )


def _queue(tail: Tail) -> str:
    """Say behind which images the first at the percentile waited."""
    behind = tail.behind
    came = f"Image {tail.image}, the first at it, came at {render(tail.arrived_ps, 'ps', 6)} and"
    if not behind:
        return f"{came} waited behind no image."
    nearest = ", ".join(map(str, behind[:_NEAREST]))
    if len(behind) > _NEAREST:
        nearest += f"{' ...' if len(behind) > _NEAREST + 1 else ','} {behind[-1]}"
    later = f", of which {tail.overtook:,} came later" if tail.overtook else ""
    number = f"{len(behind):,} images in turn" if len(behind) > 1 else "1 image"
    begun = "" if tail.begun_by == behind[-1] else f"; the queue began with image {tail.begun_by}"
    return f"{came} waited behind {number}{later}: {nearest}{begun}."


def _burst(tail: Tail) -> str:
    """Say how the burst of an image came, against the stream as a whole."""
    burst = tail.burst
    lasted, came = burst.end_ps - burst.begin_ps, burst.last_arrival_ps - burst.begin_ps
    if burst.images == 1:
        return f"No other image was in the system meanwhile: {render(lasted, 'ps')}."
    text = f"Its burst: {burst.images:,} images, {burst.first} to {burst.last}, "
    if came:
        rate = (burst.images - 1) * PS_PER_S / came
        text += f"came in {render(came, 'ps')} ({_rate(rate)}; whole stream {_rate(tail.rate)})"
    else:
        text += "came at once"
    served = burst.images * PS_PER_S / lasted
    return f"{text}; the machine took {render(lasted, 'ps')} for them ({_rate(served)})."


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
