"""When a write is settled: each criterion by hand or against a run of its own."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.device import Drive, Ensemble
from accelsim.device.criteria import as_read, envelope, magnetization
from accelsim.device.technology import Response
from accelsim.errors import InputError

PS = 1e-12


def last_crossing(device, half_step):
    ensemble = Ensemble(device.magnet, 1, PS)
    ensemble.set_level(-0.9)
    y = ensemble.run(Drive.constant(device.level_field(0.9), 10000), every=1)[:, 1, 0]
    return (np.flatnonzero(np.abs(y - 0.9) > half_step)[-1] + 2) * PS


def test_magnetization_is_the_slowest_of_this_and_larger_magnets(device):
    times = magnetization(device, 0.9, PS)
    assert list(times) == sorted(times)
    larger = [last_crossing(device.with_volume(5.4e-24 * 8 ** (n / 96)), 1 / 16) for n in range(97)]
    assert times[3] == pytest.approx(max(larger), abs=2.1 * PS)
    assert times[3] >= larger[0]


@settings(max_examples=6, deadline=None)
@given(st.floats(1500, 8000), st.integers(1, 32))
def test_magnetization_never_calls_the_smaller_magnet_faster(device, volume, sizes):
    # The larger one is among the sizes that are looked at for the smaller one, 2 % apart.
    small, large = (
        magnetization(device.with_volume(volume * 8 ** (number / 96) * 1e-27), 0.9, PS)[3]
        for number in (0, sizes)
    )
    assert small >= large - PS


def test_envelope_by_hand(device):
    # ln(1.8 x 16) = 3.36 time constants at level 0.9, where B1 is 0.19 of Bk.
    rate = 1.7609e11 * 0.01 * (0.19 * 0.05294 + 1.7215) / 2
    assert envelope(device, 0.9, 4) == pytest.approx(3.3604 / rate, rel=1e-3)
    assert envelope(device, 0.9, 5) - envelope(device, 0.9, 4) == pytest.approx(
        math.log(2) / rate, rel=1e-3
    )


def test_as_read_takes_the_first_write_after_which_all_is_inside():
    levels = np.linspace(-1.2, 1.2, 13)
    carry = np.zeros((3, 13, 13))
    carry[0, 0, 0] = 1  # beyond the swing: of no concern
    carry[1, 4, 6], carry[2, 4, 6] = -0.07, 0.06
    zeros = np.zeros(13)
    response = Response(1000, 1, levels, levels, zeros, zeros, 0.0, levels, carry)
    assert as_read(response, 0.9, 4) == 1
    carry[0, 4, 6] = -0.07
    assert as_read(response, 0.9, 4) == 3
    assert as_read(response, 0.9, 5) is None
    assert as_read(replace(response, carry=np.zeros((1, 13, 13))), 0.9, 8) == 1
    # A swing of 0.9 lies between the levels 0.8 and 1.0: the outer one counts.
    outer = np.zeros((2, 13, 13))
    outer[0, 1, 11] = 0.07
    assert as_read(replace(response, carry=outer), 0.9, 4) == 2
    assert as_read(replace(response, carry=outer), 0.8, 4) == 1


def test_a_magnet_that_rings_for_ever_has_no_settling_time(device):
    ringing = replace(device, magnet=replace(device.magnet, damping=1e-5))
    with pytest.raises(InputError, match="damping: a write does not settle within 1 us"):
        magnetization(ringing, 0.9, PS)
