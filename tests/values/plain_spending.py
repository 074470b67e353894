"""What steps cost by value, in NumPy, cell by cell and tap by tap: to hold energies against.

What each step writes is given; what cells hold, and what of it is read, is kept here.
"""

from collections import defaultdict

import numpy as np

from accelsim.energy import WHOLE
from accelsim.ops import STEP_OPS


def energies(machine, program, weights, before, written):
    """Return energies in aJ, not rounded, by action, image, step and lane.

    before: of each image, which one used its planes before. written: windows of each image and
    step, (maps, rows, cols). weights: as the cells have them, rounded or not.
    """
    found = {"ota_tap_cycle": defaultdict(float), "cell_write": defaultdict(float)}
    left = []
    for image, windows in enumerate(written):
        cells = dict(left[before[image]]) if before[image] >= 0 else {}
        for step, window in zip(program.instructions, windows, strict=True):
            for map_ in range(step.maps):
                lane = step.destination[map_].lane if step.destination else WHOLE
                key = image, step.step, lane
                for cell in np.ndindex(step.rows, step.cols):
                    taps = taps_of(step, weights, map_, cell, cells)
                    found["ota_tap_cycle"][key] += tap_energy(machine, step, taps)
                    change = window[map_][cell] - cells.get(place(step, map_, cell), 0.0)
                    found["cell_write"][key] += write_energy(machine, change)
            for map_ in range(step.maps):
                for cell in np.ndindex(step.rows, step.cols):
                    cells[place(step, map_, cell)] = window[map_][cell]
        left.append(cells)
    return found


def place(step, map_, cell):
    """Return which cell a step writes."""
    if not step.destination:
        return "host", step.step, map_, cell
    to, (row, col) = step.destination[map_], step.grid
    return to, cell[0] * row, cell[1] * col


def taps_of(step, weights, map_, cell, cells):
    """Return weight and value of each synapse of a cell."""
    found = []
    for operand in step.operands:
        kernel = operand.kernel
        planes = operand.planes if operand.shared else operand.planes[map_ : map_ + 1]
        for number, plane in enumerate(planes):
            for tap, offset in enumerate(operand.taps):
                if kernel.layer:
                    of = weights.weight[kernel.layer][kernel.first_out + map_]
                    weight = of[kernel.first_in + number].ravel()[tap]
                else:
                    weight = kernel.fixed[tap]
                row = cell[0] * operand.grid[0] + offset.row
                col = cell[1] * operand.grid[1] + offset.col
                inside = 0 <= row < operand.extent[0] and 0 <= col < operand.extent[1]
                value = cells.get((plane, row, col), 0.0) if inside else 0.0
                found.append((kernel.gain * weight, value))
    if step.bias is not None:
        trained = 0.0
        if step.bias.layer:
            trained = step.bias.gain * weights.bias[step.bias.layer][step.first_map + map_]
        found.append((step.bias.offset + trained, 1.0))
    return found


def tap_energy(machine, step, taps):
    by, price = machine.energy.by_value, machine.prices_aJ["ota_tap_cycle"]
    fixed, signal = by.synapse_share.value, by.signal_share.value
    total = float(STEP_OPS[step.op].driven)
    for weight, value in taps:
        set_by_weight = abs(weight) / by.weight.value * (1 - signal + signal * abs(value))
        total += fixed + (1 - fixed) * set_by_weight if weight else by.zero_share.value
    return price * machine.timing.read_cycles.value * total


def write_energy(machine, change):
    by, price = machine.energy.by_value, machine.prices_aJ["cell_write"]
    fixed = by.write_share.value
    return price * (fixed + (1 - fixed) * (change / by.swing.value) ** 2)
