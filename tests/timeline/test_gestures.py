"""Gestures on the page of the reference image: each by mouse and keys, as a user does it."""

import re

import pytest

from accelsim.timeline import RunView, write_timeline
from accelsim.trace import Window
from tests.timeline.browser import Browsed, needs_browser

pytestmark = needs_browser


@pytest.fixture(scope="module")
def opened(chromium, recorded, tmp_path_factory):
    """The page of two images, open for all tests here."""
    folder = tmp_path_factory.mktemp("page")
    (path,) = write_timeline(RunView(recorded(2), Window()), folder, ["html"])
    browsed = Browsed(chromium.new_page(viewport={"width": 1280, "height": 720}), path)
    yield browsed
    browsed.close()


@pytest.fixture
def page(opened):
    """The page as it is at first: image 0 in view, nothing pinned, measured or hidden."""
    opened.page.mouse.move(5, 5)
    opened.press("Escape")
    opened.show(0, 42_000)
    opened.page.evaluate("accelsim.scroller.scrollTop = 0")
    return opened


def test_pointing_at_a_bar_tells_what_it_is(page):
    # Of 380 records of an image all have a bar; the next begins at 42 ns.
    assert page.ask("app.found.records") == 378
    assert page.drawn() == 378 + 14
    page.page.mouse.move(*page.place(page.ask("app.data.barOf(10)")))
    assert page.tip() == [
        "conv, conv1, step 2, image 0",
        "an array, the handoff driver or the digital engine computes (read phase)",
        "circuit_b.lane0.array, record 10",
        "3 ns to 4 ns: 1 ns, 1 cycle",
        "energy 3.92 pJ; 7,840 ota_tap_cycle, 784 cell_static_cycle",
        "after: issue (record 7)",
    ]
    page.page.mouse.move(*page.place(page.bar("wait", 2)))
    assert page.tip()[-1] == "waits: unsettled circuit_a.lane0.bank.plane0 (record 4)"


def test_a_drag_anywhere_in_the_strip_chooses_the_view(page):
    page.drag("strip", 50, 70)
    assert page.view == pytest.approx((50, 70), abs=0.2)
    page.drag("strip", 60, 20)  # begins inside the box, goes to the left
    assert page.view == pytest.approx((20, 60), abs=0.2)
    page.drag("strip", 60, 80)  # from the box's edge: that edge moves
    assert page.view == pytest.approx((20, 80), abs=0.2)
    page.page.keyboard.down("Shift")
    page.drag("strip", 30, 20)  # moves the box
    page.page.keyboard.up("Shift")
    assert page.view == pytest.approx((10, 70), abs=0.2)
    page.show(0, 10_000)
    page.page.mouse.click(*page.at("strip", 50))
    assert page.view == pytest.approx((45, 55), abs=0.2)


def test_the_view_never_leaves_the_run(page):
    for gesture in (
        lambda: page.drag("strip", 70, 90),
        lambda: page.press(*"ssssssssss"),
        lambda: page.press(*"waaaaaaaaaaaa"),
        lambda: page.press(*"wwwdddddddddddddddd"),
    ):
        gesture()
        start, end = page.view
        assert 0 <= start < end <= 84
    page.press("Home")
    assert page.view == (0, 84)


def test_keys_zoom_at_the_mouse_and_move(page):
    page.page.mouse.move(*page.at("rows", 21))
    page.press("w")
    assert page.view == pytest.approx((21 * 0.25, 42 - 21 * 0.25))
    page.press("s")
    assert page.view == pytest.approx((0, 42))
    page.press("d")
    assert page.view == pytest.approx((0.15 * 42, 1.15 * 42))
    page.press("a")
    assert page.view == pytest.approx((0, 42))
    page.page.keyboard.down("Control")
    page.page.mouse.wheel(0, -100)
    page.page.keyboard.up("Control")
    start, end = page.view
    assert (start + end) / 2 == pytest.approx(21, abs=0.1)
    assert end - start == pytest.approx(42 * 2.718281828**-0.25, abs=0.1)
    page.page.keyboard.down("Shift")
    page.drag("rows", 20, 18)
    page.page.keyboard.up("Shift")
    assert page.view == pytest.approx((start + 2, end + 2), abs=0.1)


def test_times_are_rounded_to_what_a_pixel_tells(page):
    page.show(1000 / 3, 74_990.000001)
    page.ask("0")
    assert page.page.locator("#note b").inner_text() == "330 ps to 74.99 ns"
    for start, end in ((12_345.678, 12_350.1), (1 / 3, 83_999.999), (41_999.1, 42_001.7)):
        page.show(start, end)
        page.page.mouse.move(*page.at("rows", (start + 2 * end) / 3000))
        page.ask("0")
        texts = [page.page.locator("#note b").inner_text(), *page.ask("app.painters.ruler.texts")]
        for text in texts:
            assert not re.search(r"\d\.\d{4}", text), text


