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
UNCONVERTED = "unconverted"
READY = "ready"

NAMES_RESOURCE = (BUSY, UNSETTLED, IN_USE, UNWRITTEN, REFRESHING, FAULTY, INJECTED, UNCONVERTED)
REASONS = (
    *NAMES_RESOURCE, SLOT, NO_CONTEXT, CLOCK_EDGE, ISSUE, WRITE, ORDER, WAIT, ARRIVAL, IDLE,
    POWERED, DUE, WAKING, ASLEEP, LOST, READY,
)  # fmt: skip


REASON_MEANINGS = {
    BUSY: "another step or a refresh holds a way, port or array",
    UNSETTLED: "a plane is charged or settles",
    IN_USE: "another step still reads a plane",
    UNWRITTEN: "a plane does not hold this image's values",
    REFRESHING: "a plane is being refreshed",
    FAULTY: "a fault keeps it from going on",
    INJECTED: "a fault strikes",
    UNCONVERTED: "results in its place at the boundary are not converted yet",
    SLOT: "an older image issued in this cycle",
    NO_CONTEXT: "its context became free after the image arrived",
    CLOCK_EDGE: "the image arrived between two clock edges",
    ISSUE: "its step is issued: its read phase begins",
    WRITE: "its plane was charged: it settles",
    ORDER: "it follows the issue before",
    WAIT: "it follows the last wait of its step",
    ARRIVAL: "an image arrived",
    IDLE: "no image is in flight",
    POWERED: "the machine has power",
    DUE: "a refresh is due",
    WAKING: "the machine is woken",
    ASLEEP: "the machine is in a power state",
    READY: "what it works on is there: results, codes or sums",
    LOST: "it was lost without power",
}
"""What each reason says."""


def sentence(reason: str, resource: str) -> str:
    """Return a reason with its resource, as people read it: 'busy datapath.a_to_b'."""
    return f"{reason} {resource}" if resource else reason
