"""The technology of IRMEN cells: nanomagnet, magnetoelectric write, inverse-Rashba read.

The cell and its physics are in `cell`; what simulates magnets is loaded when it is asked for.
"""

from accelsim.device import melayer, plausibility
from accelsim.device.cell import IrmenDevice
from accelsim.device.irmencell import IrmenCell
from accelsim.device.response_tables import Response
from accelsim.device.storage import Storage
from accelsim.device.technology import (
    CellPrice,
    Characterization,
    Numerics,
    Report,
    Technology,
)
from accelsim.device.variation import IrmenVariation
from accelsim.units import render

_NS = 1e-9
_SAMPLES = 256  # for a response while a run waits


class Irmen(Technology[IrmenCell]):
    """Spintronic cells: the magnet is the state; what holds it is a choice of the cell."""

    name = "irmen"
    title = "IRMEN cell"
    cell = IrmenCell
    variation = IrmenVariation

    def characterize(
        self, cell: IrmenCell, period_ps: int, numerics: Numerics, report: Report
    ) -> Characterization:
        """Simulate settling and noise of the magnet, and derive the rest."""
        from accelsim.device.spintronic import characterize_irmen  # noqa: PLC0415 - loads numba

        return characterize_irmen(cell, period_ps, numerics, report)

    def storage(self, cell: IrmenCell) -> Storage:
        """Return the storage that the cell names."""
        return melayer.storage_of(cell)

    def check(self, cell: IrmenCell) -> tuple[str, ...]:
        """Hold read path, magnet, noise and grains against what can be."""
        return plausibility.check(cell)

    def prices(self, cell: IrmenCell) -> tuple[CellPrice, ...]:
        """Return I V_s of a read, C V^2 of a write, and both of a refresh."""
        device = IrmenDevice.quietly(cell)
        read, write = device.read_energy(_NS), device.write_energy()
        volts = render(device.full_scale_voltage, "V")
        current = f"{cell.read_current.text} x {cell.supply_voltage.text} x 1 ns"
        charge = f"{cell.me_capacitance.text} x ({volts})^2"
        of_read = ("cell.read_current", "cell.supply_voltage")
        of_write = ("cell.me_capacitance", "cell.write_voltage")
        return (
            CellPrice("cell_read_cycle", read, current, of_read),
            CellPrice("cell_write", write, charge, of_write, through_time=False),
            CellPrice(
                "refresh", read + write, f"{current} + {charge}", (*of_read, *of_write),
                through_time=False,
            ),
        )  # fmt: skip

    def respond(self, cell: IrmenCell, period_ps: int, read_cycles: int) -> Response:
        """Simulate what reads see of written values."""
        from accelsim.device.response import respond  # noqa: PLC0415 - loads numba

        numerics = Numerics(samples=_SAMPLES)
        return respond(IrmenDevice.of(cell), period_ps, read_cycles, numerics)

    def magnet_cell(self, cell: IrmenCell) -> IrmenDevice:
        """Return the cell around its magnet."""
        return IrmenDevice.of(cell)
