"""Reads the text of a window: '42 ns', '40:60', '10 us..20 us', 'circuit_a.lane0.bank'."""

from collections.abc import Sequence

from accelsim.errors import InputError, nearest
from accelsim.topology import lineage
from accelsim.trace.reader import TraceFile, Window
from accelsim.units import TIME, UnitError, parse, read_whole
from accelsim.wording import given

_MOST = 2**63 - 1  # a trace has 64 bits for it
_DIGITS = 100


def parse_window(
    trace: TraceFile,
    start: str | None = None,
    end: str | None = None,
    image: str | None = None,
    components: Sequence[str] | None = None,
) -> Window:
    """Return the window of a trace that texts ask for; without any, the whole trace.

    Parameters
    ----------
    trace
        The trace that is cut; its components are known from its records.
    start, end
        Times with a unit, such as "42 ns": records that are going on in [start, end).
    image
        One image, "17", or a range, "40:60": 40 to 59.
    components
        Dotted paths, each with all that is below it: "circuit_a.lane0.bank".

    Raises
    ------
    InputError
        For a time without unit, a range that is reversed or empty, what is no image, and a
        component that the trace does not have. It names the option of the command.

    Examples
    --------
    >>> parse_window(trace, "0 ns", "0.5 us", image="40:60")
    Window(start_ps=0, end_ps=500000, images=(40, 60), components=(), imageless=False)
    """
    start_ps, end_ps = _time("from", start), _time("to", end)
    if end_ps is not None and end_ps <= (start_ps or 0):
        begin = given("from", start) if start else "0 ns, where the trace begins"
        raise InputError(f"{given('to', end)}: expected a time after {begin}")
    paths = tuple(dict.fromkeys(components or ()))
    if paths:
        _check_components(trace, paths)
    return Window(start_ps, end_ps, _images(image), paths)


def parse_kept(option: str, text: str) -> Window:
    """Return the window of '10 us..20 us' (times; one may be left out) or '40:60' (images).

    Raises InputError, naming the option, for what is neither, reversed or empty.

    Examples
    --------
    >>> parse_kept("trace-window", "10 us..20 us")
    Window(start_ps=10000000, end_ps=20000000, images=None, components=(), imageless=False)
    """
    first, dots, last = text.partition("..")
    if not dots:
        return Window(images=_images(text, option))
    start_ps = _time(option, first.strip() or None)
    end_ps = _time(option, last.strip() or None)
    if (start_ps, end_ps) == (None, None):
        raise InputError(f"{given(option, text)}: expected a time before or after the dots")
    if end_ps is not None and end_ps <= (start_ps or 0):
        raise InputError(f"{given(option, text)}: expected an end after {first.strip() or '0 ns'}")
    return Window(start_ps, end_ps)


def _time(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse(text, TIME)
    except UnitError as error:
        raise InputError(f"{given(option, text)}: {error}") from None


def _images(text: str | None, option: str = "image") -> tuple[int, int] | None:
    if text is None:
        return None
    first, colon, last = text.partition(":")
    try:
        begin = read_whole(first, _DIGITS)
        numbers = begin, read_whole(last, _DIGITS) if colon else begin + 1
    except ValueError:
        raise InputError(
            f"{given(option, text[:40])}: expected a number such as 17, or a range such as 40:60"
        ) from None
    if max(numbers) > _MOST:
        raise InputError(f"{given(option, text)}: out of range; image numbers end before {_MOST}")
    if not 0 <= numbers[0] < numbers[1]:
        raise InputError(
            f"{given(option, text)}: expected an image from 0 upwards, or a range whose last, "
            "which is left out, comes after its first"
        )
    return numbers


def _check_components(trace: TraceFile, paths: Sequence[str]) -> None:
    known: set[str] = set()
    for batch in trace.batches(columns=["component"]):
        known.update(batch["component"].unique().to_pylist())
    names = {above for path in known for above in lineage(path)}
    for path in paths:
        if path not in names:
            tops = ", ".join(sorted({lineage(path)[0] for path in known}))
            hint = nearest(path, sorted(names)) or f"; it has {tops}"
            raise InputError(f"{given('component', path)}: the trace has no such component{hint}")
