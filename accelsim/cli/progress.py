"""A progress bar on a terminal; nothing where the output is read by a program."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

Watch = Callable[[str, int, int], None]


class _Rate(ProgressColumn):
    """How many are done in a second."""

    def render(self, task: Task) -> Text:
        """Return the rate of a task, once it is known."""
        return Text("" if not task.speed else f"{task.speed:,.0f}/s")


@contextmanager
def watching() -> Iterator[Watch]:
    """Give a function that shows what is going on, how much is done, and how much there is.

    A bar each for what goes on after something else; rate and time left are its own. When all is
    over without an error, it ends at 100 %.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task, doing = bar.add_task("opening", total=None), ""

        def show(what: str, done: int, total: int) -> None:
            nonlocal doing
            kind = what.partition(",")[0]
            if kind != doing:
                bar.reset(task)
                doing = kind
            # The end is shown at once: what comes next may leave the bar's own thread no time.
            bar.update(task, description=what, completed=done, total=total, refresh=done >= total)

        yield show
