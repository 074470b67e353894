"""How a cell's response moves with its geometry: factors against simulations of varied cells."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import accelsim
from accelsim.config import response_of
from accelsim.device.ensemble import Drive, Ensemble
from accelsim.device.equilibrium import boltzmann_mean, crossings, leaning
from accelsim.device.physics import BOLTZMANN, MU_0
from accelsim.device.response import _Bench, _Phases, read_weights
from accelsim.device.technologies import magnet_cell
from accelsim.device.variation import (
    FACTORS,
    TILT,
    VARIED,
    Spread,
    exponents_of,
    read_variance,
    varied,
)

READ = 1e-9
PHASES = READ, 2e-9
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


def test_a_disc_that_is_not_round_by_hand(device):
    # Of an ellipse that is nearly a disc, N_y - N_x = (N + dN/dln t / 2) ln(l / w), N being that
    # of the disc in its plane: 0.0730 and dN/dln t = 0.0531 at 3 nm of 47.9. In units of Bk that
    # is 4.0 %, and of Delta, for 1 % of l / w.
    magnet = device.magnet
    thick, thin = (replace(magnet, thickness=3e-9 * (1 + x)).demagnetization.x
                   for x in (0.001, -0.001))  # fmt: skip
    slope = magnet.demagnetization.x + (thick - thin) / 0.002 / 2
    per_cent = MU_0 * magnet.saturation_magnetization * slope / magnet.hard_stiffness
    assert per_cent == pytest.approx(4.0, abs=0.05)
    assert exponent(device, "drive", "aspect_ratio") == pytest.approx(-per_cent, rel=2e-3)
    assert exponent(device, "stability", "aspect_ratio") == pytest.approx(per_cent, rel=2e-3)
    # The area stays, and so do the current and the capacitances.
    wide = varied(device, {"aspect_ratio": 1.02})
    assert wide.magnet.area == pytest.approx(magnet.area)
    assert wide.magnet.length / wide.magnet.width == pytest.approx(1.02)
    assert wide.cell.read_current.value == device.cell.read_current.value
    assert wide.write_ktc * wide.full_scale_voltage == device.write_ktc * device.full_scale_voltage


def test_axes_that_vary_on_their_own_are_an_edge_and_an_aspect_ratio(device):
    # ln l and ln w of a deviation s each: their mean has s / sqrt(2), their difference s sqrt(2).
    one = varied(device, {"edge": 1.01**0.5, "aspect_ratio": 1.01})
    assert one.magnet.length == pytest.approx(1.01 * device.magnet.length)
    assert one.magnet.width == pytest.approx(device.magnet.width)


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
    np.testing.assert_allclose(found, response.own, rtol=0, atol=4 * response.error.max())
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
    return bench.reads(np.asarray(levels, float), 0.0, 0.0, CELLS)[0][1]


@pytest.fixture(scope="module")
def nominal(device):
    return written(device, LEVELS)


@pytest.mark.parametrize(
    "factors",
    [
        {"edge": 1.1, "ir_length": 0.95},
        {"anisotropy": 0.9},
        {"edge": 0.95, "thickness": 1.05, "me_layer_thickness": 0.95},
        {"aspect_ratio": 0.975},
    ],
    ids=str,
)
def test_a_varied_cell_responds_as_its_factors_say(machine, device, nominal, factors):
    # The same thermal draws in both. 5 to 10 %, far beyond the deviations of a die.
    other = varied(device, factors)
    spread = Spread.of(device, np.ones(len(VARIED)), PHASES)
    drive, output, stability, motion, *_ = spread.factors(
        [math.log(factors.get(name, 1)) for name in VARIED]
    )
    # Levels of the common voltage, as this cell's own full scale counts them.
    scale = device.full_scale_voltage / other.full_scale_voltage
    seen = written(other, LEVELS * scale) * other.full_scale / device.full_scale
    volts = seen * other.read_voltage / device.read_voltage
    response = response_of(machine)
    mean = np.interp(LEVELS * drive, response.levels, response.own)
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
    spread = Spread.of(device, machine.variation.deviations, PHASES)
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


def tilted(device, levels, tilt, count):
    """Return what reads see of levels after two write cycles, of tilted magnets on either side.

    (levels, 2, count). In the frame of the easy axis the drive has a part along it, and a
    read sees some of m_x.
    """
    cos, sin = math.cos(tilt), math.sin(tilt)
    field = np.repeat(device.level_field(levels), 2 * count)
    ensemble = Ensemble(device.magnet, len(field), 1e-12, 7)
    ensemble.set_m(np.tile(np.repeat([[1.0, -1.0], [0, 0], [0, 0]], count, axis=1), len(levels)))
    follow = device.charging(np.arange(0, 1001, 10) * 1e-12, 0.0, 1.0)
    follow /= follow[-1]
    for before, after in pairwise(follow):
        ensemble.along = sin * field * (before + after) / 2
        rise = cos * field * (after - before)
        ensemble.run(Drive(cos * field * before, rise, np.linspace(0, 1, 11)))
    ensemble.along = sin * field
    ensemble.run(Drive.constant(cos * field, 2000))
    m = ensemble.run(Drive.constant(cos * field, 1000), every=4)
    seen = read_weights(device, READ, 250) @ (cos * m[:, 1] + sin * m[:, 0])
    return seen.reshape(len(levels), 2, count)


TILTED = np.array([-0.7, -0.5, 0.0, 0.5, 0.6, 0.7, 1.0, 1.2])


@pytest.mark.parametrize("volume", [5400e-27, 1530e-27])
def test_a_tilted_axis_shifts_levels_as_linear_response_says(device, volume):
    device, tilt, count = device.with_volume(volume), 0.02, 512
    seen = tilted(device, TILTED, tilt, count)
    # On the other side of x the tilt is the negative: half the difference is what is odd in it.
    found = (seen[:, 0].mean(axis=1) - seen[:, 1].mean(axis=1)) / 2
    error = np.hypot(*seen.std(axis=2, ddof=1).T) / 2 / math.sqrt(count)
    expected = tilt * leaning(device, TILTED, 2.5e-9)
    np.testing.assert_array_less(abs(found - expected), 4 * error + 0.05 * tilt)
    # The offset of level 0 is the tilt itself, and levels of either sign are off the same way.
    assert found[2] == pytest.approx(tilt, rel=0.05)
    assert found[1] * found[3] > 0
    assert found[3] > 5 * error[3]


def test_leaning_by_hand(device):
    # Without heat: sin(2 (p - t)) = 2 b cos p of a magnet at an angle p; to first order in the tilt
    # t, m_y = b + t (1 - 2 b^2) / sqrt(1 - b^2). Even in the level; nothing where the sides meet.
    cold = replace(device, magnet=replace(device.magnet, temperature=3.0))
    levels = np.array([0.0, 0.3, 0.6, 0.8])
    by_hand = (1 - 2 * levels**2) / np.sqrt(1 - levels**2)
    np.testing.assert_allclose(leaning(cold, levels, 2.5e-9), by_hand, atol=0.02)
    np.testing.assert_allclose(leaning(cold, -levels, 2.5e-9), leaning(cold, levels, 2.5e-9))
    assert abs(leaning(device, [0.9, 1.0, 1.2], 2.5e-9)).max() < 0.11
    # And at Delta = 3 and half of Bk, by sums over half of the sphere, with and without a tilt.
    small = device.with_volume(3 * BOLTZMANN * 300 / 45e3)
    cosine, angle = np.meshgrid(
        (np.arange(800) + 0.5) / 400 - 1, (np.arange(800) + 0.5) * math.pi / 800 - math.pi / 2
    )
    x, y = (np.sqrt(1 - cosine**2) * turn(angle) for turn in (np.cos, np.sin))
    ratio = small.magnet.normal_stiffness / small.magnet.hard_stiffness

    def mean(tilt):
        along = x * math.cos(tilt) + y * math.sin(tilt)
        energy = -(along**2) - y + (ratio - 1) * cosine**2
        weight = np.exp(-small.magnet.stability * (energy - energy.min()))
        return (weight * y).sum() / weight.sum()

    slope = (mean(0.01) - mean(-0.01)) / 0.02
    assert leaning(small, [0.5], 0.0)[0] == pytest.approx(slope, abs=2e-3)


def test_how_often_a_magnet_changes_its_side(device):
    # At rest: 8.4 GHz e^-58.7, over one of the two saddles. At 0.7 of Bk the barrier is
    # 58.7 x 0.09 = 5.28 kT, and the precession slower by sqrt(0.51).
    magnet = device.magnet
    at_rest = magnet.kittel_frequency() * math.exp(-magnet.stability)
    found = crossings(magnet, [0.0, 0.7, -0.7, 1.0, 3.0])
    assert found[0] == pytest.approx(at_rest)
    by_hand = magnet.kittel_frequency() * math.sqrt(0.51) * math.exp(-0.09 * magnet.stability)
    np.testing.assert_allclose(found[1:3], by_hand)
    assert found[3] == found[4] > 1e9


def test_tilts_are_drawn_last_and_scale_nothing(device):
    deviations = np.zeros(len(VARIED))
    deviations[VARIED.index(TILT)] = 0.01
    spread = Spread.of(device, deviations, PHASES)
    normal = np.random.default_rng(2).standard_normal((len(VARIED), 4))
    assert VARIED[-1] == TILT
    np.testing.assert_allclose(spread.tilts(normal), 0.01 * normal[-1])
    assert (spread.factors(normal) == 1).all()
    assert spread.device(normal[:, 0]).magnet == device.magnet
