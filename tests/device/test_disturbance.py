"""What reading does to the mean of many cells, against a tilt worked by hand."""

import pytest

from accelsim.device import Numerics
from accelsim.device.disturbance import Reads, mean_shift

READS = Reads(pulse=1e-9, interval=2e-9, number=6)


@pytest.fixture(scope="module")
def shift(device):
    return mean_shift(device, 0.0, READS, Numerics(samples=256), None)


def test_the_mean_tilts_by_field_over_stiffness_while_it_is_read(device, shift):
    # A small field along y turns m_y by B / Bk. It rings around that with a time constant of
    # 0.65 ns, so that the mean over 1 ns is within a fifth of it.
    tilt = device.read_field / device.magnet.hard_stiffness
    assert shift.during == pytest.approx(tilt, rel=0.2)
    assert abs(shift.between) < 0.2 * tilt
    assert (shift.cells, shift.level) == (256, 0.0)


def test_the_error_is_of_a_mean(device, shift):
    more = mean_shift(device, 0.0, READS, Numerics(samples=1024), None)
    assert more.during_error == pytest.approx(shift.during_error / 2, rel=0.5)
    combined = (more.during_error**2 + shift.during_error**2) ** 0.5
    assert abs(more.during - shift.during) < 5 * combined
