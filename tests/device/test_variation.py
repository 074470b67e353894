"""How a cell's response moves with its geometry: factors against simulations of varied cells."""

import math

import numpy as np
import pytest

import accelsim
from accelsim.config import response_of
from accelsim.device.physics import BOLTZMANN
from accelsim.device.response import _Bench, _Phases
from accelsim.device.technologies import magnet_cell
from accelsim.device.variation import (
    FACTORS,
    VARIED,
    Spread,
    boltzmann_mean,
    exponents_of,
    read_variance,
    varied,
)

READ = 1e-9
CELLS = 1024


@pytest.fixture(scope="module")
def machine():
    return accelsim.load_machine("irmen")


@pytest.fixture(scope="module")
def device(machine):
    return magnet_cell(machine)


def exponent(device, factor, name):
    return exponents_of(device, READ)[FACTORS.index(factor), VARIED.index(name)]


def test_exponents_by_hand(device):
    # A disc has no shape anisotropy: Bk = 2 K / Ms, and the drive is alpha V / (t Bk).
    for name, power in (("anisotropy", -1), ("me_layer_thickness", -1), ("edge", 0)):
        assert exponent(device, "drive", name) == pytest.approx(power, abs=1e-3)
    # Delta = K V / kT.
    for name, power in (("edge", 2), ("thickness", 1), ("anisotropy", 1), ("ir_length", 0)):
        assert exponent(device, "stability", name) == pytest.approx(power, abs=1e-3)
    # The output is proportional to lambda; kT/C as a share of it falls with its square, shot
    # noise is made of the same spins: 0.0183 and 0.0079 of full scale.
    assert exponent(device, "output", "ir_length") == pytest.approx(1, abs=1e-3)
    share = 0.01834**2 / (0.01834**2 + 0.00789**2)
    assert exponent(device, "readout", "ir_length") == pytest.approx(-2 * share, abs=0.01)
    # kT/C of the ME capacitor, area over thickness; 4 % of the variance is the magnet's motion.
    assert exponent(device, "write", "edge") == pytest.approx(-2, abs=0.1)
    assert exponent(device, "write", "me_layer_thickness") == pytest.approx(1, abs=0.1)


def test_the_current_follows_from_the_supply(device):
    # All of the supply drops across the barrier: twice the area, twice the current.
    wide = varied(device, {"edge": math.sqrt(2)})
    assert wide.cell.read_current.value == pytest.approx(16e-6, rel=1e-5)
    assert wide.stack.drop == pytest.approx(0.2, rel=1e-5)
    # By hand lambda P I R / l: twice the current over sqrt(2) the length, less what is shunted.
    ratio = wide.read_voltage / device.read_voltage
    shunts = wide.stack.unshunted / device.stack.unshunted
    assert ratio == pytest.approx(math.sqrt(2) * shunts)


def test_the_mean_is_that_of_equilibrium(machine, device):
    response = response_of(machine)
    found = boltzmann_mean(device, response.levels)
    # A read is 2 ns after isolation at constant charge: near equilibrium, not in it.
    np.testing.assert_allclose(found, response.mean, rtol=0, atol=4 * response.error.max())
    # By hand: <m_y> at Delta = 3 and a field of half Bk, by sums over the sphere.
    small = device.with_volume(3 * BOLTZMANN * 300 / 45e3)
    assert small.magnet.stability == pytest.approx(3, rel=1e-3)
    cosine, angle = np.meshgrid(
        (np.arange(800) + 0.5) / 400 - 1, (np.arange(800) + 0.5) * math.pi / 400
    )
    y, z = np.sqrt(1 - cosine**2) * np.cos(angle), cosine
    ratio = small.magnet.normal_stiffness / small.magnet.hard_stiffness
    weight = np.exp(-small.magnet.stability * (y * y - y + ratio * z * z))
    mean = (weight * y).sum() / weight.sum()
    assert boltzmann_mean(small, [0.5])[0] == pytest.approx(mean, abs=1e-4)


LEVELS = np.array([-0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0, 1.1])


def written(device, levels, draws=5):
    """Return what reads see of levels after two write cycles, (levels, CELLS)."""
    bench = _Bench(device, _Phases.of(1000, 1, 1e-12), draws)
    return bench.write(np.asarray(levels, float), CELLS).values[1]


@pytest.fixture(scope="module")
def nominal(device):
    return written(device, LEVELS)


@pytest.mark.parametrize(
    "factors",
    [
        {"edge": 1.1, "ir_length": 0.95},
        {"anisotropy": 0.9},
        {"edge": 0.95, "thickness": 1.05, "me_layer_thickness": 0.95},
    ],
    ids=str,
)
def test_a_varied_cell_responds_as_its_factors_say(machine, device, nominal, factors):
    # The same thermal draws in both. 5 to 10 %, far beyond the deviations of a die.
    other = varied(device, factors)
    spread = Spread(device, np.ones(len(VARIED)), exponents_of(device, READ))
    drive, output, stability, motion, *_ = spread.factors(
        [math.log(factors.get(name, 1)) for name in VARIED]
    )
    # Levels of the common voltage, as this cell's own full scale counts them.
    scale = device.full_scale_voltage / other.full_scale_voltage
    seen = written(other, LEVELS * scale) * other.full_scale / device.full_scale
    volts = seen * other.read_voltage / device.read_voltage
    response = response_of(machine)
    mean = np.interp(LEVELS * drive, response.levels, response.mean)
    mean = output * (mean + math.log(stability) * spread.softening(LEVELS * drive))
    error = volts.std(axis=1, ddof=1) / math.sqrt(CELLS) + response.error.max()
    # First order in 10 % leaves a part of 1 %; the table is straight between its levels.
    np.testing.assert_array_less(abs(mean - volts.mean(axis=1)), 4 * error + 0.003)
    # Noise where it hardly depends on the level: variances known to sqrt(2 / CELLS) each.
    ratio = np.mean(seen[1:4].var(axis=1)) / np.mean(nominal[1:4].var(axis=1))
    assert ratio == pytest.approx(motion, rel=4 * math.sqrt(2 / CELLS / 3) + 0.02)


def test_read_noise_is_that_of_small_motion(device, nominal):
    truth = nominal[2].std()
    frozen = device.back_action / (1 + device.back_action) / math.sqrt(2 * device.magnet.stability)
    expected = math.hypot(math.sqrt(read_variance(device, READ)), frozen) / device.full_scale
    assert truth == pytest.approx(expected, rel=4 / math.sqrt(2 * CELLS) + 0.01)


def test_factors_are_log_normal(device, machine):
    spread = Spread.of(device, machine.variation, READ)
    normal = np.random.default_rng(1).standard_normal((len(VARIED), 20_000))
    factors = spread.factors(normal)
    assert factors.shape == (len(FACTORS), 20_000)
    # drive: anisotropy and ME layer, 1 % each; output: lambda, and the edge to the power 0.58.
    expected = {"drive": math.hypot(0.01, 0.01), "output": math.hypot(0.01, 0.0058)}
    for name, deviation in expected.items():
        found = np.log(factors[FACTORS.index(name)])
        assert found.std() == pytest.approx(deviation, rel=0.03)
        assert abs(found.mean()) < 4 * deviation / math.sqrt(20_000)
    # The device of some draws is the one that the factors are of, to first order.
    drawn = normal[:, 0]
    one = spread.device(drawn)
    assert math.log(one.magnet.stability / device.magnet.stability) == pytest.approx(
        math.log(factors[FACTORS.index("stability"), 0]), abs=1e-4
    )
