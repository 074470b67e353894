"""A project to begin with, which `accelsim init` writes: all of it works as it is written."""

from pathlib import Path

from accelsim.config import load_machine
from accelsim.errors import InputError
from accelsim.files import NewFolder, is_folder, what_is
from accelsim.network import load_network
from accelsim.resources import display, text_of
from accelsim.runs import open_source, simulate, write_golden

GOLDEN, MACHINE, NETWORK = "golden.csv", "machine.yaml", "network.yaml"
_TEMPLATE = ".template"
_TEXTS = (MACHINE, NETWORK, "run.py.template", "test_golden.py.template", "README.md")


def write_project(folder: Path) -> list[Path]:
    """Write the files of a project, all or none; return where they are.

    Raises InputError for a folder with anything in it, and one that cannot be written.
    """
    _refuse_what_is_there(folder)
    texts = {
        name.removesuffix(_TEMPLATE): text_of("accelsim.catalog", f"project/{name}")
        for name in _TEXTS
    }
    with NewFolder(folder, GOLDEN, *texts) as files:
        for name, text in texts.items():
            files.write(name, text)
        machine = load_machine(files.path(MACHINE))
        result = simulate(machine, load_network(files.path(NETWORK)))
        write_golden(files.path(GOLDEN), open_source(result), machine=MACHINE)
        files.keep()
    return [folder / name for name in (*texts, GOLDEN)]


def _refuse_what_is_there(folder: Path) -> None:
    expected = "expected a folder that is not there yet, or an empty one"
    found = what_is(folder)
    if found and not is_folder(folder):
        raise InputError(f"{display(folder)}: {found}; {expected}")
    first = min((path.name for path in folder.iterdir()), default="") if found else ""
    if first:
        raise InputError(f"{display(folder)}: not empty: it has {first}; {expected}")
