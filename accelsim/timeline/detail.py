"""The records of a window in columns, no more than a given number of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from accelsim.compiler import Program
from accelsim.records import CodedTexts, Decoder, Table
from accelsim.records.view import Column
from accelsim.topology import QUEUE
from accelsim.trace import TraceFile, Window
from accelsim.trace.reader import Progress

_POWER_KINDS = ("enter", "sleep", "exit", "restore")


@dataclass(frozen=True)
class Detail(Table):
    """Records of a window, in order of their ids.

    until_ps: every record of the window that begins earlier is here; None: all are.
    """

    until_ps: int | None = None

    def of_images(self) -> "Detail":
        """Return the records that have an image, or all if none has."""
        having = self.image >= 0
        return self[having] if having.any() else self


def read_detail(
    trace: TraceFile,
    window: Window,
    most: int,
    progress: Progress | None = None,
    *,
    beside: bool = False,
) -> Detail:
    """Return the first `most` records of a window; its `until_ps` says how far they reach.

    beside: of images that are asked for, the records of no image over their time are wanted, too:
    refreshes, power states, faults; not standby, which lasts as long as the run.
    """
    decoder = Decoder()
    blocks: list[Table] = []
    have, until = 0, None
    for block in decoder.tables(trace.batches(window, progress=progress)):
        blocks.append(block[: most - have])
        rest = block[most - have :]
        have += len(blocks[-1])
        if len(rest):
            until = _begin(rest)
            break
    if beside and window.images is not None and blocks:
        blocks += _beside(trace, window, blocks, most, decoder)
    return Detail(**vars(decoder.joined(blocks)), until_ps=until)


def by_tenant(detail: Detail, owners: Column, names: Sequence[str]) -> Detail:
    """Return records whose layers say whose they are: 'cam: conv1'.

    owners: of each image of the run, from 0, the place of its tenant among the names.
    """
    layer, image = detail.layer, detail.image
    of = np.where(image < 0, len(names), owners[np.maximum(image, 0)])
    texts = [f"{name}: {text}" for name in names for text in layer.texts]
    size = len(layer.texts)
    coded = CodedTexts(of * size + layer.codes, [*texts, *layer.texts])
    return replace(detail, layer=coded)


def by_tile(detail: Detail, programs: Sequence[Program], owners: Column | None) -> Detail:
    """Return records whose layers say which tile a step computes: 'conv1 @0,14'.

    owners: of each image of the run, from 0, the place of its program; None: there is one.
    """
    codes, texts = np.array(detail.layer.codes), [*detail.layer.texts]
    image, step = detail.image, detail.step
    for number, program in enumerate(programs):
        steps = program.instructions
        if not any(each.tile for each in steps):
            continue
        own = (image >= 0) & (step > 0)
        own[own] &= owners is None or owners[image[own]] == number
        names = {text: place for place, text in enumerate(dict.fromkeys(s.of_tile for s in steps))}
        named = np.array([names[each.of_tile] for each in steps])
        codes[own] = len(texts) + named[step[own] - 1]
        texts += names
    return replace(detail, layer=CodedTexts(codes, texts))


def _beside(
    trace: TraceFile, window: Window, blocks: Sequence[Table], most: int, decoder: Decoder
) -> list[Table]:
    """Return the first `most` records of no image over the time of those of images.

    Of power states, those while an image waits in the queue, too: it is for it that one wakes.
    """
    begin = min(int(block.t_start_ps.min()) for block in blocks)
    end = max(int(block.t_end_ps.max()) for block in blocks)
    busy = min(int(_unqueued(block).min(initial=end)) for block in blocks)
    found: list[Table] = []
    for block in decoder.tables(trace.batches(Window(begin, end, components=window.components))):
        of_none = (block.image < 0) & ~block.kind.where("standby")
        near = (block.t_end_ps > busy) | block.kind.where(*_POWER_KINDS)
        found.append(block[of_none & near][: most - sum(map(len, found))])
    return found


def _unqueued(block: Table) -> Column:
    """Return when records begin that are not of the host's queue."""
    return block.t_start_ps[~block.component.where(QUEUE)]


def _begin(rest: Table) -> int:
    """Return when the first of the records begins that a span is shown without.

    An image may queue, and a bank leak, from the beginning of the run: that says nothing.
    """
    begun = rest.t_start_ps[~rest.component.where(QUEUE) & ~rest.kind.where("standby")]
    return int(begun.min()) if len(begun) else int(rest.t_end_ps.max())
