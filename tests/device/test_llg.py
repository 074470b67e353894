"""The stochastic LLG equation against its theory and against plain NumPy.

Every random test is seeded; tolerances are four standard errors unless they say otherwise,
so a change of the seed fails one of them about once in 15,000.
"""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from accelsim.device import Drive, Ensemble
from accelsim.device.reference import energy, heun_step
from accelsim.device.streams import field_draws
from accelsim.device.switching import attempt_time, dissipated, shortest_attempt_time

PS = 1e-12


def random_directions(count: int, seed: int) -> np.ndarray:
    v = np.random.default_rng(seed).normal(size=(3, count))
    return v / np.sqrt((v * v).sum(axis=0))


def test_energy_only_falls_and_length_stays_one(magnet):
    ensemble = Ensemble(magnet, 200, PS)
    ensemble.set_m(random_directions(200, 1))
    field = 0.4 * magnet.hard_stiffness
    before = energy(magnet, ensemble.m, field)
    moved = ensemble.run(Drive.constant(field, 5000), every=1)
    np.testing.assert_allclose((moved**2).sum(axis=1), 1, atol=1e-14)
    after = np.stack([energy(magnet, m, field) for m in moved])
    # In units of the barrier; 1e-12 is rounding.
    scale = magnet.moment * magnet.hard_stiffness
    falls = np.diff(np.concatenate([before[None], after]), axis=0) / scale
    assert falls.max() < 1e-12
    assert (after[-1] - after[-1].min()).max() < 1e-3 * scale


@pytest.mark.parametrize("damping", [0.01, 0.3])
def test_kernel_is_the_reference_without_noise(magnet, damping):
    magnet = replace(magnet, damping=damping)
    start = random_directions(150, 2)
    ensemble = Ensemble(magnet, 150, PS)
    ensemble.set_m(start)
    shape = np.sin(np.arange(301) / 40)
    ensemble.run(Drive(0.01, 0.03, shape))
    m = start
    for k in range(300):
        drive = (0.01 + 0.03 * shape[k], 0.01 + 0.03 * shape[k + 1])
        m = heun_step(magnet, PS, m, drive, np.zeros_like(m))
    np.testing.assert_allclose(ensemble.m, m, atol=1e-11)


def test_kernel_is_the_reference_with_the_same_noise(magnet):
    ensemble = Ensemble(magnet, 128, PS, seed=9)
    streams = ensemble._streams[0].copy()
    ensemble.run(Drive.constant(0.02, 200))
    m = np.repeat([[1.0], [0.0], [0.0]], 128, axis=1)
    drawn = np.zeros((3, 128), np.float32)
    for _ in range(200):
        field_draws(streams, drawn)
        thermal = magnet.thermal_field(PS) * drawn.astype(float)
        m = heun_step(magnet, PS, m, (0.02, 0.02), thermal)
    np.testing.assert_allclose(ensemble.m, m, atol=1e-10)


def test_two_draws_summed_are_the_field_of_two_half_steps(magnet):
    # The mean of the fields of two half steps, each sqrt(2) larger than that of a whole one.
    whole, halves = (Ensemble(magnet, 128, PS / n, seed=9, draws=3 - n) for n in (1, 2))
    streams = halves._streams[0].copy()
    drawn = np.zeros((2, 3, 128), np.float32)
    for one in drawn:
        field_draws(streams, one)
    thermal = magnet.thermal_field(PS / 2) * drawn.astype(float).mean(axis=0)
    m = heun_step(magnet, PS, whole.m, (0.0, 0.0), thermal)
    whole.run(Drive.constant(0.0, 1))
    np.testing.assert_allclose(whole.m, m, atol=1e-10)
    # And so both walk the same path, 16 precessions and three relaxation times later.
    whole.run(Drive.constant(0.0, 1999))
    halves.run(Drive.constant(0.0, 4000))
    y, z = whole.m[1], halves.m[1]
    assert np.corrcoef(y, z)[0, 1] > 0.98


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_and_company_change_nothing(magnet, threads):
    alone = Ensemble(magnet, 3, PS, seed=4, threads=1)
    many = Ensemble(magnet, 1000, PS, seed=4, threads=threads)
    for ensemble in (alone, many):
        ensemble.run(Drive.constant(0.01, 400))
    np.testing.assert_array_equal(many.m[:, :3], alone.m)
    halves = Ensemble(magnet, 1000, PS, seed=4, threads=threads)
    for _ in range(2):
        halves.run(Drive.constant(0.01, 200))
    np.testing.assert_array_equal(halves.m, many.m)
    odd = Ensemble(magnet, 1000, PS, seed=4, threads=threads)
    for steps in (133, 266, 1):
        odd.run(Drive.constant(0.01, steps))
    np.testing.assert_array_equal(odd.m, many.m)


