"""`characterize`: what `accelsim device characterize` does, as an object."""

from collections.abc import Callable

from accelsim.api.inputs import Changes, MachineLike, machine_of
from accelsim.device import technologies
from accelsim.device.technology import Characterization, Numerics
from accelsim.errors import InputError
from accelsim.units import UnitError, parse_real
from accelsim.wording import of_arguments

_STEPS = (1e-14, 1e-9)
_LEAST, _MOST = 16, 1_000_000
Progress = Callable[[int, int], None]


@of_arguments
def characterize(
    machine: MachineLike = "irmen",
    *,
    set: Changes | None = None,  # noqa: A002 - named as the option of the command
    seed: int = 1,
    samples: int = 2048,
    time_step: str = "1 ps",
    progress: Progress | None = None,
) -> Characterization:
    """Characterize the cell of a machine: settling, noise, energies, and the cycles they need.

    Parameters
    ----------
    machine
        Name, path or a `Machine`.
    set
        Dotted keys of the machine file and their new values: ``{"cell.damping": 0.02}``.
    seed
        Of the thermal field.
    samples
        Cells simulated for each noise figure.
    time_step
        Of the simulation, with its unit; one whose half changes the figures is refused.
    progress
        Called with what is done and what there is, of each part.

    Returns
    -------
    Characterization
        `timing` (ps and cycles of both phases), `cell_noise()`, `figures()`, `listings()`, and
        `figure()`, a Matplotlib figure.

    Raises
    ------
    accelsim.errors.InputError
        For a machine without a cell, a cell that cannot be, and numbers out of range.

    Examples
    --------
    >>> import accelsim
    >>> found = accelsim.characterize("charge")
    >>> found.timing.read_cycles, found.timing.write_cycles
    (9, 2)
    """
    if not _LEAST <= samples <= _MOST:
        raise InputError(f"samples={samples}: expected a whole number from {_LEAST} to {_MOST}")
    if not 0 <= seed < 2**63:
        raise InputError(f"seed={seed}: expected a whole number from 0 to 2^63 - 1")
    numerics = Numerics(_step(time_step), seed, samples)
    return technologies.characterize(machine_of(machine, set), numerics, lambda _: progress)


def _step(text: str) -> float:
    least, most = _STEPS
    try:
        step = parse_real(text, "s")
    except UnitError as error:
        raise InputError(f"time_step: {error}; expected a time such as '1 ps'") from None
    if not least <= step <= most:
        raise InputError(f"time_step={text}: expected a time from {least:g} to {most:g} s")
    return step
