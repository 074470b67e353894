"""Figures of studies: the Pareto front, errors on a logarithmic axis, and what captions say."""

from dataclasses import replace

import pytest

from accelsim.plots import WIDTHS
from accelsim.plots.style import styled
from accelsim.study.accuracy_figure import accuracy_figure
from accelsim.study.captions import Source, machine_text
from accelsim.study.points import Point, Study
from accelsim.study.shown import bars, ends, error, remark
from accelsim.study.summary import Summary
from accelsim.study.trade_figure import front
from tests.plots.checks import faults

ROW = Summary(
    point=None, seeds=2, images=200, mean=0.96, deviation=0.0, least=0.95, most=0.97, cycles=42,
    latency_ps=42_000, energy_aJ=99_722_000,
)  # fmt: skip


def test_the_front_has_what_nothing_beats_in_both():
    points = [(1, 9), (2, 9), (2, 5), (3, 5), (4, 2), (5, 3), (1, 9), (6, 2)]
    assert front(points) == [(1, 9), (2, 5), (4, 2)]
    assert front([(3, 3)]) == [(3, 3)]
    assert front([]) == []


def test_errors_and_their_bars_are_in_percent():
    assert error(ROW) == pytest.approx(4)
    assert ends(ROW) == pytest.approx((3, 5))
    assert [each[0] for each in bars([ROW])] == pytest.approx([1, 1])
    assert remark([ROW]) == ""


def test_no_error_is_shown_as_half_an_image():
    row = replace(ROW, mean=1.0, least=1.0, most=1.0)
    assert error(row) == 0.25  # half of one of 200
    assert ends(row) == (0.25, 0.25)
    assert remark([ROW, row]) == "No error is shown as half an image."


def row_of(clock, cycles, share, settled):
    """Return a row of the study of writes: 14 steps of a read cycle and the write cycles."""
    where = {"clock": f"{clock} MHz", "write_cycles": cycles, "settled_by": settled}
    return replace(
        ROW, point=Point(where, "irmen", {}, None), mean=share, least=share - 0.01,
        most=min(1.0, share + 0.01), latency_ps=14 * (1 + cycles) * 10**6 / clock,
        energy_aJ=99e6 + 10**10 / clock**1.5 + 2e5 * cycles,
    )  # fmt: skip


@pytest.mark.parametrize("width", WIDTHS.values())
@pytest.mark.parametrize("share", [0.97, 0.999])
def test_the_trade_of_writes_can_be_printed(width, share):
    settled = ("none", "as_read", "magnetization, as_read", "all", "all")
    rows = [
        row_of(clock, cycles, share + 0.0002 * cycles - clock * 1e-6, settled[cycles - 1])
        for clock in (500, 1000, 2000)
        for cycles in range(1, 6)
    ]
    study = Study("write", "Error", ("clock", "write_cycles"), (), "latency_ps", "clock")
    figure = accuracy_figure(study, rows, Source("mnist", 200, [0, 1], "irmen"), width)
    with styled():
        assert faults(figure) == []
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "log"]
    written = {text.get_text() for text in figure.axes[0].texts}
    # Each criterion stands where it is met first.
    assert {"1", "2a", "3m", "4e", "5"} >= written >= {"2a", "3m", "5"}


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        ([4], "n = 1,000 images, seed 4; "),
        ([0, 1, 2], "n = 1,000 images, seeds 0 to 2; "),
        ([3, 7], "n = 1,000 images, seeds 3, 7; "),
        ([], "n = 1,000 images; "),
    ],
)
def test_a_caption_says_network_images_seeds_and_machine(seeds, said):
    machine = machine_text("irmen", {"cell.damping": "0.02"})
    caption = Source("mnist", 1000, seeds, machine).caption("Error", "More.", "")
    assert caption == f"Error. Network mnist, {said}machine irmen with cell.damping=0.02. More."
    assert machine_text("irmen", {}) == "irmen"