@pytest.mark.parametrize("edge_nm", [22.58, 42.43])
@pytest.mark.parametrize("level", [0.0, 0.5, 0.8])
def test_precession_is_kittels(magnet, edge_nm, level):
    # Weak damping and a small kick. Heun's phase error is (w dt)^2/6 = 5e-4 and damping
    # lowers the frequency by (rate/w)^2/2 < 1e-5; zero crossings are interpolated.
    magnet = replace(magnet, length=edge_nm * 1e-9, width=edge_nm * 1e-9, damping=1e-3)
    ensemble = Ensemble(magnet, 1, PS)
    ensemble.set_level(level + 1e-3)
    y = ensemble.run(Drive.constant(level * magnet.hard_stiffness, 4000), every=1)[:, 1, 0]
    y = y - level
    up = np.flatnonzero((y[:-1] < 0) & (y[1:] >= 0))
    crossings = up + y[up] / (y[up] - y[up + 1])
    frequency = (len(up) - 1) / ((crossings[-1] - crossings[0]) * PS)
    assert frequency == pytest.approx(magnet.kittel_frequency(level), rel=1e-3)


@pytest.mark.parametrize("damping", [0.003, 0.01, 0.05])
@pytest.mark.parametrize("level", [0.0, 0.6])
def test_relaxation_rate(magnet, damping, level):
    # The energy above the minimum falls with twice the rate, apart from a ripple that the
    # fit averages: 1 %. Heun's own damping error is (w dt)^4/8 per step, 0.06 % at 1 ps and
    # 0.2 % for the weakest damping.
    magnet = replace(magnet, damping=damping)
    field = level * magnet.hard_stiffness
    ensemble = Ensemble(magnet, 1, PS)
    ensemble.set_level(level + 1e-3)
    steps = int(3 / magnet.relaxation_rate(level) / PS)
    m = ensemble.run(Drive.constant(field, steps), every=1)[:, :, 0].T
    excess = magnet.hard_stiffness * (m[1] - level) ** 2 + magnet.normal_stiffness * m[2] ** 2
    time = np.arange(1, steps + 1) * PS
    rate = -np.polyfit(time, np.log(excess), 1)[0] / 2
    assert rate == pytest.approx(magnet.relaxation_rate(level), rel=0.01)


def boltzmann_variance(magnet) -> float:
    """<m_y^2> of exp(-E/kT) on the sphere, by quadrature (m_y and the angle about y)."""
    delta, ratio = magnet.stability, magnet.normal_stiffness / magnet.hard_stiffness
    y = np.linspace(-1, 1, 2001)[1:-1]
    angle = (np.arange(1000) + 0.5) / 1000 * 2 * math.pi
    z = np.sqrt(1 - y * y)[:, None] * np.sin(angle)
    weight = np.exp(-delta * (y * y)[:, None] - delta * ratio * z * z).sum(axis=1)
    return float((weight * y * y).sum() / weight.sum())


@cache
def variance(magnet, dt: float, count: int = 4096, snapshots: int = 6) -> tuple[float, float]:
    """Return the simulated variance of m_y and its standard error."""
    ensemble = Ensemble(magnet, count, dt, seed=17)
    ensemble.run(Drive.constant(0.0, 2 * round(2e-9 / dt)))
    # Snapshots 1 ns apart: m_y^2 is then correlated by exp(-2 rate 1 ns) = 5 % or less.
    y = ensemble.run(Drive.constant(0.0, round(snapshots * 1e-9 / dt)), every=round(1e-9 / dt))
    squares = y[:, 1] ** 2
    return float(squares.mean()), 1.1 * float(squares.std()) / math.sqrt(squares.size)


@pytest.mark.parametrize("stability", [16.6, 35, 58.7])
def test_equilibrium_variance(with_stability, stability):
    magnet = with_stability(stability)
    found, error = variance(magnet, PS)
    # Heun's own bias at 1 ps is 0.3 % or less (it halves with the step, see below).
    assert found == pytest.approx(boltzmann_variance(magnet), abs=4 * error + 3e-3 * found)
    # 1/(2 Delta) is the harmonic part; the next term is 1/(2 Delta) of it, 3 % at 16.6.
    harmonic = 1 / (2 * stability)
    assert found == pytest.approx(harmonic * (1 + harmonic), abs=4 * error + 6e-3 * found)


@pytest.mark.parametrize("stability", [16.6, 58.7])
def test_halving_the_step_changes_nothing(with_stability, stability):
    magnet = with_stability(stability)
    (coarse, first), (fine, second) = (variance(magnet, dt) for dt in (PS, PS / 2))
    assert coarse == pytest.approx(fine, abs=4 * math.hypot(first, second))


