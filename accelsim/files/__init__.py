"""Every file of the program: written whole or not at all, and read only as what is expected."""

from accelsim.files.archive import Archive, open_npz, read_npz
from accelsim.files.folder import NewFolder
from accelsim.files.read import (
    ARRIVALS,
    ARRIVALS_PARQUET,
    IDX,
    JSON,
    PARQUET,
    TEXT,
    YAML,
    check,
    is_file,
    is_folder,
    opened,
    read_bytes,
    read_json,
    read_most,
    read_text,
    sha256,
    size_text,
    unpacked,
    what_is,
)
from accelsim.files.spill import Spill
from accelsim.files.stage import remove_leftovers
from accelsim.files.write import (
    NewFiles,
    new_binary,
    new_files,
    new_text,
    scratch_folder,
    write_text,
)

__all__ = [
    "ARRIVALS",
    "ARRIVALS_PARQUET",
    "IDX",
    "JSON",
    "PARQUET",
    "TEXT",
    "YAML",
    "Archive",
    "NewFiles",
    "NewFolder",
    "Spill",
    "check",
    "is_file",
    "is_folder",
    "new_binary",
    "new_files",
    "new_text",
    "open_npz",
    "opened",
    "read_bytes",
    "read_json",
    "read_most",
    "read_npz",
    "read_text",
    "remove_leftovers",
    "scratch_folder",
    "sha256",
    "size_text",
    "unpacked",
    "what_is",
    "write_text",
]
