"""Signal to noise by hand where it can be: the load writes pixels, with known noise."""

import math

import numpy as np
import pytest

from accelsim.config import response_of
from accelsim.errors import InputError
from accelsim.network import open_dataset
from accelsim.study.catalog import Setting
from accelsim.study.measure import Bench
from accelsim.study.snr import ALL, ROUNDING_DB, signal_csv, study_signal

IMAGES = 200


@pytest.fixture(scope="module")
def study(mnist, tmp_path_factory):
    setting = Setting("irmen", {}, tmp_path_factory.mktemp("snr"))
    return study_signal(setting, Bench(mnist, IMAGES), 0)


def test_the_load_by_hand(mnist, irmen, tmp_path):
    # The first image of a run: its planes hold 0 before.
    setting = Setting("irmen", {}, tmp_path)
    study = study_signal(setting, Bench(mnist, range(7, 8)), 0)
    load = study.steps[0]
    pixels = open_dataset(mnist).images[7] / 255
    assert load.signal[0] == pytest.approx(pixels.std(), rel=1e-5)
    # Transfer: the mean of a magnet at the level p, and so of a pixel of 1 0.955.
    response = response_of(irmen)
    off = np.interp(pixels, response.levels, response.own) - pixels
    assert load.error["transfer"][0] == pytest.approx(math.sqrt((off**2).mean()), rel=0.02)
    # Less than a thousandth of the full scale is left of the 0 that the planes held before.
    assert 0 < load.error["settling"][0] < 2e-3
    # Write noise n is cut at 1: the mean of min(n, 1 - p)^2 over the pixels.
    written = math.hypot(irmen.noise.write.value, response.write_noise[-1, 1].mean())
    noise = math.sqrt(np.mean([_cut(written, 1 - p) for p in pixels.ravel()]))
    assert load.error["write_noise"][0] == pytest.approx(noise, rel=0.1)  # 784 numbers: 2.5 %
    assert load.ratio("read_noise") >= ROUNDING_DB  # the host drives the load: nothing is read


def test_steps_maps_and_accuracy(study, irmen):
    assert [len(step.signal) for step in study.steps] == [1] + [4] * 6 + [8] * 7
    felt = (
        "synapse_variation",
        "device_variation",
        "transfer",
        "read_noise",
        "write_noise",
        "settling",
    )
    assert study.felt == felt
    handoff, add_v = study.steps[-1], study.steps[-2]
    response, noise = response_of(irmen), irmen.noise
    levels = np.array([0.0, 0.9])  # most values are near 0 or near 1
    low, high = np.interp(levels, response.levels, response.read_noise)
    least, most = (
        math.hypot(x, 0.9351 * noise.readout_ktc.value, 0.9351 * noise.shot.value)
        for x in (low, high)
    )
    grown = np.mean(handoff.error["read_noise"] ** 2) - np.mean(add_v.error["read_noise"] ** 2)
    assert least**2 < grown < most**2
    assert set(study.accuracy) == {"ideal", ALL, *study.effects}
    assert study.accuracy["ideal"] >= study.accuracy[ALL] - 0.03


def test_csv_has_a_line_a_map(study):
    lines = signal_csv(study).splitlines()
    assert len(lines) == 1 + sum(len(step.signal) for step in study.steps)
    assert lines[0].startswith("step,op,layer,map,signal_of_full_scale,error_all_of_full_scale")


def test_ideal_cells_have_nothing_to_compare(mnist, tmp_path):
    setting = Setting("irmen", {"effects.active": "none"}, tmp_path)
    with pytest.raises(InputError, match=r"effects\.active is none: ideal cells lose no accuracy"):
        study_signal(setting, Bench(mnist, 5), 0)


def _cut(sigma, most):
    a = most / sigma
    below = (1 + math.erf(a / math.sqrt(2))) / 2
    density = math.exp(-a * a / 2) / math.sqrt(2 * math.pi)
    return sigma**2 * (below - a * density) + most**2 * (1 - below)