def test_the_ruler_stays_in_sight(page):
    page.page.mouse.move(*page.at("rows", 20))
    page.page.mouse.wheel(0, 5000)
    # Scrolling goes on for some frames.
    page.page.wait_for_function("window.accelsim.scroller.scrollTop >= 300")
    assert page.ask("app.scroller.scrollTop") >= 300
    box = page.page.locator("#ruler").bounding_box()
    assert 0 < box["y"] < 300
    assert page.page.locator("#rows").bounding_box()["y"] == pytest.approx(box["y"] + 40)
    # Tracks below are drawn there: rows of shade, of which each says its share in view.
    issue = "app.layout.tracks.find(({kind}) => kind === 'use')"
    assert page.ask(f"app.painters.names.note({issue})") == "33.3 %"  # 14 issues in 42 cycles
    assert page.colours() > 10


def test_a_click_pins_a_bar_and_shows_the_chain(page):
    # conv1 (step 2) was issued once it had waited for the load to settle in plane 0 of A.
    page.page.mouse.click(*page.place(page.bar("step", 2)))
    assert page.pinned == "conv, conv1, step 2, image 0"
    causes = page.page.locator("#cause .link").all_inner_texts()
    assert causes == [
        "conv, conv1, step 2, image 0: wait in sequencer.context0 at 1 ns",
        "load, input, step 1, image 0: settle in circuit_a.lane0.bank.plane0 at 1 ns",
    ]
    followers = page.page.locator("#followers .link").all_inner_texts()
    assert followers == ["relu, relu1, step 3, image 0: wait in sequencer.context0 at 4 ns"]
    assert page.ask("app.painters.flows.arrows") == 3
    page.page.locator("#cause .link").last.click()
    assert page.pinned == "load, input, step 1, image 0"
    page.press("]")
    assert page.pinned == "conv, conv1, step 2, image 0"
    page.press("[")
    assert page.pinned == "load, input, step 1, image 0"
    page.press("Escape")
    assert page.pinned is None
    assert page.page.locator("#panel").is_hidden()


def test_what_is_pinned_is_not_behind_the_panel(page):
    tracks = page.ask("app.layout.tracks.filter(({kind}) => kind === 'row')")
    bottom = page.ask("app.scroller.clientHeight")
    lowest = max(t["row"] for t in tracks if t["top"] + t["height"] < bottom)
    bar = page.ask(f"app.found.drawn.find((i) => app.data.bars.row[i] === {lowest})")
    page.page.mouse.click(*page.place(bar))
    assert page.ask("app.state.pinned") == bar
    assert page.place(bar)[1] < page.page.locator("#panel").bounding_box()["y"]


def test_bars_of_a_row_follow_one_another(page):
    page.page.mouse.click(*page.place(page.bar("issue", 13)))
    page.press(".")
    assert page.pinned.startswith("handoff, output, step 14, image 0")
    page.press(".")  # that of the next image, which is not in view yet
    assert page.pinned == "load, input, step 1, image 1"
    assert page.view[1] > 42
    page.press(",", ",")
    assert page.pinned.startswith("add_v, pool2, step 13, image 0")


def test_a_drag_measures_and_snaps_to_edges(page):
    page.drag("rows", 3.1, 5.9)
    assert page.measured == [
        "A 3 ns, B 6 ns",
        "A to B: 3 ns, 3 cycles",
        "energy 17.38 pJ",  # step 2
        "power: mean 5.792 mW, peak 17.34 mW",
    ]
    # 31,360 tap-cycles of 500 aJ are 15.68 pJ.
    assert page.page.locator("#energies p").first.inner_text() == "B arrays 15.68 pJ, 90.2 %"
    assert "B arrays 16.7 %" in page.page.locator("#shares p").all_inner_texts()  # 4 of 8, 1 of 3
    page.drag("ruler", 6, 9)  # cursor B is taken where it is
    assert page.measured[:2] == ["A 3 ns, B 9 ns", "A to B: 6 ns, 6 cycles"]
    page.press("f")
    assert page.view == pytest.approx((3 - 0.48, 9 + 0.48))
    page.show(0, 42_000)
    page.drag("ruler", 14.4, 12.6)  # where no bar is near: whole cycles
    assert page.measured[0] == "A 13 ns, B 14 ns"
    page.page.mouse.click(*page.at("ruler", 4))
    assert page.measured == []
    page.page.mouse.click(*page.at("ruler", 4))
    page.drag("ruler", 4, 8)
    assert page.measured[0] == "A 4 ns, B 8 ns"


