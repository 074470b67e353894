"""Rows, steps, images and bins: what is drawn, derived by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accelsim.errors import InputError
from accelsim.ops import STEP_OPS
from accelsim.timeline import RunView
from accelsim.timeline.bars import bars_of, merged
from accelsim.timeline.bins import Power, Spread, edges_of
from accelsim.timeline.labels import _fit
from accelsim.timeline.look import lighter, op_class, op_colour
from accelsim.timeline.rows import Spot, TimelineRow, energy_group, ordered, spot
from accelsim.timeline.spans import find_images, find_steps
from accelsim.timeline.view import describe
from accelsim.trace import Window


@pytest.mark.parametrize(
    ("component", "place"),
    [
        ("circuit_a.lane3.array", Spot(TimelineRow("A arrays", "A arrays"), 3)),
        ("circuit_b.lane12.bank.plane1", Spot(TimelineRow("B banks", "B plane 1"), 12)),
        ("circuit_a.lane0.staging.plane2", Spot(TimelineRow("A banks", "A staging 2"), 0)),
        ("circuit_a.lane0.bank", None),
        ("datapath.a_to_b", Spot(TimelineRow("datapath", "A → B"), 0)),
        ("datapath.a_local", Spot(TimelineRow("datapath", "A local"), 0)),
        ("sequencer", Spot(TimelineRow("sequencer", "issue"), 0)),
        ("sequencer.context2", Spot(TimelineRow("sequencer", "waits"), 2)),
        ("clock", Spot(TimelineRow("sequencer", "clock"), 0)),
        ("host.load", Spot(TimelineRow("host", "host load"), 0)),
        ("host.boundary.plane5", Spot(TimelineRow("host", "host planes"), 5)),
        ("host.boundary", Spot(TimelineRow("host", "host boundary"), 0)),
        ("datapath.a_to_staging", Spot(TimelineRow("datapath", "A → staging"), 0)),
        ("circuit_a.lane0.bank.read_ports", None),
        ("faults.fault2", Spot(TimelineRow("faults", "faults"), 2)),
    ],
)
def test_every_component_has_its_place(component, place):
    assert spot(component) == place


def test_energy_is_grouped_by_circuit_and_block():
    assert energy_group("circuit_b.lane1.bank") == "B banks"
    assert energy_group("circuit_a.lane1.array") == "A arrays"
    assert energy_group("clock") == "clock"
    assert energy_group("host.boundary") == "host"


def test_planes_stand_in_the_order_of_their_numbers():
    rows = [TimelineRow("A banks", f"A plane {number}") for number in (10, 2, 0)]
    first = TimelineRow("sequencer", "issue")
    assert ordered([*rows, TimelineRow("host", "host load"), first]) == [
        first, *rows[::-1], TimelineRow("host", "host load"),
    ]  # fmt: skip


def test_the_reference_image_has_fourteen_steps_of_three_cycles(reference):
    detail = reference.read(Window(), 1000)
    steps = find_steps(detail)
    assert steps.t_start_ps.tolist() == list(range(0, 42_000, 3000))
    assert steps.t_end_ps.tolist() == list(range(3000, 42_001, 3000))
    # docs/machine.md section 3: step 2, the first convolution, and step 8, the second.
    assert steps.energy_aJ[[1, 7]].tolist() == [17_375_760, 30_688_080]
    (image,) = find_images(detail, steps)
    assert (image.latency_ps, image.energy_aJ) == (42_000, 99_722_000)


def test_images_in_flight_keep_their_slots(three_contexts):
    steps = find_steps(three_contexts.read(Window(), 10_000))
    slots = {
        image: set(steps.slot[steps.image == image].tolist())
        for image in np.unique(steps.image).tolist()
    }
    assert slots == {0: {0}, 1: {1}, 2: {2}, 3: {0}, 4: {1}, 5: {2}}


def test_bars_of_lanes_are_merged_and_none_is_lost(reference):
    detail = reference.read(Window(), 1000)
    bars = bars_of(detail, find_steps(detail), reference.stripes)
    whole = merged(bars)
    conv = [
        (whole.count[n], whole.start[n], whole.end[n])
        for n, kind in enumerate(whole.kind)
        if kind == "settle" and whole.step[n] == 8
    ]
    assert conv == [(8, 22_000, 24_000)]
    clock = sum(kind == "clock" for kind in bars.kind)
    assert whole.count.sum() == len(bars) - clock


def test_a_cut_window_says_how_far_it_reaches(reference):
    detail = reference.read(Window(), 100)
    assert len(detail) == 100
    rest = reference.run.trace.table().to_pylist()[100:]
    begun = [row["t_start_ps"] for row in rest if row["kind"] != "standby"]
    assert detail.until_ps == min(begun)
    assert reference.read(Window(), 394).until_ps is None


def test_an_empty_window_says_what_there_is(recorded):
    view = RunView(recorded(), Window())
    with pytest.raises(InputError, match=r"no record in image 7; the run has images 0 to 0"):
        view.read(Window(images=(7, 8)), 10)
    with pytest.raises(InputError, match=r"from 50 ns; .* ends at 42 ns"):
        view.read(Window(start_ps=50_000), 10)
    with pytest.raises(InputError, match=r"components datapth; .*did you mean 'datapath'"):
        view.read(Window(components=("datapth",)), 10)


def test_windows_in_words():
    assert describe(Window()) == "the whole run"
    window = Window(start_ps=10_500, end_ps=2_000_000, images=(3, 6), components=("clock",))
    assert describe(window) == "images 3 to 5, from 10.5 ns to 2 us, components clock"


def test_bins_are_whole_cycles_and_no_more_than_asked():
    assert edges_of(0, 3000, 1000, 10).tolist() == [0, 1000, 2000, 3000]
    assert edges_of(500, 10_000, 1000, 4).tolist() == [0, 3000, 6000, 9000, 10_000]


def test_an_amount_is_spread_evenly_over_its_time():
    spread = Spread(np.array([0, 10, 20, 40]))
    columns = (np.array(values) for values in ([0, 1, 0], [5, 0, 12], [25, 40, 12], [20, 40, 7]))
    spread.add(*columns)
    assert spread.amounts(2).tolist() == [[5, 17, 5], [10, 10, 20]]


def test_of_what_lies_across_an_edge_the_part_inside_is_counted():
    """20 over [0, 20) is 1 a ps: 10 of it in [10, 20). 40 over [25, 65): 5 in [25, 30)."""
    spread = Spread(np.array([10, 20, 30]))
    columns = [0, 0, 0, 0, 0], [0, 25, 0, 31, 5], [20, 65, 9, 40, 5], [20, 40, 9, 9, 9]
    spread.add(*(np.array(values) for values in columns))
    assert spread.amounts(1).tolist() == [[10, 5]]


def test_a_peak_is_the_highest_of_the_bins_between_edges():
    power = Power(np.arange(0, 60, 10), np.array([1.0, 5.0, 2.0, 3.0, 9.0]))
    assert power.width_ps == 10
    assert power.peaks(np.array([0, 20, 40, 50])).tolist() == [5, 3, 9]
    # An edge within a bin: the bin counts on both sides.
    assert power.peaks(np.array([0, 15, 30])).tolist() == [5, 5]


def test_images_show_what_is_of_no_image_while_they_run(recorded):
    view = RunView(recorded(3, "charge", banks__refresh_interval="200 ns"), Window())
    whole = view.read(Window(), 100_000)
    refreshes = whole[whole.kind.where("refresh")]
    assert len(refreshes) > 0
    for image in range(3):
        detail = view.read(Window(images=(image, image + 1)), 100_000)
        own = whole[(whole.image == image) & ~whole.component.where("host.queue")]
        begin, end = own.t_start_ps.min(), own.t_end_ps.max()
        inside = (refreshes.t_end_ps > begin) & (refreshes.t_start_ps < end)
        shown = detail.id[detail.kind.where("refresh")]
        assert sorted(shown.tolist()) == sorted(refreshes.id[inside].tolist())
        assert not detail.kind.where("standby").any()


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 60), st.integers(0, 10**6)), min_size=1),
    st.sets(st.integers(1, 199), max_size=20),
)
def test_nothing_is_lost_between_bins(records, inner):
    start, length, amount = (np.array(column, np.int64) for column in zip(*records, strict=True))
    spread = Spread(np.array([0, *sorted(inner), 200]))
    spread.add(np.zeros(len(start), np.int64), start, start + length, amount)
    assert spread.amounts(1).sum() == pytest.approx(amount.sum(), abs=1e-3)
    assert (spread.amounts(1) >= -1e-6).all()


def test_texts_lie_stand_or_are_left_out():
    assert _fit("conv", 40, 10) == (6.5, 0)
    assert _fit("conv", 10, 40) == (6.5, 90)
    assert _fit("a long name", 12, 12) is None


def test_colours_follow_the_family_of_an_op():
    assert op_class("diff_h") == op_class("diff_v") == "diff"
    assert op_colour("diff_h") != op_colour("add_h")
    assert lighter("#0072B2", 0.0) == "#ffffff"
    assert lighter("#0072B2", 1.0) == "#0072b2"


def test_a_family_has_the_colour_of_its_ops():
    # The legend of the figure names families, its bars are of ops.
    for name, op in STEP_OPS.items():
        assert op_colour(name) == op_colour(op_class(name)) == op.colour
    assert op_colour("diff") != op_colour("add")
    assert op_class("of another version") == "of another version"
