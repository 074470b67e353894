"""Windows of the figure: only the rows that are seen in them, and the steps that they cut."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from accelsim.plots import WIDTHS
from accelsim.plots.style import styled
from accelsim.timeline import RunView
from accelsim.timeline.bars import bars_of, within
from accelsim.timeline.figure import draw_figure
from accelsim.timeline.look import IMAGES, image_colour, ink
from accelsim.timeline.spans import find_steps
from accelsim.trace import Window
from tests.plots.checks import faults, lightness


def rows_of(figure: Figure) -> list[str]:
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


@pytest.mark.parametrize("width", WIDTHS.values())
def test_a_window_lists_the_rows_that_it_shows(reference, width):
    # From 10 to 14 ns diff_h (9 to 12 ns) settles in plane 0 of B, and add_h (12 to 15) is issued:
    # it reads that plane over B -> A and plane 0 of A over A's local path, and charges plane 1.
    view = RunView(reference.run, Window(start_ps=10_000, end_ps=14_000))
    figure = draw_figure(view, width)
    assert rows_of(figure) == [
        "steps", "issue", "waits", "B → A", "A local", "A arrays", "A plane 0", "A plane 1",
        "B plane 0",
    ]  # fmt: skip
    assert {"4 diff_h\npool1", "5 add_h\npool1"} <= {t.get_text() for t in figure.axes[0].texts}
    with styled():
        assert faults(figure) == []


def test_steps_that_a_window_cuts_last_as_long_as_their_records(reference):
    detail = reference.read(Window(start_ps=10_000, end_ps=12_500), 1000)
    assert find_steps(detail).step.tolist() == []
    cut = find_steps(detail, cut=True)
    spans = zip(cut.step.tolist(), cut.t_start_ps.tolist(), cut.t_end_ps.tolist(), strict=True)
    # Step 4 settles from 10 ns on; step 5 is issued at 12 ns, and clocked until it has settled.
    assert list(spans) == [(4, 10_000, 12_000), (5, 12_000, 15_000)]
    whole = reference.read(Window(), 1000)
    every, same = find_steps(whole), find_steps(whole, cut=True)
    assert every.t_end_ps.tolist() == same.t_end_ps.tolist()
    assert every.first.tolist() == same.first.tolist()


def test_bars_beyond_a_span_leave_with_their_rows(reference):
    detail = reference.read(Window(), 1000)
    bars = bars_of(detail, None, reference.stripes)
    seen = within(bars, 0, 3_000)  # the load: a lane of A's arrays, and its plane
    assert {row.name for row in seen.rows} == {
        "issue", "waits", "clock", "host load", "A arrays", "A plane 0",
    }  # fmt: skip
    assert (seen.start < 3_000).all()
    assert len(seen) == np.count_nonzero((bars.start < 3_000) & (bars.end > 0))
    assert len(within(bars, 0, 42_000)) == len(bars)


def test_images_that_follow_one_another_differ_in_shade():
    for image in range(2 * len(IMAGES)):
        one, other = (lightness(image_colour(each)) for each in (image, image + 1))
        assert abs(one - other) > 10
    assert [ink(colour) for colour in ("#0072B2", "#56B4E9", "#444444", "#F0E442")] == [
        "white", "black", "white", "black",
    ]  # fmt: skip
