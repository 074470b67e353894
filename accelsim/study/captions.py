"""The line below a study's figure: what it shows, of which network, images, seeds and machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accelsim.config.machine import Override


@dataclass(frozen=True)
class Source:
    """What the results of a study are of.

    machine: with the user's changes. seeds: none if nothing is random.
    """

    network: str
    images: int
    seeds: Sequence[int]
    machine: str

    def caption(self, what: str, *more: str) -> str:
        """Return the caption: what is seen, where it is from, and sentences that say more."""
        said = (
            f"{what}. Network {self.network}, n = {self.images:,} images{_seeds(self.seeds)}; "
            f"machine {self.machine}."
        )
        return " ".join([said, *filter(None, more)])


def machine_text(name: str, changes: Mapping[str, Override]) -> str:
    """Return the name of a machine with what was changed of it."""
    if not changes:
        return name
    return f"{name} with {', '.join(f'{key}={value}' for key, value in changes.items())}"


def _seeds(seeds: Sequence[int]) -> str:
    if not seeds:
        return ""
    first, last = min(seeds), max(seeds)
    if len(seeds) == 1:
        return f", seed {first}"
    if sorted(seeds) == list(range(first, last + 1)) and len(seeds) > 2:
        return f", seeds {first} to {last}"
    return f", seeds {', '.join(map(str, seeds))}"
