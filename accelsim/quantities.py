"""The one name of each figure of a run: on screen, in JSON, in figures and in the documentation.

A key is what stats.json, --json and CSV columns have (CSV columns add the unit); a label is the
same in words. `docs/quantities.md` is the table of both, and a test holds it to this one.
"""

from dataclasses import dataclass

from accelsim.units import render


@dataclass(frozen=True)
class Quantity:
    """A figure of a run. unit: of its value in stats.json."""

    label: str
    unit: str
    meaning: str


def _percentile(share: int) -> Quantity:
    meaning = f"{share} % of the images are not longer in the system; exact, of all images"
    return Quantity(f"time in system, p{share}", "ps", meaning)


QUANTITIES = {
    "images": Quantity("images", "images", "images that were run"),
    "cycles_per_image": Quantity("cycles per image", "cycles", "latency in clock cycles"),
    "latency": Quantity(
        "latency", "ps",
        "issue of an image's load until its results are stored, mean over images; the published "
        "scope, every layer but the last fully-connected one",
    ),
    "latency_max": Quantity("latency, max", "ps", "longest latency of an image"),
    "queue_wait": Quantity("queue wait", "ps", "arrival until an image has a context, mean"),
    "load_wait": Quantity("load wait", "ps", "from then until its load is issued, mean"),
    "time_in_system": Quantity(
        "time in system", "ps",
        "arrival until the results are stored, mean: queue wait, load wait and latency",
    ),
    "time_in_system_max": Quantity("time in system, max", "ps", "longest time in system"),
    "makespan": Quantity("makespan", "ps", "start of the run until the last image is done"),
    "initiation_interval": Quantity(
        "initiation interval", "ps",
        "time from image to image in the steady state, without fill and drain; left out where a "
        "run has no steady state",
    ),
    "throughput": Quantity(
        "throughput", "images/s", "images over makespan, fill and drain included"
    ),
    "energy_per_image": Quantity(
        "energy per image", "aJ", "energy of the run, standby included, over its images"
    ),
    "energy": Quantity("energy", "aJ", "energy of the run"),
    "energy_delay_product": Quantity(
        "energy-delay product", "aJ ps", "energy per image times latency (EDP)"
    ),
    "accuracy": Quantity("accuracy", "1", "share of the images that are classified as labelled"),
    "steps": Quantity("steps", "steps", "instructions of an image"),
    "latency_to_label": Quantity(
        "latency to the label", "ps", "issue of an image's load until its class is known, mean"
    ),
    "energy_behind_handoff": Quantity(
        "energy behind the handoff", "aJ", "energy of ADC, fully-connected engine and its SRAM"
    ),
    "waits": Quantity("waits", "ps", "all waits of all images and of the queue together"),
    "records": Quantity("records", "records", "records of the trace"),
    "arrival_rate": Quantity("arrival rate", "images/s", "images over the span of the stream"),
    "warm_up": Quantity("warm-up", "images", "first images, left out of the means of a stream"),
    "time_in_system_mean": Quantity(
        "time in system, mean", "ps", "mean of a stream, its warm-up left out"
    ),
    "time_in_system_half_width": Quantity(
        "time in system, half width", "ps", "half of the 95 % confidence interval of that mean"
    ),
    "time_in_system_p50": _percentile(50),
    "time_in_system_p95": _percentile(95),
    "time_in_system_p99": _percentile(99),
    "wait_mean": Quantity(
        "wait, mean", "ps", "queue wait and load wait of a stream, its warm-up left out"
    ),
    "images_in_system": Quantity("images in system", "images", "mean over time"),
    "queue_length": Quantity("queue length", "images", "images in the host's queue, over time"),
    "queue_length_max": Quantity("queue length, max", "images", "longest queue"),
    "deadlines": Quantity("deadlines", "images", "images with a deadline"),
    "deadline_misses": Quantity("deadline misses", "images", "images done after their deadline"),
    "overtaken": Quantity(
        "overtaken images", "images", "images that a later one was loaded before"
    ),
    "overtaken_max": Quantity("overtaken, max", "images", "most images that overtook one"),
    "power": Quantity("power", "W", "energy over the time from 0 to the last result"),
}  # fmt: skip
"""Key -> what it is called, its unit, and what it means."""

_RENDERED = ("ps", "aJ", "W", "images/s")


def label(key: str) -> str:
    """Return what a figure is called: 'energy per image'; of another key its words."""
    found = QUANTITIES.get(key)
    return key.replace("_", " ") if found is None else found.label


def heading(key: str) -> str:
    """Return a label that begins a line: 'Energy per image'."""
    text = label(key)
    return text[:1].upper() + text[1:]


def axis(key: str, unit: str) -> str:
    """Return the label of an axis or column: 'energy per image, pJ'."""
    return f"{label(key)}, {unit}"


def text(value: float | None, unit: str, digits: int = 4) -> str:
    """Return a figure with its unit, as every command shows it: '42 ns', '98.00 %', '-' for none.

    Counts stand alone: their name has the unit.
    """
    if value is None:
        return "-"
    if unit == "1":
        return f"{100 * value:.2f} %"
    if unit == "aJ ps":
        return f"{_plainly(value / 1e9, 5)} pJ ns"
    if unit in _RENDERED:
        return render(value, unit, digits)
    if isinstance(value, int):
        return f"{value:,}"
    return _plainly(value, digits)


def _plainly(value: float, digits: int) -> str:
    """Return a number with at least so many digits, never with an exponent for a large one."""
    return f"{value:,.{digits}g}" if abs(value) < 10 ** (digits - 1) else f"{value:,.0f}"
