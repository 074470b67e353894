"""Runs a study of accuracy: measures what is missing, keeps every row as it comes."""

from collections.abc import Callable, Sequence
from pathlib import Path

from accelsim.files import sha256
from accelsim.network import Network
from accelsim.study.measure import Bench, Measured
from accelsim.study.points import Study
from accelsim.study.store import Store
from accelsim.version import __version__

Progress = Callable[[int, int, str], None]
"""Called with rows done, rows in all, and what is measured next."""


# What the command makes of an interrupt, so that nothing on the way takes it for its own.
_INTERRUPTED = 130


class Interrupted(KeyboardInterrupt):
    """The user stopped a study; rows that were measured are kept."""

    def __init__(self, rows: int, total: int) -> None:
        super().__init__(f"{rows} of {total} rows are kept; the same command goes on from there")


def run_study(
    study: Study,
    bench: Bench,
    seeds: Sequence[int],
    outdir: Path,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> list[Measured]:
    """Measure every point for every seed; the rows are in outdir/<name>.csv too.

    bench: the network and its images, on which points are measured.
    Rows that are there already are taken, so a study that was interrupted goes on.
    Raises InputError if the file there is of another study and `force` is false.
    """
    lines = header(study.title, bench.network, bench.chosen)
    store = Store(outdir / f"{study.name}.csv", study, lines, seeds, force=force)
    total = len(study.points) * len(seeds)
    missing = store.missing()
    for done, (point, seed) in enumerate(missing, total - len(missing)):
        if progress is not None:
            where = ", ".join(f"{key} {value}" for key, value in point.coordinates.items())
            progress(done, total, f"{where}, seed {seed}")
        try:
            store.add(bench.measure(point, seed))
        except (KeyboardInterrupt, SystemExit) as stop:
            if getattr(stop, "code", _INTERRUPTED) != _INTERRUPTED:
                raise
            raise Interrupted(done, total) from None
    if progress is not None:
        progress(total, total, "done")
    return store.finish()


def header(title: str, network: Network, images: int | range) -> list[str]:
    """Return the lines that a CSV begins with: rows under other lines are another study's."""
    chosen = range(images) if isinstance(images, int) else images
    hashes = [
        f"{what} {sha256(path)[:12]}"
        for what, path in (
            ("layers", network.file),
            ("weights", network.weights_file),
            ("images", network.images_file),
            ("labels", network.labels_file),
        )
        if path is not None
    ]
    return [
        f"accelsim {__version__}: {title}",
        f"network {network.name}, images {chosen.start} to {chosen.stop - 1}, {', '.join(hashes)}",
    ]
