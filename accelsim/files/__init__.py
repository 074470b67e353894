"""Every file of the program: written whole or not at all, and read only as what is expected."""

from accelsim.files.folder import NewFolder
from accelsim.files.write import (
    NewFiles,
    new_binary,
    new_files,
    new_text,
    scratch_folder,
    write_text,
)

__all__ = [
    "NewFiles",
    "NewFolder",
    "new_binary",
    "new_files",
    "new_text",
    "scratch_folder",
    "write_text",
]
