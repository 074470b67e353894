"""Records in columns: the stream that the model reports and sinks consume.

One row is one record: an interval of time [t_start_ps, t_end_ps) in which one
component did one thing, with what it counted and what caused it.

Times are integer ps. A row without step or image (standby, refresh) has -1 there. `cause`
says why the row began when it did (a reason of `records.reasons`), `resource` what the
reason speaks of, and `cause_id` names the record it waited for or followed (-1: none).
Rows come in the order of their ids.
"""

from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

KIND_MEANINGS = {
    "issue": "the control sequencer issues an instruction (one cycle)",
    "transfer": "a direction of the datapath is held (read phase)",
    "read": "a plane is read (read phase)",
    "compute": "an array, the handoff driver or the digital engine computes (read phase)",
    "write": "a plane's capacitors are charged (read phase)",
    "settle": "a plane relaxes to its new value (write phase)",
    "wait": "a context, or an image in the host's queue, waits for `cause`",
    "clock": "clock cycles from one issue to the next",
    "standby": "idle clock cycles, leakage of a bank, and its refresh in a long rest",
    "refresh": "a plane of a volatile bank is read and written again, and takes ports",
    "enter": "the machine goes into a power state",
    "sleep": "the machine is in a power state",
    "exit": "the machine comes back from a power state",
    "restore": "templates or instructions that were lost are written again",
    "fault": "something goes wrong, for a cycle; and as long as it keeps what it hit from going on",
    "convert": "converters turn values into codes, or codes into values (read phase)",
    "mac": "the fully-connected engine multiplies and adds the codes of a layer",
    "digital": "the fully-connected engine clips sums to codes, or looks for the largest",
}
"""What a record of each kind is."""

KINDS = tuple(KIND_MEANINGS)

Column = NDArray[np.int64]
Codes = NDArray[np.int32]


class Vocabulary:
    """Text of the coded columns; a code never changes once it is given."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._codes: dict[str, int] = {}

    def code(self, text: str) -> int:
        """Return the code of text, new or known."""
        code = self._codes.get(text)
        if code is None:
            code = self._codes[text] = len(self.texts)
            self.texts.append(text)
        return code

    def find(self, text: str) -> int:
        """Return the code of text, or -1 if no record has used it."""
        return self._codes.get(text, -1)


@dataclass(frozen=True)
class Records:
    """A block of records. Text columns hold codes into `vocabulary`.

    `actions` holds the counts of each action that any of them may have done, as int64 columns;
    `counts` gives those of any action.
    """

    vocabulary: Vocabulary = field(repr=False)
    id: Column
    t_start_ps: Column
    t_end_ps: Column
    component: Codes
    kind: Codes
    op: Codes
    step: Codes
    layer: Codes
    image: Column
    cause: Codes
    resource: Codes
    cause_id: Column
    actions: dict[str, Column]

    def __len__(self) -> int:
        return len(self.id)

    def counts(self, action: str) -> Column:
        """Return how often each record did an action."""
        found = self.actions.get(action)
        return np.zeros(len(self), np.int64) if found is None else found

    def part(self, some: "slice | NDArray[np.intp]") -> "Records":
        """Return some records; of a slice as views."""
        columns: dict[str, Any] = {
            each.name: getattr(self, each.name)[some]
            for each in fields(self)
            if each.name not in {"vocabulary", "actions"}
        }
        actions = {action: column[some] for action, column in self.actions.items()}
        return replace(self, **columns, actions=actions)


class Sink(Protocol):
    """Takes the records of a run, block by block, in order."""

    def write(self, records: Records) -> None:
        """Take one block."""

    def close(self) -> None:
        """Learn that the run is complete: no block follows."""
