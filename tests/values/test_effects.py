"""Effects of the cells: each one by hand where it can be, and the same for any batch."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

import accelsim
from accelsim.compiler import compile_network
from accelsim.config import load_machine, response_of
from accelsim.errors import InputError
from accelsim.network import Weights, load_weights, open_dataset
from accelsim.records import StepTimes
from accelsim.study.measure import Bench
from accelsim.values import Effects, Engine, chains, engine
from accelsim.values.die import Die
from accelsim.values.kernels import add_noise
from accelsim.values.noisy import NoisyEngine
from accelsim.values.program import quantized
from accelsim.values.tables import Tables, linear
from tests.conftest import AVG2, MAX2

NONE = Weights({}, {})


def steady(program, images, read=1000, write=2000):
    """Times of a dependent chain: each step is issued when the one before is settled."""
    issued = np.arange(len(program.instructions)) * (read + write)
    issued = np.tile(issued, (images, 1))
    return StepTimes(issued, issued + read, issued + read + write, np.full(images, -1))


def run(network, images, effects, weights=NONE, times=None, numbers=None):
    program = compile_network(network, load_machine("irmen"))
    times = times or steady(program, len(images))
    numbers = np.arange(len(images)) if numbers is None else numbers
    return NoisyEngine(program, weights, effects, 4).run(images, numbers, times)


@pytest.fixture(scope="module")
def digits(mnist):
    return load_weights(mnist.weights_file, mnist), open_dataset(mnist).images


@pytest.mark.parametrize("circuits", [1, 2])
def test_without_effects_it_is_the_ideal_engine(mnist, digits, circuits):
    weights, images = digits
    program = compile_network(mnist, load_machine("irmen", {"circuits": circuits}))
    windows = {"ideal": [], "noisy": []}
    Engine(program, weights).run(images[:20], lambda _, w: windows["ideal"].append(w.copy()))
    NoisyEngine(program, weights, Effects(), 4).run(
        images[:20],
        np.arange(20),
        steady(program, 20),
        lambda _, w: windows["noisy"].append(w.copy()),
    )
    assert len(windows["noisy"]) == len(program.instructions)
    for ideal, noisy in zip(windows["ideal"], windows["noisy"], strict=True):
        # float32 sums of up to 37 products of weights up to about 5, in another order.
        np.testing.assert_allclose(noisy, ideal, rtol=0, atol=1e-5)


def test_noise_is_normal_and_its_own_for_every_draw():
    values, sigma = np.zeros((400, 1000), np.float32), np.full((1, 1000), 0.01, np.float32)
    add_noise(values, sigma, 5, np.arange(400), 3)
    # 400,000 numbers: the mean's error is 0.1 / 632, the deviation's 0.1 / 894.
    assert abs(values.mean()) < 4 * 0.1 / 632
    assert abs(values.std() - 0.1) < 4 * 0.1 / 894
    within = (np.abs(values) < 0.1).mean()
    assert within == pytest.approx(0.6827, abs=0.004)
    again = np.zeros((1, 1000), np.float32)
    add_noise(again, sigma, 5, np.array([17]), 3)
    assert (again[0] == values[17]).all()
    for seed, draw in ((6, 3), (5, 4)):
        other = np.zeros((400, 1000), np.float32)
        add_noise(other, sigma, seed, np.arange(400), draw)
        assert abs(np.corrcoef(values.ravel(), other.ravel())[0, 1]) < 4 / 632


def test_read_and_write_noise_by_hand(make_network):
    # load, avg, handoff of 4 pixels at 0.4: a load's write, four reads weighed with 1/4, a
    # write, a read. Variance (w^2 + r^2) / 4 + w^2 + r^2.
    network = make_network([1, 2, 2], AVG2)
    images = np.full((20_000, 1, 2, 2), 102, np.uint8)
    r, w = 0.02, 0.03
    out = run(network, images, Effects(cell=linear(r), write_noise=w, seed=1)).ravel()
    sigma = math.sqrt((r * r + w * w) * 1.25)
    assert out.mean() == pytest.approx(0.4, abs=4 * sigma / 141)
    assert out.std() == pytest.approx(sigma, rel=4 / 200)


@pytest.mark.parametrize("write", [500, 2000, 4000])
def test_incomplete_settling_by_hand(make_network, write):
    # Planes hold 0 before: each of the two writes leaves exp(-t / tau) of the way.
    network = make_network([1, 2, 2], AVG2)
    program = compile_network(network, load_machine("irmen"))
    images = np.full((1, 1, 2, 2), 255, np.uint8)
    effects = Effects(cell=linear(settling_ps=648))
    out = run(network, images, effects, times=steady(program, 1, write=write))
    assert out.item() == pytest.approx((1 - math.exp(-write / 648)) ** 2, abs=1e-6)


def test_settling_goes_toward_what_the_plane_held(make_network):
    # A diff writes into B, and so does the next one, over it. By hand, with r the residual:
    # all pixels 1: load 1 - r =: x; diff_h -1 (1 - r); add_h: clip(s + x + 1) ...
    network = make_network([1, 2, 2], MAX2)
    images = np.full((1, 1, 2, 2), 255, np.uint8)
    r = math.exp(-2000 / 648)
    x = 1 - r
    s = -(1 - r)  # of x - x - 1, from 0
    h = min(1, s + x + 1) * (1 - r)
    s = -1 + r * (s + 1)  # of h - h - 1, from the first diff's s
    v = min(1, s + h + 1)
    v = v + r * (x - v)  # into plane 0 of A, which held x
    assert run(network, images, Effects(cell=linear(settling_ps=648))).item() == pytest.approx(
        v, abs=1e-6
    )


def test_retention_counts_the_age_from_the_records(make_network):
    # Only the centre of an add is old when it is read: it was settled 3 ns before. All else
    # is read as soon as it is settled.
    network = make_network([1, 2, 2], MAX2)
    images = np.full((1, 1, 2, 2), 51, np.uint8)  # 0.2
    kept = math.exp(-3 / 100)
    h = -1 + 0.2 * kept + 1
    out = run(network, images, Effects(retention_ps=100_000))
    assert out.item() == pytest.approx(h * kept, abs=1e-6)


def test_retention_follows_a_run_that_waits(mnist):
    # Three images in flight on the charge-based machine wait for the array of circuit A; what
    # they hold meanwhile gets older than in a run alone.
    changes = {
        "effects.active": "retention",
        "effects.retention": "1 us",
        "sequencer.contexts": 3,
        "banks.planes": 6,
    }
    machine = load_machine("charge", changes)
    together = accelsim.simulate(machine, mnist, 6)
    waits = [row for row in together.trace.to_pylist() if row["cause"].startswith("busy")]
    assert {row["step"] for row in waits} - {1}  # not only for the load
    alone = [accelsim.simulate(machine, mnist, range(n, n + 1)).values.features for n in range(6)]
    older = [(alone[n][0] != together.values.features[n]).any() for n in range(6)]
    assert any(older)


def test_weight_bits():
    weight = np.random.default_rng(1).normal(size=(8, 4, 3, 3))
    for bits in (1, 2, 4, 8):
        found = np.unique(quantized(weight, bits))
        most = max(3, 2**bits - 1)
        assert len(found) <= most
        step = np.abs(weight).max() / max(1, 2 ** (bits - 1) - 1)
        assert np.abs(quantized(weight, bits) - weight).max() <= step / 2 + 1e-6
        assert np.abs(found).max() == pytest.approx(np.abs(weight).max())
    np.testing.assert_allclose(quantized(weight, 0), weight, rtol=1e-6)


def test_variation_is_fixed_on_a_die_and_differs_between_dies(make_network):
    network = make_network([1, 4, 4], AVG2)
    images = np.full((3, 1, 4, 4), 255, np.uint8)
    one = run(network, images, Effects(synapse_variation=0.05, seed=1))
    two = run(network, images, Effects(synapse_variation=0.05, seed=2))
    assert (one == one[:1]).all()  # every image sees the same gains
    assert (one != two).any()
    # Four synapses of 1/4 each: deviation 0.05 / 2 in avg, one of 0.05 in the handoff's driver.
    assert 0 < np.abs(one - 1).max() < 5 * 0.05 * math.sqrt(1.25)


def test_stuck_cells(make_network):
    network = make_network([1, 28, 28], MAX2)
    images = np.full((1, 1, 28, 28), 102, np.uint8)
    out = run(network, images, Effects(stuck_cells=0.02, seed=3))
    wrong = (np.abs(out - 0.4) > 1e-6).mean()
    # A result is wrong if one of its 4 pixels, 2 + 1 differences or 2 + 1 sums is stuck,
    # unless it is stuck low under a larger neighbour: at most 10 cells of 0.02.
    assert 0.03 < wrong < 0.3
    everything = run(network, images, Effects(stuck_cells=1.0, seed=3))
    assert set(np.unique(everything)) == {-1.0, 1.0}
    # The handoff reads 14 x 14 cells, each stuck high or low with the same chance: 5 sigma.
    assert abs(everything.mean()) < 5 / 14


def test_stuck_cells_are_high_where_their_number_says(make_network):
    # A cell that is stuck is what the second draw of its plane says: low below a half.
    network = make_network([1, 28, 28], MAX2)
    program = compile_network(network, load_machine("irmen"))
    die = Die(Effects(stuck_cells=1.0, seed=3), (1, 28, 28), 4)
    load = program.instructions[0]
    window = np.zeros((1, 1, 28, 28), np.float32)
    die.stick(load, window)
    generator = np.random.default_rng(np.random.SeedSequence(3, spawn_key=(3, 0, 0)))
    generator.random((28, 28))
    assert (window[0, 0] == np.where(generator.random((28, 28)) < 0.5, -1, 1)).all()


def test_circuits_lanes_and_synapses_have_gains_of_their_own(mnist):
    program = compile_network(mnist, load_machine("irmen"))
    die = Die(Effects(synapse_variation=0.05, seed=3), (8, 28, 28), 4)
    _, conv, relu, *_ = program.instructions  # conv writes circuit B, relu circuit A
    gains = [
        die.gain(step, map_, synapse)
        for step in (conv, relu)
        for map_ in (0, 1)
        for synapse in (0, 1, None)
    ]
    for one, other in itertools.combinations(gains, 2):
        assert np.abs(one - other).max() > 0.01
    assert (die.gain(conv, 0, 0) == gains[0]).all()


def test_the_gain_of_a_kernel_counts_with_noise_too(make_network):
    # An average over 4 pixels whose kernel has the gain 1/2, without bias: half the average.
    network = make_network([1, 2, 2], AVG2)
    program = compile_network(network, load_machine("irmen"))
    load, avg, handoff = program.instructions
    (operand,) = avg.operands
    halved = replace(operand, kernel=replace(operand.kernel, gain=0.5))
    edited = replace(program, instructions=(load, replace(avg, operands=(halved,)), handoff))
    images = np.full((4000, 1, 2, 2), 102, np.uint8)
    noisy = NoisyEngine(edited, NONE, Effects(cell=linear(0.02), seed=1), 4)
    out = noisy.run(images, np.arange(4000), steady(edited, 4000)).ravel()
    # Four reads weighed with 1/8, and that of the handoff.
    sigma = 0.02 * math.sqrt(4 / 64 + 1)
    assert out.mean() == pytest.approx(0.2, abs=5 * sigma / 63)
    assert out.std() == pytest.approx(sigma, rel=0.06)


@pytest.mark.parametrize("partial", [1, 2, 8])
def test_the_noise_of_a_partial_sum_is_divided_by_its_gain(make_network, partial):
    # Six maps at a fan-in of 4: p = g * (4 reads), then y = clip(2 reads + p / g + b - 1), weights
    # of 0.1, g = 1 / partial; then a read for the relu and one for the handoff. With every read
    # of deviation s the result has s^2 * (6 * 0.1^2 + 1 / g^2 + 1 + 1).
    conv = {"op": "conv", "out": 1, "kernel": 1, "partial": partial}
    network = make_network([6, 1, 1], conv, {"op": "relu"})
    program = compile_network(network, accelsim.load_machine("irmen"))
    assert [step.op for step in program.instructions] == [
        "load", *["load_more"] * 5, "partial", "conv", "relu", "handoff",
    ]  # fmt: skip
    weights = Weights({"conv0": np.full((1, 6, 1, 1), 0.1)}, {"conv0": np.array([0.26])})
    images = np.full((4000, 6, 1, 1), 102, np.uint8)
    noisy = NoisyEngine(program, weights, Effects(cell=linear(0.005), seed=1), 4)
    out = noisy.run(images, np.arange(4000), steady(program, 4000)).ravel()
    sigma = 0.005 * math.sqrt(6 * 0.1**2 + partial**2 + 2)
    assert out.mean() == pytest.approx(6 * 0.1 * 0.4 + 0.26, abs=5 * sigma / 63)
    assert out.std() == pytest.approx(sigma, rel=0.06)


@pytest.mark.parametrize("batch", [7, 40])
def test_results_do_not_depend_on_batches(mnist, monkeypatch, batch):
    machine = load_machine("irmen", {"effects.active": "all"})
    whole = accelsim.simulate(machine, mnist, 30, seed=4)
    monkeypatch.setattr(engine, "BATCH", batch)
    again = accelsim.simulate(machine, mnist, 30, seed=4)
    assert (whole.values.features == again.values.features).all()
    parts = accelsim.simulate(machine, mnist, range(10, 30), seed=4)
    # Image 10 is the first here: its planes hold nothing of an image before it, and what the
    # next ones find differs by what is left of that, and left again.
    assert (whole.values.features[10] != parts.values.features[0]).any()
    np.testing.assert_allclose(whole.values.features[12:], parts.values.features[2:], atol=1e-5)
    other = accelsim.simulate(machine, mnist, range(10, 30), seed=5)
    assert (parts.values.features != other.values.features).any()


def test_a_write_leaves_a_share_of_the_image_before(make_network):
    # load, avg, handoff: the cell that holds the average settles from that of the image
    # before in the same planes, 0 for the first; so does the load, by hand.
    network = make_network([1, 2, 2], AVG2)
    program = compile_network(network, load_machine("irmen"))
    levels = np.array([51, 204, 102, 255])
    images = np.broadcast_to(levels[:, None, None, None], (4, 1, 2, 2)).astype(np.uint8)
    left = math.exp(-2)
    times = replace(steady(program, 4), before=np.array([-1, -1, 0, 1]))  # two contexts
    effects, numbers = Effects(cell=linear(settling_ps=1000.0, shortest_ps=2000)), np.arange(4)
    engine_ = NoisyEngine(program, NONE, effects, 4)
    memory = engine_.found(images, numbers, times, numbers)
    out = engine_.run(images, numbers, times, memory=memory)
    x = levels / 255
    a = b = np.zeros(2)  # what the planes of both contexts hold, errors and all
    expected = []
    for pair in (x[:2], x[2:]):
        a = pair + left * (a - pair)
        b = a + left * (b - a)
        expected += b.tolist()
    np.testing.assert_allclose(out[:, 0, 0, 0], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("share", "depth"), [(0.0, 0), (1e-3, 2), (0.05, 4), (0.5, 16), (0.99, 64)]
)
def test_as_many_images_back_as_matter(share, depth):
    assert Tables(left=share).depth() == depth
    assert depth in (0, 64) or 2 * share**depth <= 5e-5 < 2 * share ** (depth - 1)


def test_chains_are_cut_at_the_same_images_whatever_runs_beside(monkeypatch):
    monkeypatch.setattr(chains, "LONGEST", 3)
    before = np.array([-1, -1, 0, 1, 2, 4, 3, 6, 5])
    assert chains.chains(before) == [[0, 2, 4], [1, 3, 6], [5, 8], [7]]
    assert chains.chains(before[:5]) == [[0, 2, 4], [1, 3]]


def test_an_image_that_was_overtaken_follows_the_one_that_went_first():
    # Image 2 of a higher priority is loaded before image 1.
    assert chains.chains(np.array([-1, 2, 0])) == [[0, 2, 1]]


def test_an_image_that_begins_a_chain_finds_what_the_one_before_left(mnist, monkeypatch):
    # One write cycle on cells that settle slowly: much is left, so that depth matters.
    changes = {"effects.active": "settling", "noise.settling": "900 ps", "timing.write_cycles": 1}
    machine = load_machine("charge", changes)
    long = accelsim.simulate(machine, mnist, 12).values.features
    monkeypatch.setattr(chains, "LONGEST", 5)
    short = accelsim.simulate(machine, mnist, 12).values.features
    np.testing.assert_allclose(short, long, atol=5e-5)
    np.testing.assert_array_equal(short[:5], long[:5])


def test_contexts_have_planes_of_their_own(mnist):
    changes = {"sequencer.contexts": 2, "banks.planes": 8, "effects.active": "settling"}
    machine = load_machine("irmen", changes)
    bench = Bench(mnist, 6)
    assert bench.events(machine).times.before.tolist() == [-1, -1, 0, 1, 2, 3]


def test_the_shipped_noise_is_that_of_the_device_files(repository):
    for name in ("irmen", "charge"):
        file = repository / "configs" / "devices" / f"{name}.yaml"
        derived = load_machine(name, {"device": str(file)}).noise
        shipped = load_machine(name).noise
        assert {key for key, value in shipped if value} == {key for key, value in derived if value}
        for key, constant in shipped:
            if constant is not None:
                assert constant.value == pytest.approx(getattr(derived, key).value, rel=1e-3)


def test_effects_of_a_machine():
    changes = {"effects.active": "read_noise, settling", "effects.synapse_variation": 0.1}
    effects = Effects.of(load_machine("charge", changes), seed=9)
    assert effects.cell.noise.tolist() == pytest.approx([0.0008816] * 2)
    assert effects.cell.stored(2000, 0.0)[:, 1] == pytest.approx(math.exp(-2000 / 400))
    assert effects.cell.left == pytest.approx(math.exp(-2000 / 400))
    assert (effects.write_noise, effects.synapse_variation, effects.weight_bits) == (0, 0, 0)
    assert effects.seed == 9
    assert Effects.of(load_machine("irmen"), seed=9) is None


def test_effects_of_a_simulated_cell_by_its_table():
    machine = load_machine("irmen", {"effects.active": "all"})
    response, cell = response_of(machine), Effects.of(machine, seed=1).cell
    place = len(response.levels) // 2 + 10  # level 0.5
    # Behind the RC of the step that reads: sqrt(0.2513 / 0.3013) / 0.9767 of both.
    other = 0.9351 * math.hypot(machine.noise.readout_ktc.value, machine.noise.shot.value)
    value = response.own[place]
    noise = np.interp(value, np.linspace(-1, 1, len(cell.noise)), cell.noise)
    assert noise == pytest.approx(math.hypot(response.read_noise[place], other), rel=0.02)
    stored = cell.stored(2000, 0.0)
    at = (len(stored) - 1) // 2 + 10 * 8
    assert stored[at, 0] == pytest.approx(value, abs=0.004)  # and what is left of 0
    assert cell.limit == response.levels[-1] == 1.2
    for name in ("transfer", "read_noise", "settling"):
        alone = load_machine("irmen", {"effects.active": name})
        cell = Effects.of(alone, seed=1).cell
        assert cell.noise.any() == (name == "read_noise")
        assert bool(cell.left) == (name == "settling")
        is_clip = np.allclose(
            cell.stored(2000, 0.0)[:, 0], np.clip(np.linspace(-1.2, 1.2, 385), -1, 1)
        )
        assert is_clip == (name == "read_noise")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"effects.active": "read_nose"},
            "--set effects.active=read_nose: effects.active: unknown effect 'read_nose'; "
            "allowed: all, none, weight_bits, synapse_variation, device_variation, transfer, "
            "read_noise, write_noise, settling, retention, stuck_cells, converter_bits; "
            "did you mean 'read_noise'?",
        ),
        (
            {"effects.stuck_cells": 1.5},
            "--set effects.stuck_cells=1.5: effects.stuck_cells: got 1.5; "
            "expected a number of 0 or more, at most 1, such as '0.02'",
        ),
        (
            {"effects.weight_bits": 0},
            "--set effects.weight_bits=0: effects.weight_bits: got 0; "
            "expected a whole number of bits from 1 to 16",
        ),
        (
            {"effects.retention": "3 nm"},
            "--set effects.retention=3 nm: effects.retention: '3 nm' is not in s; "
            "expected a positive number in s such as '1 s'",
        ),
    ],
)
def test_refused_effects(changes, message):
    with pytest.raises(InputError) as caught:
        load_machine("irmen", changes)
    assert str(caught.value) == message


def test_effects_need_the_noise_of_the_cell(tmp_path, repository):
    text = (repository / "configs" / "irmen.yaml").read_text()
    begin, end = text.index("\nnoise:"), text.index("\n# Non-ideal")
    path = tmp_path / "machine.yaml"
    path.write_text(text[:begin] + text[end:])
    machine = load_machine(path, {"effects.active": "all"})
    with pytest.raises(InputError, match=r"the machine has no 'noise' section; name a device"):
        Effects.of(machine, 0)
