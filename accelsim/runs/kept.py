"""Which records of its trace a run keeps: all, those of a window, or none; it is in the manifest.

A run that keeps all says nothing of it. Figures and ledger are of all records in any case.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from accelsim.errors import InputError
from accelsim.resources import display
from accelsim.trace import Window
from accelsim.units import render
from accelsim.wording import given

ALL, WINDOW, NONE = "all", "window", "none"
KEPT = "trace"
"""The key of the manifest."""

_Number = Annotated[int, Field(ge=0, le=2**62)]


class KeptTrace(BaseModel):
    """What the manifest of a run says that does not keep all records.

    kept: those of a window, or none. start_ps, end_ps: where it begins and ends; None: at the begin
    and the end of the run. images: first, last + 1.
    """

    model_config = ConfigDict(strict=True, extra="forbid")

    kept: Literal["window", "none"]
    start_ps: _Number | None = None
    end_ps: _Number | None = None
    images: Annotated[list[_Number], Field(min_length=2, max_length=2)] | None = None

    def window(self) -> Window | None:
        """Return the window that is kept; None for none."""
        if self.kept == NONE:
            return None
        first_end = None if self.images is None else (self.images[0], self.images[1])
        return Window(self.start_ps, self.end_ps, first_end)


def kept_entry(window: Window | None) -> dict[str, object]:
    """Return what the manifest of a run says that keeps the records of a window; None: none."""
    if window is None:
        return {KEPT: {"kept": NONE}}
    if not window:
        return {}
    parts = {
        "start_ps": window.start_ps,
        "end_ps": window.end_ps,
        "images": None if window.images is None else list(window.images),
    }
    return {KEPT: {"kept": WINDOW} | {key: part for key, part in parts.items() if part is not None}}


def check_keepable(window: Window | None) -> None:
    """Refuse a window of anything but times and images; InputError."""
    if window is not None and (window.components or window.imageless):
        raise InputError("a run keeps the records of times and images, not those of components")


def kept_in_words(window: Window) -> str:
    """Return a window that is kept in words: '10 us to 20 us', 'images 40 to 59', 'all'."""
    if window.images is not None:
        first, end = window.images
        return f"image {first}" if end == first + 1 else f"images {first} to {end - 1}"
    if window.start_ps is None and window.end_ps is None:
        return ALL
    end_text = "the end" if window.end_ps is None else render(window.end_ps, "ps", 12)
    return f"{render(window.start_ps or 0, 'ps', 12)} to {end_text}"


def refuse_part(path: Path, window: Window | None) -> InputError:
    """Return the error of what needs all records of a run that keeps a part of them, or none."""
    have = (
        f"it keeps no trace ({given('trace', NONE)})"
        if window is None
        else f"of its trace it keeps {kept_in_words(window)} alone ({given('trace', WINDOW)})"
    )
    return InputError(
        f"{display(path)}: {have}; expected a run with all of its records: "
        f"run it again with {given('trace', ALL)}"
    )
