"""The command `accelsim`: commands, tables and progress; no model of anything."""

from accelsim.cli.app import main

__all__ = ["main"]
