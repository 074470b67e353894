"""Tables of a run as pandas data frames. Pandas is optional: the extra `pandas`."""

import io
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from accelsim.errors import InputError, nearest
from accelsim.simulation.result import Result

if TYPE_CHECKING:
    import pandas as pd


def frame_of(result: Result, table: str) -> "pd.DataFrame":
    """Return a table of a result by name; InputError for no such table, or without pandas."""
    if table not in TABLES:
        raise InputError(
            f"table '{table}': expected one of {', '.join(TABLES)}{nearest(table, TABLES)}"
        )
    return TABLES[table](result)


def new_frame(rows: Iterable[Mapping[str, object]]) -> "pd.DataFrame":
    """Return rows as a data frame."""
    frame: pd.DataFrame = load_pandas().DataFrame(list(rows))
    return frame


def frame_of_csv(text: str, **options: object) -> "pd.DataFrame":
    """Return CSV as a data frame. options: of pandas' `read_csv`."""
    frame: pd.DataFrame = load_pandas().read_csv(io.StringIO(text), **options)
    return frame


def load_pandas() -> Any:
    """Return pandas; InputError that says how to install it."""
    try:
        return import_module("pandas")
    except ImportError:
        raise InputError(
            "to_pandas: pandas is not installed; expected: pip install 'accelsim[pandas]'"
        ) from None


def _schedule(result: Result) -> "pd.DataFrame":
    return new_frame(map(vars, result.schedule))


def _records(result: Result) -> "pd.DataFrame":
    load_pandas()
    frame: pd.DataFrame = result.trace.to_pandas()
    return frame


def _ledger(result: Result) -> "pd.DataFrame":
    """Return the lines of ledger.csv without the total."""
    lines, _, _ = result.whole_ledger.csv(result.machine.quoted).rpartition("total,")
    return frame_of_csv(lines, dtype={"step": "Int64"})


def _images(result: Result) -> "pd.DataFrame":
    times, values = result.times, result.values
    columns: dict[str, NDArray[Any]] = {
        "image": times.image,
        "arrived_ps": times.arrived_ps,
        "started_ps": times.started_ps,
        "done_ps": times.done_ps,
        "latency_ps": times.latency_ps,
    }
    if values is not None and not result.tenants:
        found = {"label": values.labels, "predicted": values.predicted}
        columns |= {name: column for name, column in found.items() if column is not None}
    frame: pd.DataFrame = load_pandas().DataFrame(columns)
    return frame


TABLES: Mapping[str, Callable[[Result], "pd.DataFrame"]] = {
    "schedule": _schedule,
    "records": _records,
    "ledger": _ledger,
    "images": _images,
}
"""Name of a table -> what makes it."""
