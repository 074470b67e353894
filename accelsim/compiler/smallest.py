"""The smallest machines that can hold a network which a machine refuses.

Each refusal names a key and what would do. These are applied until the network compiles. Where
planes are among them, there are other ways: lanes, which leave fewer folds to be held, and fewer
images in flight. The cheapest machine has the fewest cells and synapses together, each counted
once: an assumption, as no area of either is published.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from accelsim.compiler.instruction import Program
from accelsim.compiler.limits import LimitError
from accelsim.compiler.lower import compile_network
from accelsim.compiler.report import cycles_of
from accelsim.config import Machine
from accelsim.errors import InputError
from accelsim.network import Network

PLANES, LANES, CONTEXTS = "banks.planes", "arrays.lanes", "sequencer.contexts"
_TEMPLATE = 9

Load = Callable[[Mapping[str, int]], Machine]
"""Returns the machine with some keys changed."""


@dataclass(frozen=True)
class Fit:
    """A machine that can hold a network. changes: of its keys. cycles: of an image alone."""

    changes: dict[str, int]
    cells: int
    synapses: int
    cycles: int

    @property
    def cost(self) -> tuple[int, int]:
        """What the cheapest has least of: cells and synapses, then cycles."""
        return self.cells + self.synapses, self.cycles


def fits(network: Network, load: Load) -> list[Fit]:
    """Return machines that can hold a network, the cheapest first; one without changes alone.

    Raises the InputError of a network that no change helps.
    """
    changes, program = enlarged(network, load)
    found = [_fit(changes, program, load)]
    if PLANES in changes:
        rest = {key: value for key, value in changes.items() if key != PLANES}
        for options in _instead_of_planes(network, load(rest)):
            found += _first_that_fits(network, load, rest, options)
    return sorted(found, key=lambda fit: fit.cost)


def _first_that_fits(
    network: Network, load: Load, rest: Mapping[str, int], options: Sequence[dict[str, int]]
) -> list[Fit]:
    """Return the first option that takes no more planes, if one does; later ones do, too."""
    first, last, found = 0, len(options), list[Fit]()
    while first < last:
        middle = (first + last) // 2
        try:
            changes, program = enlarged(network, load, {**rest, **options[middle]})
        except InputError:
            changes = {PLANES: 0}
        if PLANES in changes:
            first = middle + 1
        else:
            found, last = [_fit(changes, program, load)], middle
    return found


def enlarged(
    network: Network, load: Load, changes: Mapping[str, int] | None = None
) -> tuple[dict[str, int], Program]:
    """Change keys as refusals ask for it; return all changes, and the program that then fits.

    changes: to begin with. Raises the InputError of a network that no change helps.
    """
    found = dict(changes or {})
    while True:
        try:
            return found, compile_network(network, load(found))
        except LimitError as error:
            if error.needed <= found.get(error.key, 0):
                raise
            found[error.key] = error.needed


def _instead_of_planes(network: Network, machine: Machine) -> Iterator[list[dict[str, int]]]:
    """Give what to try instead of more planes, the smallest change first.

    Fewer images in flight; more lanes, as few as lead to each number of folds of the widest layer.
    """
    yield [{CONTEXTS: number} for number in range(machine.sequencer.contexts.value - 1, 0, -1)]
    most = max(network.input.maps, *(layer.out_shape.maps for layer in network.on_machine))
    lanes = {-(-most // folds) for folds in range(1, most + 1)}
    yield [{LANES: number} for number in sorted(lanes) if number > machine.arrays.lanes.value]


def _fit(changes: dict[str, int], program: Program, load: Load) -> Fit:
    machine = load(changes)
    arrays = machine.arrays
    circuits, lanes = machine.circuits.value, arrays.lanes.value
    of_plane = arrays.rows.value * arrays.cols.value
    banks = 2 * lanes  # with one circuit each lane has a second bank, the staging planes
    return Fit(
        changes,
        banks * machine.banks.planes.value * of_plane,
        circuits * lanes * of_plane * _TEMPLATE * arrays.fan_in.value,
        cycles_of(program, machine),
    )
