"""Where a command writes: looked at before anything is computed, so that no work is lost."""

from collections.abc import Callable
from pathlib import Path

import typer

from accelsim.cli.consoles import is_stdout
from accelsim.errors import InputError

Checked = Callable[[typer.Context, typer.CallbackParam, Path | None], Path | None]


def _checked(expected: str, check: Callable[[Path], None] | None, *, dash: bool = False) -> Checked:
    """Return what looks at the value of an option, which may be none.

    expected: in words. check: tries whether it can be written. dash: whether '-', standard output,
    will do. Raises InputError.
    """

    def look(context: typer.Context, option: typer.CallbackParam, path: Path | None) -> Path | None:
        if path is None or context.resilient_parsing:
            return path
        if is_stdout(path):
            if dash:
                return path
            name = option.opts[0] if option.opts[0].startswith("-") else option.metavar
            raise InputError(f"{name} -: expected {expected}; it is not for standard output")
        if check is not None:
            check(path)
        return path

    return look


def _try_folder(folder: Path) -> None:
    from accelsim.files import check_folder  # noqa: PLC0415 - loads numpy

    check_folder(folder)


def _try_file(path: Path) -> None:
    from accelsim.files import check_file  # noqa: PLC0415 - loads numpy

    check_file(path)


RUN_FOLDER = _checked("a folder", None)
"""The folder of a run, which is opened before the run."""
FOLDER = _checked("a folder", _try_folder)
FILE = _checked("a file", _try_file)
FILE_OR_STDOUT = _checked("a file", _try_file, dash=True)
