"""How much memory a run will take, as far as it grows with machine, network and images.

An estimate, from what the parts take; what libraries and the interpreter take is a constant. It is
for a warning before hours of work, not for accounting.
"""

import os
from collections.abc import Sequence

from accelsim.compiler import Instruction, Program
from accelsim.values.engine import BATCH
from accelsim.values.program import Planes

_PROGRAM = 200 << 20
# Measured: what is bound and registered before a run, for each record of an image and context.
_RECORD = 512
# Of an image: arrival, picture, label, class; of a step with effects: when it happened.
_IMAGE, _STEP_TIMES = 64, 24
_VALUE = 8


def estimate(
    programs: Sequence[Program], contexts: int, images: int, *, values: bool, effects: bool
) -> int:
    """Return about how many bytes a run takes.

    contexts: of the machine. images: of all programs. values, effects: whether values are
    computed, and of cells that are not ideal.
    """
    records = max(sum(map(_records, program.instructions)) for program in programs)
    needed = _PROGRAM + contexts * records * _RECORD + images * _IMAGE
    if values:
        needed += max(map(_planes, programs)) * _VALUE * BATCH * (os.cpu_count() or 1)
    if values and effects:
        needed += images * max(len(each.instructions) for each in programs) * _STEP_TIMES
    return needed


def installed() -> int | None:
    """Return the memory of this computer in bytes; None if the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _records(instruction: Instruction) -> int:
    """Return about how many records a step has: reads, arrays, writes and settling, and its own."""
    return len(instruction.sources) + 3 * len(instruction.destination) + 4


def _planes(program: Program) -> int:
    """Return the cells that values of one image are kept for."""
    lanes, rows, cols = Planes.shape_of(program)
    return sum(program.planes.values()) * lanes * rows * cols
