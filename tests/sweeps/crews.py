"""Workers that stop, or give results in another order."""

from pathlib import Path

from accelsim.sweeps.crew import Died, Here


def silent(_what, _done, _total):
    """Tell nobody."""


def files(folder: Path) -> dict[str, bytes]:
    """Return the files of rows of a sweep."""
    return {path.name: path.read_bytes() for path in sorted((folder / "points").iterdir())}


class Stopping(Here):
    """Stops after so many results, as a kill would."""

    def __init__(self, after):
        self._left = after

    def results(self, tasks):
        for done in super().results(tasks):
            if not self._left:
                raise KeyboardInterrupt
            self._left -= 1
            yield done


class Backwards(Here):
    """Gives results in another order."""

    def results(self, tasks):
        return iter(list(super().results(tasks))[::-1])


class Deadly(Here):
    """Workers that die of one point."""

    def results(self, tasks):
        for task in tasks:
            dies = any(point.number == 3 for point in task.points)
            yield task, Died() if dies else task.run()
