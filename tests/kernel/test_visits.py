"""What is done with the begin of a stretch that is reported when it is over."""

import pytest

from accelsim.kernel import Known, Reader, Shift, Writer


class Block:
    """Begun at one time, busy until another."""

    def __init__(self, begun_ps, until_ps):
        self.begun_ps, self.until_ps = begun_ps, until_ps

    def exchange(self, state):
        state.begins(self, "begun_ps")
        state.times(self, "until_ps")


def test_it_is_not_compared():
    found = []
    for begun, now in ((0, 100), (250, 300)):
        writer = Writer(Known(), now, counted=False)
        Block(begun, now + 7).exchange(writer)
        found.append(writer.data)
    assert found == [[7], [7]]


def test_it_is_written_down_and_read_back():
    writer, block = Writer(Known()), Block(0, 0)
    Block(250, 307).exchange(writer)
    assert writer.data == [250, 307]
    reader = Reader(writer.data, Known(), {})
    block.exchange(reader)
    assert (block.begun_ps, block.until_ps, reader.is_at_end) == (250, 307, True)


@pytest.mark.parametrize(("begun", "after"), [(0, 0), (100, 100), (101, 1101), (None, None)])
def test_it_is_moved_only_if_it_lies_in_the_period(begun, after):
    block = Block(begun, 300)  # of a period that began at 100
    block.exchange(Shift(1000, 5, 50, since_ps=100))
    assert (block.begun_ps, block.until_ps) == (after, 1300)
