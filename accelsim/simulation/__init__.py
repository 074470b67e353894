"""A whole run: machine and network in, one frozen result out."""

from accelsim.simulation.check import check_file
from accelsim.simulation.golden import Provenance, read_provenance, replay_golden, write_golden
from accelsim.simulation.images import Images, select_images
from accelsim.simulation.outcomes import ValueChanges, accuracy_of, value_changes
from accelsim.simulation.recorded import RecordedRun, open_run
from accelsim.simulation.replay import Elsewhere, Replay, replay_elsewhere, replay_run
from accelsim.simulation.result import Result
from accelsim.simulation.run import simulate
from accelsim.simulation.rundir import RUN_FILES, RunDirectory, is_of_a_run
from accelsim.simulation.sources import TraceSource, open_source

__all__ = [
    "RUN_FILES",
    "Elsewhere",
    "Images",
    "Provenance",
    "RecordedRun",
    "Replay",
    "Result",
    "RunDirectory",
    "TraceSource",
    "ValueChanges",
    "accuracy_of",
    "check_file",
    "is_of_a_run",
    "open_run",
    "open_source",
    "read_provenance",
    "replay_elsewhere",
    "replay_golden",
    "replay_run",
    "select_images",
    "simulate",
    "value_changes",
    "write_golden",
]
