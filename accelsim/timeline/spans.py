"""The steps and images of a window: what the records of one step add up to, and when."""

from dataclasses import dataclass, field

import numpy as np

from accelsim.ops import HANDOFF_STEP, LOAD_STEP
from accelsim.records import Groups
from accelsim.records.view import Column
from accelsim.timeline.detail import Detail
from accelsim.topology import CLASSIFIER_PATHS


@dataclass(frozen=True)
class Steps:
    """Steps of images from issue until the results are settled, in order of issue.

    first: row of `detail` that issues it. slot: which of the images in flight it belongs to,
    from 0; an image keeps its slot. energy and actions: sums over the records of the step.
    """

    first: Column = field(repr=False)
    t_start_ps: Column = field(repr=False)
    t_end_ps: Column = field(repr=False)
    image: Column = field(repr=False)
    step: Column = field(repr=False)
    slot: Column = field(repr=False)
    energy_aJ: Column = field(repr=False)  # noqa: N815 - aJ is the unit
    actions: Column = field(repr=False)

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class ImageSpan:
    """An image whose first and last step are both in the window, from issue to settled.

    energy_aJ: of its records up to the handoff; standby is no image's.
    """

    image: int
    start_ps: int
    end_ps: int
    energy_aJ: int  # noqa: N815 - aJ is the unit

    @property
    def latency_ps(self) -> int:
        """Time from the issue of its first step until its last one has settled."""
        return self.end_ps - self.start_ps


def find_steps(detail: Detail, *, cut: bool = False) -> Steps:
    """Return the steps whose issue and settling are both among the records.

    cut: those, too, that a window cuts, for as long as their records last.
    """
    of_step = np.flatnonzero((detail.step >= 0) & (detail.image >= 0))
    groups = Groups(len(of_step), detail.image[of_step], detail.step[of_step])
    count, place = len(groups), groups.of
    first = np.full(count, -1)
    end = np.full(count, -1)
    issues = detail.kind.where("issue")[of_step]
    first[place[issues]] = of_step[issues]
    settles = detail.kind.where("settle")[of_step]
    np.maximum.at(end, place[settles], detail.t_end_ps[of_step[settles]])
    if cut:
        _add_cut(detail, of_step, place, first, end)
    energy = groups.sums(detail.energy_aJ[of_step])
    actions = np.stack([groups.sums(counts) for counts in detail.actions[of_step].T], axis=1)
    whole = np.flatnonzero((first >= 0) & (end >= 0))
    whole = whole[np.argsort(first[whole], kind="stable")]
    rows = first[whole]
    image, start = detail.image[rows], detail.t_start_ps[rows]
    slot = _slots(image, start, end[whole])
    return Steps(
        rows, start, end[whole], image, detail.step[rows], slot, energy[whole], actions[whole]
    )


def _add_cut(detail: Detail, of_step: Column, place: Column, first: Column, end: Column) -> None:
    """Let steps without an issue or a settling (-1) begin and end with their other records."""
    lasting = ~detail.kind.where("wait")[of_step]
    rows, groups = of_step[lasting][::-1], place[lasting][::-1]  # the first row is written last
    begun, ended = np.full(len(first), -1), np.full(len(end), -1)
    begun[groups] = rows
    np.maximum.at(ended, groups, detail.t_end_ps[rows])
    first[:] = np.where(first < 0, begun, first)
    end[:] = np.where(end < 0, ended, end)


def find_images(detail: Detail, steps: Steps) -> list[ImageSpan]:
    """Return the images that are whole, from load to handoff, in order of image."""
    start = {int(i): int(t) for i, t in _at(detail, steps, LOAD_STEP, steps.t_start_ps)}
    ends = {int(i): int(t) for i, t in _at(detail, steps, HANDOFF_STEP, steps.t_end_ps)}
    published = ~detail.component.where(*CLASSIFIER_PATHS)
    spans = []
    for image in sorted(start.keys() & ends.keys()):
        energy = int(detail.energy_aJ[published & (detail.image == image)].sum())
        spans.append(ImageSpan(image, start[image], ends[image], energy))
    return spans


def _at(detail: Detail, steps: Steps, op: str, times: Column) -> "zip[tuple[int, int]]":
    rows = detail.op.where(op)[steps.first]
    return zip(steps.image[rows], times[rows], strict=True)


def _slots(image: Column, start: Column, end: Column) -> Column:
    """Give each image the lowest slot that is free from its first step to its last."""
    groups = Groups(len(image), image)
    images, place = image[groups.first], groups.of
    begins, ends = groups.least(start), groups.most(end)
    slots = np.zeros(len(images), np.int64)
    free: list[int] = []  # the time from which each slot is free
    for number in np.lexsort((images, begins)):
        idle = (slot for slot, time in enumerate(free) if time <= begins[number])
        slot = next(idle, len(free))
        free[slot : slot + 1] = [int(ends[number])]
        slots[number] = slot
    return slots[place]
