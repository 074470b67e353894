"""Figures of studies: the Pareto front, errors on a logarithmic axis, and what captions say."""

from dataclasses import replace

import pytest

from accelsim.study.captions import Source, machine_text
from accelsim.study.shown import bars, ends, error, remark
from accelsim.study.summary import Summary
from accelsim.study.trade_figure import front

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
