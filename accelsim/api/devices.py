"""`characterize`: what `accelsim device characterize` does, as an object."""

from accelsim.api.inputs import Changes, MachineLike, machine_of
from accelsim.device import technologies
from accelsim.device.technology import Characterization
from accelsim.study.cells import Progress, naming_time_step, numerics_of
from accelsim.wording import of_arguments


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
    numerics = numerics_of(time_step, seed, samples)
    with naming_time_step():
        return technologies.characterize(machine_of(machine, set), numerics, lambda _: progress)
