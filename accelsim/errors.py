"""Errors that a user can act on, and the exit code that each one means.

A message says where (file:line:column, or a dotted key), what came, what was
expected, and the nearest right name. The command prints it without a traceback.

Exit codes
    0    done
    1    failed: a deadlock, a ledger that does not reconcile, no memory left
    2    bad input: a file, a key, a value or an option that cannot be used
    3    differs: a comparison (diff, replay) found a difference
    130  interrupted (Ctrl-C); what a run had done is kept, and can be resumed
    143  ended by SIGTERM; likewise
"""

import difflib
from collections.abc import Iterable

DIFFERS = 3
"""Exit code of a comparison that found a difference: an outcome, not an error."""


class AccelsimError(Exception):
    """Any failure that accelsim explains itself; the command exits with `exit_code`."""

    exit_code = 1


class InputError(AccelsimError):
    """Input that cannot be used: a file, a key, a value, an option. Exit code 2."""

    exit_code = 2


class DeadlockError(AccelsimError):
    """The run stopped with images in flight; names component, resource and since when."""


class ReconciliationError(AccelsimError):
    """Two views of the same ledger disagree: a defect of the model, never of the input."""


class InterruptError(AccelsimError):
    """A run that was asked to stop, by the signal of a number; what it had done is kept."""

    def __init__(self, message: str, signal: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal


def nearest(name: str, candidates: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the candidate closest to name, or ""; cases are alike."""
    folded: dict[str, str] = {}
    for each in candidates:
        folded.setdefault(each.casefold(), each)
    close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.5)
    return f"; did you mean '{folded[close[0]]}'?" if close else ""
