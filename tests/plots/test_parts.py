"""Parts of figures: looks, captions, numbers of axes, texts beside points; and what checks find."""

from itertools import combinations, pairwise

import matplotlib as mpl
import pytest

from accelsim.plots import COLUMN, WIDTHS
from accelsim.plots.files import svg_text
from accelsim.plots.layout import add_caption, new_panels, text_width, wrapped
from accelsim.plots.scales import log_axis, tick_texts, zero_and_log_axis
from accelsim.plots.spots import Spot, write_texts
from accelsim.plots.style import LOOKS, look, nested, styled
from tests.plots.checks import faults, lightness, text_of


def drawn(draw):
    """Return a figure of one panel with what is drawn on it."""
    with styled():
        figure, (axes,) = new_panels(1, COLUMN, 1.5)
        draw(figure, axes)
        return figure


def test_looks_differ_in_marker_dash_and_hatch_and_neighbours_in_shade():
    for one, other in combinations(LOOKS, 2):
        assert one.marker != other.marker
        assert one.dash != other.dash
        assert one.hatch != other.hatch
    shades = [lightness(each.colour) for each in LOOKS[:4]]
    assert all(abs(one - other) > 15 for one, other in pairwise(shades))
    assert look(len(LOOKS)) == look(0)
    assert nested(0) > nested(1) > 2


def test_lightness_is_that_of_cielab():
    assert lightness("#000000") == 0
    assert lightness("#ffffff") == pytest.approx(100)
    assert lightness("#777777") == pytest.approx(50.0, abs=0.1)  # published tables: 50.03


def test_settings_of_the_user_change_nothing():
    with mpl.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.grid": True}):
        odd = svg_text(drawn(lambda _, axes: axes.plot([1, 2], label="$a")))
    assert odd == svg_text(drawn(lambda _, axes: axes.plot([1, 2], label="$a")))


def test_panels_stand_in_a_column_and_lie_on_a_page():
    with styled():
        upright, panels = new_panels(3, WIDTHS["column"], 1.5)
        flat, beside = new_panels(3, WIDTHS["page"], 1.5)
    assert tuple(upright.get_size_inches()) == (3.5, 4.5)
    assert tuple(flat.get_size_inches()) == (7.16, 1.5)
    for axes in (panels, beside):
        assert [each.get_title("left") for each in axes] == ["(a)", "(b)", "(c)"]


def test_a_caption_is_text_in_lines_of_the_width():
    words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    lines = wrapped(f"{words}\nlast", 1.0, 6)
    assert " ".join(lines) == f"{words} last"
    assert lines[-1] == "last"
    assert all(text_width(line, 6) <= 72 for line in lines)
    assert wrapped("unbreakable" * 9, 1.0, 6) == ["unbreakable" * 9]
    figure = drawn(lambda figure, _: add_caption(figure, f"Cost: $5 and $6. {words}"))
    assert f"Cost: $5 and $6. {words}" in text_of(svg_text(figure))
    assert faults(figure) == []


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0, 0.02, 500], ["0", "0.02", "500"]),
        ([0, 1e-4, 0.03], ["0", "10⁻⁴", "3×10⁻²"]),
        ([1, 1e5], ["10⁰", "10⁵"]),
    ],
)
def test_numbers_of_an_axis_are_of_one_kind(values, texts):
    assert tick_texts(values) == texts


@pytest.mark.parametrize(
    ("limits", "texts"),
    [
        ((2.1, 3.3), ["2.2", "2.4", "2.6", "2.8", "3", "3.2"]),
        ((0.9, 60), ["1", "2", "5", "10", "20", "50"]),
        ((1, 1e12), ["10⁰", "10³", "10⁶", "10⁹", "10¹²"]),
    ],
)
def test_a_logarithmic_axis_has_round_numbers(limits, texts):
    def draw(_, axes):
        axes.set_ylim(*limits)
        log_axis(axes, "y")

    axes = drawn(draw).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == texts


def test_a_logarithmic_axis_of_less_than_a_number():
    def draw(_, axes):
        axes.set_ylim(97.1, 97.4)
        log_axis(axes, "y")

    figure = drawn(draw)
    assert faults(figure) == []
    assert len(figure.axes[0].get_yticks()) > 1


def test_zero_has_a_place_on_a_logarithmic_axis():
    def draw(_, axes):
        axes.plot([0, 0.0001, 0.03], [1, 2, 3])
        zero_and_log_axis(axes, [0, 0.0001, 0.03])

    axes = drawn(draw).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "10⁻⁴", "10⁻³", "10⁻²"]
    nothing = drawn(lambda _, axes: zero_and_log_axis(axes, [0.0])).axes[0]
    assert nothing.get_xscale() == "linear"


def test_texts_beside_points_cover_nothing_or_are_left_out():
    def draw(_, axes):
        axes.set(xlim=(0, 1), ylim=(0, 1))
        spots = [Spot(0.5 + 0.01 * n, 0.5, f"p{n}", 0.4, 0.6) for n in range(40)]
        write_texts(axes, spots)

    figure = drawn(draw)
    assert faults(figure) == []
    written = [text.get_text() for text in figure.axes[0].texts]
    assert written[0] == "p0"
    assert 3 < len(written) < 40


@pytest.mark.parametrize(
    ("draw", "fault"),
    [
        (lambda _, axes: axes.text(0.5, 0.5, "tiny", fontsize=5.9), "'tiny': 5.9 pt"),
        (lambda _, axes: axes.text(2, 0.5, "out").set_in_layout(False), "'out': beyond the edge"),
        (lambda _, axes: [axes.text(0.5, 0.5, x) for x in "ab"], "'a': overlaps 'b'"),
        (lambda _, axes: axes.text(0, 0.5, "$x$", parse_math=True), "'$x$': math text"),
    ],
)
def test_checks_find_what_is_wrong_with_texts(draw, fault):
    assert fault in faults(drawn(draw))


def test_checks_find_what_looks_alike_in_grey():
    def draw(_, axes, **second):
        axes.plot([0, 1], color="#004488", label="a")
        axes.plot([1, 0], **{"color": "#884400", **second}, label="b")

    assert faults(drawn(draw)) == ["'a' and 'b' look alike in grey"]
    for second in ({"ls": "--"}, {"marker": "o"}, {"color": "#DDAA33"}):
        assert faults(drawn(lambda _, axes, look=second: draw(_, axes, **look))) == []
