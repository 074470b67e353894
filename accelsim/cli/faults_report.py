"""What `accelsim run` prints of faults."""

from collections.abc import Mapping

from accelsim.analysis import Figure
from accelsim.config.faults import FAULT_KINDS
from accelsim.units import render


def faults_line(faults: Mapping[str, Figure]) -> str:
    """Return what went wrong, in a line: 'Faults: 2 injected (late_settle 1, stuck_port 1)...'."""
    kinds = ", ".join(f"{kind} {faults[kind].value}" for kind in FAULT_KINDS if kind in faults)
    held, waited = (render(faults[name].value, "ps") for name in ("held_up", "waited"))
    without = faults["without_effect"].value
    silent = f"; {without} event{'s' * (without != 1)} without effect" if without else ""
    return (
        f"Faults: {faults['injected'].value} injected ({kinds}){silent}; "
        f"held up {held}, waited for {waited}"
    )
