"""What `accelsim run` prints of a stream of arrivals."""

from collections.abc import Mapping

from rich.table import Table

from accelsim.analysis import Figure
from accelsim.cli.tables import new_table
from accelsim.quantities import label, text

_SHOWN = {
    "arrival_rate": "",
    "time_in_system_mean": "warm-up of {warm_up} images left out",
    "time_in_system_p50": "of all images",
    "time_in_system_p95": "",
    "time_in_system_p99": "",
    "time_in_system_max": "",
    "wait_mean": "before the load; of the time in system",
    "images_in_system": "mean over time",
    "queue_length": "mean over time",
    "queue_length_max": "",
    "power": "from the start of the run to the last result",
    "deadline_misses": "of {deadlines}",
}
"""The figures in their order, and what is said of each."""


def load_table(load: Mapping[str, Figure]) -> Table:
    """Return what a stream of arrivals met."""
    texts = {name: load_text(figure) for name, figure in load.items()}
    half = load.get("time_in_system_half_width")
    if half is not None:
        texts["time_in_system_mean"] += f" +- {text(half.value, half.unit, 2)}"
    table = new_table(
        "Under load",
        left=("figure", "of what"),
        right=("value",),
        order=("figure", "value", "of what"),
    )
    for name, of_what in _SHOWN.items():
        if name in texts:
            table.add_row(label(name), texts[name], of_what.format(**texts))
    return table


def load_text(figure: Figure | None) -> str:
    """Return a figure of a stream as text; slow arrivals by the hour."""
    if figure is None:
        return "-"
    if figure.unit == "images/s" and figure.value < 1:
        return f"{3600 * figure.value:.4g} images/h"
    return text(figure.value, figure.unit)
