"""Where an image goes on whose steps in flight were lost."""

from collections.abc import Sequence

from accelsim.model.binding import Binding
from accelsim.model.plane import DestinationClaim, SourceClaim


def goes_on_at(bindings: Sequence[Binding], issued: int, image: int) -> int:
    """Return the last place in a program at which an image can go on, with what planes hold.

    issued: so many steps had been issued. It is the load, place 0, if nothing of use is left. A
    value is of use if it is still there: nothing that was issued since has been written over it.
    """
    last = min(issued, len(bindings) - 1)
    return next(
        place for place in range(last, -1, -1) if _can_go_on(bindings, place, issued, image)
    )


def _can_go_on(bindings: Sequence[Binding], place: int, issued: int, image: int) -> bool:
    over = {path for binding in bindings[place:issued] for path in _written(binding)}
    written: set[str] = set()
    for binding in bindings[place:]:
        sources = [claim for claim in binding.claims if isinstance(claim, SourceClaim)]
        for claim in sources:
            for lane, path in claim.paths.items():
                if path not in written and (path in over or not claim.holds(lane, image)):
                    return False
        written.update(_written(binding))
    return True


def _written(binding: Binding) -> list[str]:
    """Return the paths of the planes that a step writes."""
    return [
        path
        for claim in binding.claims
        if isinstance(claim, DestinationClaim)
        for path in claim.paths.values()
    ]
