"""Reads --from, --to, --image and --component: the window of a trace that is asked for."""

from accelsim.errors import InputError
from accelsim.trace import Window
from accelsim.units import TIME, UnitError, parse


def parse_window(
    start: str | None, end: str | None, image: str | None, component: list[str] | None
) -> Window:
    """Return the window of '10 ns', '20 ns', '3' or '3:6', ['datapath']; InputError otherwise."""
    window = Window(
        _time("--from", start), _time("--to", end), _images(image), tuple(component or ())
    )
    if window.end_ps is not None and window.end_ps <= (window.start_ps or 0):
        raise InputError(f"--to {end}: expected a time after {start or 'the start, 0 ps'}")
    return window


def _time(option: str, text: str | None) -> int | None:
    try:
        return None if text is None else parse(text, TIME)
    except UnitError as error:
        raise InputError(f"{option} {text}: {error}") from None


def _images(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    first, colon, end = text.partition(":")
    try:
        images = (int(first), int(end) if colon else int(first) + 1)
    except ValueError:
        images = (0, 0)
    if not 0 <= images[0] < images[1]:
        raise InputError(
            f"--image {text}: expected an image such as 3, or a range such as 3:6 (3, 4 and 5)"
        )
    return images
