"""Why a record begins when it does: the closed vocabulary of the column `cause`.

The reasons in `NAMES_RESOURCE` come with a resource, the dotted path of what was waited for, in
the column `resource`; all others leave it empty.
"""

BUSY = "busy"
UNSETTLED = "unsettled"
IN_USE = "in use"
UNWRITTEN = "unwritten"
REFRESHING = "refreshing"
SLOT = "issue slot taken"
NO_CONTEXT = "no free context"
CLOCK_EDGE = "clock edge"
ISSUE = "issue"
WRITE = "write"
ORDER = "order"
WAIT = "wait"
ARRIVAL = "arrival"
IDLE = "idle"
POWERED = "powered"
DUE = "due"
WAKING = "waking"
ASLEEP = "asleep"
LOST = "lost"
FAULTY = "faulty"
INJECTED = "injected"

NAMES_RESOURCE = (BUSY, UNSETTLED, IN_USE, UNWRITTEN, REFRESHING, FAULTY, INJECTED)
REASONS = (
    *NAMES_RESOURCE, SLOT, NO_CONTEXT, CLOCK_EDGE, ISSUE, WRITE, ORDER, WAIT, ARRIVAL, IDLE,
    POWERED, DUE, WAKING, ASLEEP, LOST,
)  # fmt: skip


def sentence(reason: str, resource: str) -> str:
    """Return a reason with its resource, as people read it: 'busy datapath.a_to_b'."""
    return f"{reason} {resource}" if resource else reason
