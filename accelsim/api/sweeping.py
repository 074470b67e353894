"""`accelsim.sweep`: what `accelsim sweep` evaluates, as an Arrow table."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from accelsim.files import scratch_folder
from accelsim.sweeps.crew import crew_of
from accelsim.sweeps.space import load_space
from accelsim.sweeps.sweeping import Plan, Sweeping
from accelsim.wording import of_arguments

Progress = Callable[[str, int, int], None]


@of_arguments
def sweep(  # noqa: PLR0913 - each is an option of the command
    space: str | Path,
    outdir: str | Path | None = None,
    *,
    workers: int = 0,
    scheduler: str = "",
    budget: int | None = None,
    retry: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> Any:
    """Evaluate the points of a space of machines, networks, seeds and effects.

    Parameters
    ----------
    space
        Name of a space that ships, or path of the file of one.
    outdir
        Folder of the data set, which resumes; None keeps nothing.
    workers
        Processes of a Dask cluster on this computer; 0: this process alone. A script that asks for
        some needs ``if __name__ == "__main__":``, as they load it.
    scheduler
        Address of a Dask cluster instead, such as "tcp://127.0.0.1:8786".
    budget
        Evaluate at most so many points.
    retry
        Whether to evaluate points that failed once more.
    force
        Whether to replace the sweep of another space in `outdir`.
    progress
        Called with what goes on, how much of it is done, and how much there is.

    Returns
    -------
    pyarrow.Table
        A row a point, columns as of the Parquet files; ``.to_pandas()`` and ``polars.from_arrow``
        take it.

    Raises
    ------
    accelsim.errors.InputError
        For a space that cannot be, and a folder that holds another one.

    Examples
    --------
    >>> import accelsim
    >>> rows = accelsim.sweep("lanes", budget=2)
    >>> rows.num_rows, "latency_ps" in rows.column_names
    (2, True)
    """
    plan = Plan(budget, retry, force)
    with ExitStack() as stack:
        folder = stack.enter_context(scratch_folder()) / "sweep" if outdir is None else Path(outdir)
        sweeping = Sweeping(load_space(space), folder, plan)
        here = sweeping.is_done and not scheduler
        crew = stack.enter_context(crew_of(0 if here else workers, scheduler))
        return sweeping.run(crew, progress or (lambda _what, _done, _total: None)).rows
