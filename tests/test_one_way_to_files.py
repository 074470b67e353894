"""Held by structure: `accelsim.files` alone opens, makes, renames and removes files.

Every other module gets open streams, bytes or text from it. A few hand a library something to
read or write; they are listed with what they do.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

# What opens, changes or removes a file, as a function or a method of anything.
CALLS = {
    "open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "makedirs",
    "rmdir", "rmtree", "unlink", "rename", "touch", "symlink_to", "hardlink_to", "chmod",
    "truncate", "copy2", "copyfile", "copytree",
    "TemporaryDirectory", "NamedTemporaryFile", "mkdtemp", "mkstemp", "tofile", "fromfile",
    "memmap", "savez", "savez_compressed", "savetxt", "loadtxt", "genfromtxt", "savefig",
    "imsave", "ParquetFile", "ParquetWriter", "read_table", "write_table", "memory_map", "OSFile",
    "to_csv", "to_parquet",
}  # fmt: skip
MODULES = {"shutil", "tempfile", "gzip", "zipfile", "tarfile", "bz2", "lzma", "pickle", "shelve",
           "sqlite3", "mmap", "fcntl", "glob", "fileinput"}  # fmt: skip

ALLOWED = {
    ("accelsim/arrivals/reading.py", "ParquetFile"),  # from a stream
    ("accelsim/arrivals/writing.py", "write_table"),  # to a stream
    ("accelsim/importer/write.py", "savez"),  # to a stream
    ("accelsim/resources.py", "read_text"),  # of a file of this package
    ("accelsim/streams.py", "open"),  # the null device, when the reader of the output has gone
    ("accelsim/network/pngs.py", "open"),  # an image of a stream
    ("accelsim/plots/files.py", "savefig"),  # to a stream
    ("accelsim/sweeps/store.py", "ParquetFile"),  # of bytes in memory
    ("accelsim/sweeps/store.py", "write_table"),  # to bytes in memory
    ("accelsim/pages/packed.py", "gzip"),  # of bytes in memory
    ("accelsim/trace/sinks.py", "ParquetWriter"),  # to a stream
    ("accelsim/trace/sinks.py", "write_table"),  # row groups of parts, to a stream
    ("accelsim/trace/reader.py", "ParquetFile"),  # after `files.check`
}


def _uses(path: Path) -> Iterator[str]:
    """Give the names of forbidden calls and modules, except functions of accelsim.files."""
    tree = ast.parse(path.read_text())
    ours = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("accelsim.files")
        for name in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in CALLS and called.id not in ours:
                yield called.id
            if isinstance(called, ast.Attribute) and _is_of_files(called, node):
                yield called.attr
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            yield node.module


def _is_of_files(called: ast.Attribute, call: ast.Call) -> bool:
    """Tell a call of CALLS, of `os` that changes a folder, and of `path.replace(other)`."""
    if called.attr in CALLS:
        return True
    if isinstance(called.value, ast.Name) and called.value.id == "os":
        return called.attr in {"remove", "link", "symlink", "replace", "renames"}
    # One argument: a path's; those of strings, data classes and times take others.
    return called.attr == "replace" and len(call.args) == 1 and not call.keywords


def _modules(repository: Path) -> list[Path]:
    return [
        path
        for path in sorted((repository / "accelsim").rglob("*.py"))
        if path.parent.name != "files"
    ]


def test_no_module_but_one_opens_files(repository):
    found = {
        (path.relative_to(repository).as_posix(), use)
        for path in _modules(repository)
        for use in _uses(path)
    }
    assert found == ALLOWED


@pytest.mark.parametrize(
    "line",
    [
        "open('a', 'w')",
        "path.open()",
        "path.write_text('')",
        "os.replace(a)",
        "import shutil",
        "from tempfile import mkdtemp",
        "np.savez(path, a=1)",
        "path.with_suffix('.b').unlink()",
    ],
)
def test_the_search_finds_what_it_looks_for(tmp_path, line):
    path = tmp_path / "module.py"
    path.write_text(line)
    assert list(_uses(path))


def test_functions_of_ours_are_no_use(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("from accelsim.files import read_text\nread_text(path)\n'a'.replace('a', 'b')")
    assert list(_uses(path)) == []
