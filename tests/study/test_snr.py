"""Signal to noise by hand where it can be: the load writes pixels, with known noise."""

import math

import numpy as np
import pytest

from accelsim.errors import InputError
from accelsim.network import open_dataset
from accelsim.study.catalog import Setting
from accelsim.study.measure import Bench
from accelsim.study.snr import ALL, signal_csv, study_signal

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
    # What a write does not settle is left of 0: exp(-2 ns / 648 ps) of the pixel.
    left = math.exp(-2000 / irmen.noise.settling.value) * math.sqrt((pixels**2).mean())
    assert load.error["settling"][0] == pytest.approx(left, rel=1e-4)
    # Write noise n is cut at 1: the mean of min(n, 1 - p)^2 over the pixels.
    noise = math.sqrt(np.mean([_cut(irmen.noise.write.value, 1 - p) for p in pixels.ravel()]))
    assert load.error["write_noise"][0] == pytest.approx(noise, rel=0.1)  # 784 numbers: 2.5 %
    assert load.ratio("read_noise") == math.inf  # the host drives the load: nothing is read


def test_steps_maps_and_accuracy(study, irmen):
    assert [len(step.signal) for step in study.steps] == [1] + [4] * 6 + [8] * 7
    assert study.felt == ("synapse_variation", "read_noise", "write_noise", "settling")
    handoff, add_v = study.steps[-1], study.steps[-2]
    read = math.hypot(irmen.noise.read.value, irmen.noise.readout_ktc.value)
    grown = np.mean(handoff.error["read_noise"] ** 2) - np.mean(add_v.error["read_noise"] ** 2)
    assert grown == pytest.approx(read**2, rel=0.05)
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