@pytest.mark.parametrize("level", [-1.5, -1.0, -0.95, -0.6, 0.0, 0.3, 0.9, 1.05, 2.0])
def test_transfer_is_clip(magnet, level):
    # At exactly +-1 the magnet has no stiffness and creeps: 1 % of full scale there.
    ensemble = Ensemble(magnet, 1, PS)
    ensemble.run(Drive.constant(level * magnet.hard_stiffness, 20000))
    tolerance = 0.01 if abs(level) == 1 else 1e-4
    assert ensemble.m[1, 0] == pytest.approx(np.clip(level, -1, 1), abs=tolerance)


@cache
def switching_time(magnet) -> float:
    """Return the mean time in s between switches of the easy direction.

    The mean sign of m_x of magnets that all start at +x decays as exp(-2 t/tau): a line
    is fitted to its logarithm while more than 15 % are left.
    """
    ensemble = Ensemble(magnet, 2048, 2 * PS, seed=5)
    ensemble.run(Drive.constant(0.0, 500))
    samples, stride = 60, int(0.3 * math.exp(magnet.stability)) or 1
    if magnet.damping < 0.05:
        stride *= 3
    m = ensemble.run(Drive.constant(0.0, samples * stride), every=stride)
    mean = np.sign(m[:, 0]).mean(axis=1)
    keep = mean > 0.15
    time = np.arange(1, samples + 1) * stride * 2 * PS
    return float(-2 / np.polyfit(time[keep], np.log(mean[keep]), 1, w=mean[keep])[0])


@pytest.mark.parametrize(("damping", "power"), [(0.1, 0), (0.01, 1)])
def test_switching_follows_neel_arrhenius(with_stability, damping, power):
    """tau = tau_0 exp(Delta), with tau_0 constant, or falling as 1/Delta at low damping.

    At low damping and a low barrier it is crossed by diffusion in energy, and the attempt rate
    is proportional to alpha Delta (the low-damping limit of Kramers; Klik and Gunther 1990)
    until the energy lost from saddle to saddle is some kT.
    2048 magnets, each seen to decide once or twice: 2.5 % for each tau, so 0.025 x sqrt(2)/3
    = 1.2 % for the slope over Delta = 3 to 6; corrections of order 1/Delta to the prefactor
    leave another 5 %.
    """
    stabilities = np.array([3.0, 4.0, 5.0, 6.0])
    times = np.array([switching_time(with_stability(s, damping=damping)) for s in stabilities])
    slope = np.polyfit(stabilities, np.log(times * stabilities**power), 1)[0]
    assert slope == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("damping", [0.1, 0.01])
@pytest.mark.parametrize("stability", [4.0, 6.0])
def test_attempt_time_is_bounded_and_as_in_theory(with_stability, damping, stability):
    # Corrections are of the order of 1/Delta, upwards: the well is wider than its bottom says
    # (7 to 10 % here), and what is lost in crossing counts less than at a sharp energy.
    magnet = with_stability(stability, damping=damping)
    attempt = switching_time(magnet) / math.exp(stability)
    assert attempt > 0.95 * shortest_attempt_time(magnet)
    assert 0.95 < attempt / attempt_time(magnet) < 1.4


def test_limits_of_the_attempt_time(magnet):
    """The default cell by hand, and both limits of the theory of Kramers."""
    assert shortest_attempt_time(magnet) == pytest.approx(1 / (2 * magnet.kittel_frequency()))
    # d = 4 alpha Delta sqrt(Bz/By - 1), and by an integral over the path between the saddles.
    b_y, b_z = magnet.hard_stiffness, magnet.normal_stiffness
    angle = (np.arange(20_000) + 0.5) / 20_000 * math.pi
    tilt = math.asin(math.sqrt(b_y / b_z))
    x, y = np.sin(angle) * math.cos(tilt), np.cos(angle)
    z = np.sin(angle) * math.sin(tilt)
    # The path keeps the energy of the saddle, and lies along m x B.
    np.testing.assert_allclose(b_y * y**2 + b_z * z**2, b_y)
    torque = np.cross([x, y, z], [0 * x, -b_y * y, -b_z * z], axis=0)
    lost = magnet.damping * 2 * magnet.stability / b_y * np.sqrt((torque**2).sum(axis=0)).mean()
    assert lost * math.pi == pytest.approx(dissipated(magnet), rel=1e-6)
    weak = replace(magnet, damping=1e-6)
    diffusion = shortest_attempt_time(weak) * 2 / dissipated(weak)
    assert attempt_time(weak) == pytest.approx(diffusion, rel=0.03)
    # Where what is lost is many kT, but damping is weak all the same: every passage counts.
    cold = replace(magnet, damping=1e-3, temperature=0.3)
    assert attempt_time(cold) == pytest.approx(shortest_attempt_time(cold), rel=0.01)
