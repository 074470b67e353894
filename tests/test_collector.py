"""When Python looks for garbage."""

import gc

from accelsim.collector import all_stay, left_alone


def test_nothing_is_looked_at_while_all_stays():
    assert gc.isenabled()
    with all_stay():
        assert not gc.isenabled()
        with all_stay():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_there_is_left_alone_until_the_outermost_is_over():
    with left_alone():
        assert gc.get_freeze_count()
        with left_alone():
            pass
        assert gc.get_freeze_count()
    assert not gc.get_freeze_count()


def test_garbage_that_is_made_meanwhile_is_found():
    with left_alone():
        gc.collect()
        ring: list[object] = []
        ring.append(ring)
        del ring
        assert gc.collect() == 1
