"""Checkpoints of a long run: a partial run directory, whole at any moment, that can be completed.

It holds what the run was given (manifest, machine, program, arrivals) and the records so far, in
numbered parts. The manifest says how far the run had come and is the last to be replaced, so that
a kill leaves the checkpoint before or this one. A run is completed by running it again without
writing what is there: the events of a run are the same each time, and nothing else has to be kept.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelsim.errors import InputError, InterruptError
from accelsim.files import NewFiles, NewFolder, new_files, sha256
from accelsim.resources import display
from accelsim.runs.directory import MANIFEST, OF_STREAM, Partial, Recorded, part_name
from accelsim.runs.interrupt import Stop
from accelsim.simulation.position import Position

EVERY_S = 60.0
"""Between two checkpoints. It decides what a kill costs, never what comes out."""


@dataclass(frozen=True)
class Inputs:
    """The files that say what is run: their names, and what writes them."""

    names: Sequence[str]
    put: Callable[[NewFiles], None]


class Checkpoints:
    """Makes the checkpoints of a run in its directory.

    manifest: what it says of the run, without files. stop: who may ask the run to stop. begin:
    what the manifest says of the checkpoint that the run goes on from. fast_forward: as of
    `simulate`.
    """

    def __init__(
        self,
        outdir: Path,
        manifest: Mapping[str, Any],
        stop: Stop,
        begin: Recorded | None = None,
        *,
        fast_forward: bool = True,
    ) -> None:
        self._outdir, self._manifest, self._stop = outdir, dict(manifest), stop
        self._fast_forward = fast_forward
        self._begin = None if begin is None else begin.partial
        self._kept, self._parts = Position(), 0
        self._hashes: dict[str, str] = {}
        if begin is not None and begin.partial is not None:
            self._kept, self._parts = _position(begin.partial), begin.partial.parts
            self._hashes = {name: each.sha256 for name, each in begin.files.items()}
        self._last, self._met = time.monotonic(), False

    @property
    def skip(self) -> int:
        """Blocks of records that the parts have when the run begins."""
        return 0 if self._begin is None else self._begin.blocks

    @property
    def are_there(self) -> bool:
        """Whether the directory is a partial run by now."""
        return self._kept.blocks > 0

    def check_met(self) -> None:
        """Refuse a run that ended before it came to the checkpoint that it goes on from."""
        if self._begin is not None and not self._met:
            self._check_same(Position())

    @property
    def parts(self) -> list[Path]:
        """Files of the trace so far, in order."""
        return [self._outdir / part_name(number + 1) for number in range(self._parts)]

    def is_due(self, position: Position) -> bool:
        """Tell whether to make a checkpoint here.

        Raises InterruptError if the run is to stop and all it has done is kept, and InputError if
        it is not the run that the checkpoint is of.
        """
        if self._begin is not None and position.blocks == self._begin.blocks:
            self._check_same(position)
            self._met = True
        if position.blocks <= self._kept.blocks:
            if self._stop.signal:
                raise self._interrupted()
            return False
        return bool(self._stop.signal) or time.monotonic() - self._last >= EVERY_S

    def make(self, position: Position, part: Path | None, inputs: Inputs) -> None:
        """Make a checkpoint; the first one makes the directory, or replaces a run in it.

        part: the records since the last one, None if there are none. inputs: for the first.
        Raises InterruptError if the run is to stop here, and InputError if it cannot be written.
        """
        self._parts += part is not None
        names = [MANIFEST] if part is None else [part_name(self._parts), MANIFEST]
        if self.are_there:
            with new_files(*(self._outdir / name for name in names)) as files:
                self._fill(files, position, part)
        else:
            gone = [name for name in OF_STREAM if name not in inputs.names]
            with NewFolder(self._outdir, *inputs.names, *names, gone=gone) as folder:
                inputs.put(folder)
                self._hashes = {name: sha256(folder.path(name)) for name in inputs.names}
                self._fill(folder, position, part)
                folder.keep()
        self._kept, self._last = position, time.monotonic()
        if self._stop.signal:
            raise self._interrupted()

    def _fill(self, files: NewFiles, position: Position, part: Path | None) -> None:
        if part is not None:
            name = part_name(self._parts)
            self._hashes[name] = sha256(part)
            files.take(name, part)
        partial = Partial(
            blocks=position.blocks,
            records=position.records,
            images=position.images,
            time_ps=position.time_ps,
            parts=self._parts,
            fast_forward=self._fast_forward,
            run_sha256=hash_of(self._manifest),
        )
        said = {
            "partial": partial.model_dump(),
            "files": {name: {"sha256": digest} for name, digest in self._hashes.items()},
        }
        files.write(MANIFEST, json.dumps(self._manifest | said, indent=2) + "\n")

    def _check_same(self, position: Position) -> None:
        if position._replace(valued=0) != self._kept._replace(valued=0):
            raise InputError(
                f"{display(self._outdir)}: its checkpoint is not of this run: it has "
                f"{self._kept.records:,} records until {self._kept.time_ps:,} ps, the events run "
                f"again have {position.records:,} until {position.time_ps:,} ps"
            )

    def _interrupted(self) -> InterruptError:
        done = f"{self._kept.images:,} of {self._manifest['images']:,} images"
        return InterruptError(
            f"interrupted: {display(self._outdir)} is a partial run, {done}; "
            f"accelsim run --resume {display(self._outdir)} completes it",
            self._stop.signal,
        )


def hash_of(manifest: Mapping[str, object]) -> str:
    """Return the SHA-256 of what a manifest says of the run: not how far it is, nor its files."""
    said = {key: value for key, value in manifest.items() if key not in ("partial", "files")}
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _position(partial: Partial) -> Position:
    return Position(partial.blocks, partial.records, partial.images, partial.time_ps)
