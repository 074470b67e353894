"""Runs as they are kept: run directories, and what is done with them afterwards."""

from typing import TYPE_CHECKING

from accelsim.lazy import lazy_names

if TYPE_CHECKING:
    from accelsim.runs.arrivals import tenant_of, tenants_of
    from accelsim.runs.check import check_file, named_files
    from accelsim.runs.comparison import Comparison, compare_runs
    from accelsim.runs.completion import PartialRun, open_partial, resume
    from accelsim.runs.directory import OF_STREAM, RUN_FILES, RunDirectory, is_of_a_run
    from accelsim.runs.golden import Provenance, read_provenance, replay_golden, write_golden
    from accelsim.runs.interrupt import Stop, heeding
    from accelsim.runs.outcomes import ValueChanges, accuracy_of, value_changes
    from accelsim.runs.record import simulate
    from accelsim.runs.recorded import RecordedRun, open_run
    from accelsim.runs.replay import Elsewhere, Replay, replay_elsewhere, replay_run
    from accelsim.runs.sources import NamedTrace, open_source
    from accelsim.runs.trees import diff_tree, elsewhere_tree, replay_tree, traces_tree

__all__ = [
    "OF_STREAM",
    "RUN_FILES",
    "Comparison",
    "Elsewhere",
    "NamedTrace",
    "PartialRun",
    "Provenance",
    "RecordedRun",
    "Replay",
    "RunDirectory",
    "Stop",
    "ValueChanges",
    "accuracy_of",
    "check_file",
    "compare_runs",
    "diff_tree",
    "elsewhere_tree",
    "heeding",
    "is_of_a_run",
    "named_files",
    "open_partial",
    "open_run",
    "open_source",
    "read_provenance",
    "replay_elsewhere",
    "replay_golden",
    "replay_run",
    "replay_tree",
    "resume",
    "simulate",
    "tenant_of",
    "tenants_of",
    "traces_tree",
    "value_changes",
    "write_golden",
]

# Loaded when first used: a command waits for what it needs alone.
_LAZY = {
    "Comparison": "comparison",
    "Elsewhere": "replay",
    "NamedTrace": "sources",
    "OF_STREAM": "directory",
    "PartialRun": "completion",
    "Provenance": "golden",
    "RUN_FILES": "directory",
    "RecordedRun": "recorded",
    "Replay": "replay",
    "RunDirectory": "directory",
    "Stop": "interrupt",
    "ValueChanges": "outcomes",
    "accuracy_of": "outcomes",
    "check_file": "check",
    "compare_runs": "comparison",
    "diff_tree": "trees",
    "elsewhere_tree": "trees",
    "heeding": "interrupt",
    "is_of_a_run": "directory",
    "named_files": "check",
    "open_partial": "completion",
    "open_run": "recorded",
    "open_source": "sources",
    "read_provenance": "golden",
    "replay_elsewhere": "replay",
    "replay_golden": "golden",
    "replay_run": "replay",
    "replay_tree": "trees",
    "resume": "completion",
    "simulate": "record",
    "tenant_of": "arrivals",
    "tenants_of": "arrivals",
    "traces_tree": "trees",
    "value_changes": "outcomes",
    "write_golden": "golden",
}

__getattr__, __dir__ = lazy_names(globals(), _LAZY)
