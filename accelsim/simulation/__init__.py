"""A whole run: machine and network in, one frozen result out."""

from accelsim.simulation.check import check_file
from accelsim.simulation.images import Images, select_images
from accelsim.simulation.recorded import RecordedRun, open_run
from accelsim.simulation.result import Result
from accelsim.simulation.run import simulate
from accelsim.simulation.rundir import RUN_FILES, RunDirectory

__all__ = [
    "RUN_FILES",
    "Images",
    "RecordedRun",
    "Result",
    "RunDirectory",
    "check_file",
    "open_run",
    "select_images",
    "simulate",
]