def test_m_marks_what_is_pinned_or_the_mouse(page):
    page.page.mouse.click(*page.place(page.bar("step", 8)))
    page.press("m", "f")
    assert page.measured[1:3] == ["A to B: 3 ns, 3 cycles", "energy 30.69 pJ"]
    assert page.view == pytest.approx((21 - 0.24, 24 + 0.24))
    page.press("Escape")
    page.show(0, 42_000)
    page.page.mouse.move(*page.at("rows", 9))
    page.press("m")
    assert page.measured == ["A 9 ns", "M again: cursor B at the mouse"]
    page.page.mouse.move(*page.at("rows", 21))
    page.press("m")
    assert page.measured[:2] == ["A 9 ns, B 21 ns", "A to B: 12 ns, 12 cycles"]


def test_f_without_a_selection_shows_the_run(page):
    page.press("f")
    assert page.view == (0, 84)


def test_an_image_is_measured_by_a_click(page):
    track = page.ask("app.layout.tracks[0]")
    x, _ = page.at("rows", 30)
    y = page.ask("app.rows.getBoundingClientRect().top") + track["top"] + 9
    page.page.mouse.move(x, y)
    assert page.tip() == ["image 0", "0 ns to 42 ns: 42 ns, 42 cycles", "energy 99.722 pJ"]
    page.page.mouse.click(x, y)
    assert page.measured[2] == "energy 99.72 pJ"


def test_search_finds_ops_layers_and_images(page):
    page.press("/")
    page.page.keyboard.type("relu image 1")
    assert page.page.locator("#found").inner_text() == "2 found: Enter"
    page.press("Enter")
    assert page.page.locator("#found").inner_text() == "1 of 2"
    assert page.pinned == "relu, relu1, step 3, image 1"
    start, end = page.view
    assert start < 48
    assert end > 51
    page.press("Enter")
    assert page.pinned == "relu, relu2, step 9, image 1"
    page.press("Shift+Enter")
    assert page.pinned == "relu, relu1, step 3, image 1"
    for text, found in (
        ("pool2", "8 found: Enter"),
        ("record 10", "1 found: Enter"),
        (
            "circuit_b wait",
            "nothing found: search for an op, a layer, a block, image 3, step 5 or record 17",
        ),
    ):
        page.page.locator("#search").fill(text)
        assert page.page.locator("#found").inner_text() == found
    page.press("Escape")
    assert page.page.locator("#search").input_value() == ""
    assert page.page.locator("#found").inner_text() == ""


def test_the_legend_names_colours_and_finds(page):
    chips = page.page.locator("#legend .chip")
    assert chips.all_inner_texts() == ["load", "conv", "relu", "diff", "add", "handoff"]
    chips.nth(1).click()
    assert page.pinned == "conv, conv1, step 2, image 0"
    page.page.locator("#colours").select_option("layer")
    assert "conv1" in chips.all_inner_texts()
    page.page.locator("#colours").select_option("image")
    assert chips.all_inner_texts() == ["image 0", "image 1"]
    page.page.locator("#colours").select_option("op")
    assert page.page.get_by_text("busy 0 to 100 %").is_visible()
    page.page.locator("h1").click()


def test_groups_are_hidden_and_shown(page):
    before, rows = page.drawn(), page.ask("app.layout.tracks.length")
    pinned = page.bar("settle", 3)
    button = page.page.get_by_role("button", name="A banks", exact=True)
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    planes = page.ask("app.data.rows.filter(({group}) => group === 'A banks').length")
    assert page.ask("app.layout.tracks.length") == rows - planes
    assert page.drawn() < before
    # What is gone to is shown.
    page.page.evaluate(f"accelsim.pin({pinned}, true)")
    assert button.get_attribute("aria-pressed") == "true"
    assert page.drawn() == before


def test_power_has_one_owner(page):
    """Strip, track, tip and panel say the same mean and peak."""
    page.press("Home")
    power = page.ask("app.data.power(0, 84000)")
    assert power["mean"] == pytest.approx(99.722 / 42)
    assert power["peak"] == pytest.approx(30.648080)
    assert page.ask("app.painters.names.power()")[:2] == ["mean 2.374 mW", "peak 30.65 mW"]
    page.page.locator("#fit").click()
    page.drag("ruler", 0.1, 83.9)
    assert page.measured[-1] == "power: mean 2.374 mW, peak 30.65 mW"


def test_phases_are_told_apart_without_colour(page):
    """Luminance of an op that computes, settles and is read, out of 255."""
    lights = page.ask(
        """app.data.names.op_colour.map((colour) => [colour, app.looks.lightened(colour), "#ffffff"]
            .map((text) => [1, 3, 5].map((n) => parseInt(text.slice(n, n + 2), 16)))
            .map(([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b))"""
    )
    for full, light, white in lights:
        assert white - light > 25
        assert light - full > 25


def test_keys_are_told(page):
    page.press("?")
    help_ = page.page.locator("#help")
    assert help_.is_visible()
    assert "fit the view to what is measured or pinned" in help_.inner_text()
    assert "the highest mean of one cycle" in help_.inner_text()
    page.press("w")  # does nothing behind it
    assert page.view == (0, 42)
    page.press("Escape")
    assert help_.is_hidden()
