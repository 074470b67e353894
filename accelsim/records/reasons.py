"""Why a record begins when it does: the closed vocabulary of the column `cause`.

The reasons in `NAMES_RESOURCE` come with a resource, the dotted path of what was waited for, in
the column `resource`; all others leave it empty. docs/machine.md section 6 has them by what waits.

Reasons
    busy              an array, a port or a way of the datapath is held by a step or a refresh
    unsettled         a source plane has not settled yet
    in use            a plane is still read by another step
    unwritten         a plane does not hold this image's values
    refreshing        a plane is being refreshed
    faulty            a fault keeps a plane, a port or a way from going on
    injected          a fault strikes; the resource is what it strikes
    issue slot taken  an older image issued in this cycle
    no free context   the image waits in the queue: all contexts have an image
    clock edge        the image arrived between two clock edges
    issue             the step was issued, and its read phase begins
    write             the write phase begins, as the capacitors are charged
    order             the step before it in the image has been issued
    wait              what the step waited for is there
    arrival           an image has arrived
    idle              no image is in flight, or nothing is left to do
    powered           the supply is on, and cells or arrays leak
    due               a refresh is due
    waking            an image waits for the machine to wake
    asleep            the machine is in a power state
    lost              templates or instructions were lost, and are written again
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
