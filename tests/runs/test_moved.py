"""What moved between two runs: lines by hand, and they add up."""

from fractions import Fraction

import pytest

import accelsim
from accelsim.runs import open_run
from accelsim.runs.moved import Moved, moved_figures, shortened


@pytest.fixture(scope="module")
def folder(tmp_path_factory, mnist):
    folder = tmp_path_factory.mktemp("moved")
    runs = {
        "irmen": ("irmen", {}),
        "slow": ("irmen", {"timing.write_cycles": 3}),
        "clock": ("irmen", {"clock": "800 MHz", "energy.issue": "400 fJ"}),
        "lanes": ("irmen", {"arrays.lanes": 4}),
        "slow clock": ("irmen", {"timing.write_cycles": 3, "clock": "800 MHz"}),
        "clock, lanes": ("irmen", {"arrays.lanes": 4, "clock": "800 MHz"}),
        "charge": ("charge", {}),
        "three": ("charge", {"sequencer.contexts": 3, "banks.planes": 6}),
    }
    for name, (machine, changes) in runs.items():
        images = 12 if name == "three" else 3
        accelsim.simulate(
            accelsim.load_machine(machine, changes), mnist, images, outdir=folder / name
        )
    return folder


@pytest.fixture
def moved(folder):
    def of(a, b):
        figures = moved_figures(open_run(folder / a), open_run(folder / b))
        assert all(figure.rest == 0 for figure in figures if not figure.why_none)
        return {figure.name: figure for figure in figures}

    return of


def lines(figure):
    return [(line.what, line.how, line.amount) for line in figure.lines]


def test_write_cycles(moved):
    found = moved("irmen", "slow")
    assert lines(found["latency"]) == [("write cycles 2 to 3", "14 steps x 1 cycle", 14_000)]
    assert found["latency"].image == 0
    # Every image has 14 more cycles of the clock, 20 fJ each.
    assert lines(found["energy_per_image"]) == [
        ("clock_cycle 42 to 56", "+14 x 20 fJ", 14 * 20_000)
    ]
    (line,) = lines(found["initiation_interval"])
    assert line[1] == "limited by 1 image in flight in both"


def test_back_again_is_the_opposite(moved):
    assert lines(moved("slow", "irmen")["latency"]) == [
        ("write cycles 3 to 2", "14 steps x -1 cycle", -14_000)
    ]


def test_clock_and_price(moved):
    found = moved("irmen", "clock")
    assert lines(found["latency"]) == [("clock 1 GHz to 800 MHz", "42 cycles x +250 ps", 10_500)]
    issue = ("price of issue 350 fJ to 400 fJ", "14 x +50 fJ", 700_000)
    assert issue in lines(found["energy_per_image"])


def test_a_faster_clock(moved):
    assert lines(moved("clock", "irmen")["latency"]) == [
        ("clock 800 MHz to 1 GHz", "42 cycles x -250 ps", -10_500)
    ]


def test_what_more_takes_beside_another_clock_is_in_its_cycles(moved):
    clock = ("clock 1 GHz to 800 MHz", "42 cycles x +250 ps", 10_500)
    # 14 cycles of 1250 ps; 10,500 + 17,500 = 56 x 1250 - 42 x 1000.
    assert lines(moved("irmen", "slow clock")["latency"]) == [
        ("write cycles 2 to 3", "14 steps x 1 cycle", 17_500), clock,
    ]  # fmt: skip
    assert lines(moved("irmen", "clock, lanes")["latency"]) == [
        clock, ("arrays.lanes 8 to 4", "7 steps more, 1 cycle of critical path", 1_250),
    ]  # fmt: skip


def test_other_steps(moved):
    """Layers of 8 maps on 4 lanes: 7 steps are issued twice, a cycle apart, and one after all."""
    found = moved("irmen", "lanes")
    assert lines(found["latency"]) == [
        ("arrays.lanes 8 to 4", "7 steps more, 1 cycle of critical path", 1_000)
    ]


def test_charge_against_irmen(moved):
    found = moved("irmen", "charge")
    assert lines(found["latency"]) == [("read cycles 1 to 9", "14 steps x 8 cycles", 112_000)]
    assert len(found["energy_per_image"].lines) == 4
    assert found["energy_per_image"].lines[-1].what == "others"


def test_more_images_in_flight(moved):
    """Image 0 of three waits 5 cycles before each of 6 steps, and an array is never idle."""
    found = moved("charge", "three")
    assert lines(found["latency"]) == [("contexts 1 to 3", "6 steps x 5 cycles", 30_000)]
    assert lines(found["initiation_interval"]) == [
        ("sequencer.contexts 1 to 3", "limited by 1 image in flight in A, arrays A in B", -91_000)
    ]


def test_the_same(moved):
    assert moved("irmen", "irmen") == {}


def test_runs_without_a_common_image(moved, folder, mnist):
    machine = accelsim.load_machine("irmen", {"timing.write_cycles": 1})
    accelsim.simulate(machine, mnist, range(5, 6), outdir=folder / "later")
    latency = moved("irmen", "later")["latency"]
    assert (latency.lines, latency.why_none) == ((), "the runs share no image")
    assert latency.rest == -14_000


def test_many_lines_are_the_largest_and_the_others():
    given = [
        Moved(name, "", Fraction(amount))
        for name, amount in zip("abcde", (1, -9, 3, 5, 2), strict=True)
    ]
    found = list(shortened(given))
    assert [(line.what, line.amount) for line in found] == [("b", -9), ("d", 5), ("c", 3),
                                                            ("others", 3)]  # fmt: skip
    assert [line.what for line in shortened(given[:4])] == ["b", "d", "c", "a"]
