"""Shares of the images, computed apart, are the images computed at once."""

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.model import Stream
from accelsim.simulation import run_events, select_images, value_source
from accelsim.values import Share

IMAGES = 140


@pytest.mark.parametrize("effects", ["none", "read_noise, settling"])
@pytest.mark.parametrize("parts", [2, 5])
def test_shares_together_are_the_whole(mnist, effects, parts):
    # Settling makes chains of images, which are cut after 32; ideal cells have batches of 128, so
    # that some of five shares have no image.
    machine = accelsim.load_machine("irmen", {"effects.active": effects})
    program, images = compile_network(mnist, machine), select_images(mnist, IMAGES)
    events = run_events(machine, program, Stream.at_once(range(IMAGES)), step_times=True)

    def values(*share):
        source, _ = value_source(machine, mnist, program, images, 3, **dict(share))
        assert source is not None
        return source.compute(events.step_times, lambda _: None)

    whole = values()
    some = [values(("share", Share(number, parts))) for number in range(parts)]
    numbers = np.concatenate([each.images for each in some])
    assert sorted(numbers) == list(range(IMAGES))
    assert all((np.diff(each.images) > 0).all() for each in some)
    order = np.argsort(numbers)
    for name in ("predicted", "labels"):
        found = np.concatenate([getattr(each, name) for each in some])[order]
        assert (found == getattr(whole, name)).all()
    logits = np.concatenate([each.logits for each in some if each.logits is not None])[order]
    assert (logits == whole.logits).all()
    assert sum(each.correct for each in some) == whole.correct
