"""Runs as they are kept: run directories, and what is done with them afterwards."""

from accelsim.runs.arrivals import tenant_of, tenants_of
from accelsim.runs.check import check_file, named_files
from accelsim.runs.comparison import Comparison, compare_runs
from accelsim.runs.directory import OF_STREAM, RUN_FILES, RunDirectory, is_of_a_run
from accelsim.runs.golden import Provenance, read_provenance, replay_golden, write_golden
from accelsim.runs.interrupt import Stop, heeding
from accelsim.runs.outcomes import ValueChanges, accuracy_of, value_changes
from accelsim.runs.record import simulate
from accelsim.runs.recorded import RecordedRun, open_run
from accelsim.runs.replay import Elsewhere, Replay, replay_elsewhere, replay_run
from accelsim.runs.resume import PartialRun, open_partial, resume
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
