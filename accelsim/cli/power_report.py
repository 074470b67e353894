"""What `accelsim run` prints of power states."""

from collections.abc import Mapping

from rich.table import Table

from accelsim.analysis import Figure
from accelsim.cli.tables import new_table
from accelsim.topology import PowerState
from accelsim.units import render


def power_table(power: Mapping[str, Figure]) -> Table:
    """Return what power states did."""
    figures = {name: _plainly(figure) for name, figure in power.items()}
    rows = [
        ("active", figures["active_time"], ""),
        *(
            (state.replace("_", "-"), figures[f"{state}_time"], f"{entries} times")
            for state in PowerState
            if (entries := figures[f"{state}_entries"]) != "0"
        ),
        ("energy asleep", figures["sleep_energy"], ""),
        ("entries and exits", figures["transition_energy"], ""),
        ("restored", figures["restore_energy"], f"{figures['restored']} words"),
    ]
    if "waking_wait" in figures:
        images = figures["woken_for"]
        rows.append(("wait for waking", figures["waking_wait"], f"mean of {images} images"))
    table = new_table("Power states", left=("", "value", "of what"))
    for row in rows:
        table.add_row(*row)
    return table


def _plainly(figure: Figure) -> str:
    """Return a figure as text; counts without their unit."""
    return render(figure.value, figure.unit) if figure.unit in ("ps", "aJ") else f"{figure.value:,}"
