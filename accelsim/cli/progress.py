"""A progress bar on a terminal; nothing where the output is read by a program."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

Watch = Callable[[str, int, int], None]


@contextmanager
def watching() -> Iterator[Watch]:
    """Give a function that shows what is going on, how much is done, and how much there is."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("opening", total=None)

        def show(what: str, done: int, total: int) -> None:
            # The end is shown at once: what comes next may leave the bar's own thread no time.
            bar.update(task, description=what, completed=done, total=total, refresh=done >= total)

        yield show
