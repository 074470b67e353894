"""Time steps: what halving one changes, and which are refused."""

import re
from dataclasses import replace

import numpy as np
import pytest

from accelsim.device import IrmenDevice, Numerics, check_time_step
from accelsim.device.noise import read_noise
from accelsim.device.settling import settle
from accelsim.device.sweep import sweep
from accelsim.device.timestep import TOLERANCE, halve
from accelsim.device.waveform import Protocol, simulate_waveform
from accelsim.errors import InputError

PS = 1e-12


def changed(device: IrmenDevice, **changes: float) -> IrmenDevice:
    return replace(device, magnet=replace(device.magnet, **changes))


@pytest.mark.parametrize(
    "changes",
    [{}, {"damping": 0.003}, {"damping": 0.1}, {"thickness": 8e-9}, {"temperature": 1000.0}],
)
def test_the_default_step_passes(device, changes):
    found = halve(changed(device, **changes), PS)
    assert found.passes
    assert max(found.settling, found.noise) < TOLERANCE / 4


@pytest.mark.parametrize("volume", [1530e-27, 3000e-27, 3900e-27])
def test_the_default_step_passes_for_every_published_size(device, volume):
    check_time_step(device.with_volume(volume), PS)


def test_a_swing_that_rests_at_saturation_is_not_the_steps_fault(device):
    """Over all sizes: some swings stop near saturation, and settle early or late by chance."""
    for volume in np.linspace(1530e-27, 5400e-27, 40):
        assert halve(device.with_volume(volume), PS).settling < TOLERANCE / 2


@pytest.mark.parametrize("step", [4, 6, 8, 10, 12])
def test_long_steps_are_refused_with_one_that_passes(device, step):
    with pytest.raises(InputError) as caught:
        check_time_step(device, step * PS)
    found = re.fullmatch(
        rf"time step: {step} ps is too long for this cell: at half of it (the noise of a read|"
        r"the settling time of a full swing) changes by [\d.]+ %, more than 2 %; "
        r"([\d.]+) (ps|fs) passes",
        str(caught.value),
    )
    assert found, caught.value
    passing = float(found[2]) * (PS if found[3] == "ps" else 1e-15)
    check_time_step(device, passing)


def test_an_unstable_step_is_still_called_so(device):
    with pytest.raises(InputError, match="20 ps is unstable for this magnet"):
        check_time_step(device, 20 * PS)


def test_library_users_meet_the_check(device):
    with pytest.raises(InputError, match="too long"):
        simulate_waveform(device, Protocol(), 6 * PS, seed=1)
    with pytest.raises(InputError, match="too long"):
        sweep(device, [1530e-27], 1000, Numerics(6 * PS, 1, 32))


def test_what_is_reported_moves_as_the_check_says(device):
    """A step that passes and one that does not, by the reported figures themselves."""
    fine = settle(device, 0.9, PS / 2).full_swing
    assert settle(device, 0.9, PS).full_swing == pytest.approx(fine, rel=TOLERANCE)
    # At 2 ps, a peak within 1 % of some half step moves a last crossing by half a period, which
    # the check allows for; not at the precision of the cell.
    assert settle(device, 0.9, 2 * PS).at(4) == pytest.approx(fine[3], rel=TOLERANCE)
    long = np.abs(np.array(settle(device, 0.9, 6 * PS).full_swing) / fine - 1)
    assert long.max() > TOLERANCE
    one, six = (read_noise(device, [0.0], 1e-9, Numerics(dt, 1, 2048)) for dt in (PS, 6 * PS))
    off = six.instantaneous[0] - one.instantaneous[0]
    assert off > 4 * np.hypot(one.instantaneous_error[0], six.instantaneous_error[0])
