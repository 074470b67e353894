"""The page of a sweep: what it holds, gestures on it, hostile names, and ten thousand points."""

import csv
import io
import json
import re
from base64 import b64decode
from gzip import decompress

import numpy as np
import pytest

from accelsim.quantities import text
from accelsim.sweeps.columns import schema, table
from accelsim.sweeps.front import shown
from accelsim.sweeps.page import page_html
from accelsim.sweeps.page_data import page_data
from accelsim.sweeps.sweeping import Sweep
from tests.timeline.browser import Browsed, launched, needs_browser

LINES = (
    "description: Six designs",
    "axes:",
    "  arrays.lanes: [4, 8]",
    "  cell.damping: [0.005, 0.01, 0.02]",
    "  cell.criterion: [magnetization, envelope]",
    "objectives: {latency: min, energy_per_image: min}",
)
HOSTILE = "</script><b>&\u2028"
# Point -> latency, ns, and energy, pJ: 0 and 2 are on the front, 3 is beaten by 0.
DESIGNS = {0: (42, 99.5), 1: (84, 120), 2: (60, 80), 3: (42, 110), 4: (1000, 300)}

FILTERS = {
    "latency <= 60 ns, arrays.lanes = 4": [0, 2],
    "energy per image > 0.1 nJ": [1, 3, 4],
    "cell.criterion != envelope": [0, 2, 4],
    "</script>": [5],
    "cell.damping=0.01": [1, 4],
}
WRONG_FILTERS = {
    "laten < 5 ns": "no column 'laten'; there is latency_ps",
    "latency < 5": "latency: '5', expected a number such as 1 ns",
    "latency < 5 V": "latency: '5 V', expected a number such as 1 ns",
    "cell.criterion = a": "cell.criterion: no point has 'a'; there is magnetization, envelope",
    "cell.criterion < a": "cell.criterion is words: use = or !=",
}


def _row(number, **figures):
    lanes, damping = 4 + 4 * (number % 2), (0.005, 0.01, 0.02)[number % 3]
    return {
        "point": number, "arrays.lanes": lanes, "cell.damping": damping,
        "cell.criterion": ("magnetization", "envelope")[number % 2], "machine": "irmen",
        "workload": "mnist", "seed": 0, "set": [f"arrays.lanes={lanes}"], **figures,
    }  # fmt: skip


@pytest.fixture
def make_sweep(make_space, tmp_path):
    """Make the sweep of some rows."""

    def make(rows, lines=LINES):
        space = make_space(*lines)
        return Sweep(space, tmp_path / "out", table(rows, schema(space, "d1")), len(rows))

    return make


@pytest.fixture
def six(make_sweep):
    """Five designs, and one that failed with an error that would end a script."""
    rows = [
        _row(number, latency_ps=1e3 * latency, energy_per_image_aJ=1e6 * energy)
        for number, (latency, energy) in DESIGNS.items()
    ]
    return make_sweep([*rows, _row(5, error=HOSTILE)])


@pytest.fixture(scope="module")
def chromium():
    with launched() as browser:
        yield browser


@pytest.fixture
def browse(chromium, tmp_path):
    """Open the page of a sweep; at the end nothing may have gone wrong on it."""
    opened = []

    def open_page(sweep, width=1280, height=720):
        path = tmp_path / "index.html"
        path.write_text(page_html(sweep), encoding="utf-8")
        page = chromium.new_page(viewport={"width": width, "height": height})
        opened.append(Browsed(page, path))
        return opened[-1]

    yield open_page
    for browsed in opened:
        browsed.close()


def _listed(page):
    """Return the points of the table, as it is sorted."""
    page.ask("0")
    texts = page.page.locator("#table tbody button").all_inner_texts()
    return [int(re.sub(r"\D", "", each)) for each in texts]


def _spot(page, point, plot=0):
    """Return where a point of a plot is in the window."""
    return page.ask(
        f"""(() => {{
            const plot = app.plots[{plot}], box = plot.layers.marks.getBoundingClientRect();
            return [box.left + plot.spots[{point}][0], box.top + plot.spots[{point}][1]];
        }})()"""
    )


def _on_axis(page, n, value):
    """Return where a value of an axis of the parallel coordinates is in the window."""
    return page.ask(
        f"""(() => {{
            const box = app.parallel.layers.marks.getBoundingClientRect();
            return [box.left + app.parallel.across[{n}], box.top + app.parallel.y({n}, {value})];
        }})()"""
    )


def _drag(page, start, end):
    page.page.mouse.move(*start)
    page.page.mouse.down()
    page.page.mouse.move(*end, steps=3)
    page.page.mouse.up()


def test_the_page_holds_columns_front_commands_and_errors(six):
    data = page_data(six)
    columns = {column["name"]: column for column in data["columns"]}
    assert list(columns) == [
        "point", "arrays.lanes", "cell.damping", "cell.criterion", "latency_ps",
        "energy_per_image_aJ",
    ]  # fmt: skip
    latency = columns["latency_ps"]
    assert (latency["label"], latency["unit"], latency["goal"]) == ("latency", "ps", "min")
    assert latency["log"]  # 42 to 1000
    assert not columns["energy_per_image_aJ"]["log"]  # 80 to 300
    assert columns["cell.criterion"]["words"] == ["magnetization", "envelope"]
    # A pair of objectives, and a plot over the first axis.
    assert data["pairs"] == [
        ["latency_ps", "energy_per_image_aJ"], ["arrays.lanes", "latency_ps"],
    ]  # fmt: skip
    block = decompress(b64decode(data["block"]))
    kind, place, length = data["places"]["front"]
    assert (kind, length) == ("uint8", 6)
    assert list(block[place : place + length]) == [1, 0, 1, 0, 0, 0]
    _, place, length = data["places"]["column4"]
    assert np.frombuffer(block, "<f8", length, place)[:5].tolist() == [42e3, 84e3, 60e3, 42e3, 1e6]
    _, place, length = data["places"]["texts"]
    texts = json.loads(block[place : place + length])
    assert texts["errors"] == [*[None] * 5, HOSTILE]
    assert texts["commands"][1] == (
        "accelsim run irmen --workload mnist --images 1 --set arrays.lanes=8"
    )


def test_the_page_needs_nothing_else_and_is_the_same_again(six):
    page = page_html(six)
    assert page == page_html(six)
    body = page[page.rindex("<body>") :]
    assert not any(word in body for word in ("<a ", "href=", "src=", "https:", "http:"))
    for figure in ("<dd>6 of 6</dd>", "<dt>failed</dt><dd>1</dd>", "<dd>2</dd>"):
        assert figure in body


def test_whole_numbers_that_a_browser_would_round_are_texts(make_sweep):
    lines = ("axes:", "  seed: [9007199254740993, 1]")
    rows = [{"point": n, "machine": "irmen", "workload": "mnist", "seed": seed, "set": []}
            for n, seed in enumerate((9007199254740993, 1))]  # fmt: skip
    columns = page_data(make_sweep(rows, lines))["columns"]
    (seed,) = (column for column in columns if column["name"] == "seed")
    assert seed["words"] == ["9007199254740993", "1"]


@needs_browser
def test_numbers_are_those_of_the_commands(browse, six):
    page = browse(six)
    values = (0.0, 1.0, 42_000.0, 99_722_040.0, 999_960.0, 0.98765, 1.2345e-5, 123_456.7, 2.5, 1e9)
    units = ("ps", "aJ", "1", "aJ ps", "W", "images/s", "cycles")
    asked = [(value, unit) for value in values for unit in units]
    found = page.ask(
        f"{json.dumps(asked)}.map(([value, unit]) => app.text({{unit, figure: true}}, value))"
    )
    assert found == [text(value, unit) for value, unit in asked]
    rows = six.rows.to_pylist()
    for name in six.space.columns:
        column = f"app.data.byName.get({json.dumps(name)})"
        assert page.ask(f"[0, 1, 2].map((i) => app.data.text({column}, i))") == [
            shown(six, row, name) for row in rows[:3]
        ]


@needs_browser
def test_a_brush_in_a_plot_is_seen_everywhere(browse, six):
    page = browse(six)
    assert sorted(_listed(page)) == [0, 1, 2, 3, 4, 5]
    (x0, y0), (x1, y1) = _spot(page, 0), _spot(page, 2)
    _drag(page, (x0 - 4, y0 - 4), (x1 + 4, y1 + 4))  # 42 to 60 ns, 80 to 99.5 pJ
    assert _listed(page) == [0, 2]
    assert page.ask("app.chosen.ranges.size") == 2
    assert page.page.locator("#note").inner_text().startswith("2 of 6 points; latency 4")
    # A click on the axis of a brushed column takes its range away: point 3 costs 110 pJ.
    page.page.mouse.click(*_on_axis(page, 4, 99.5e6))
    assert _listed(page) == [0, 2, 3]
    page.press("Escape")
    assert len(_listed(page)) == 6


@needs_browser
def test_a_brush_on_an_axis_leaves_out_what_has_no_value(browse, six):
    page = browse(six)
    names = page.ask("app.parallel.axes.map(({name}) => name)")
    assert names[0] == "arrays.lanes"
    (x, top), (_, bottom) = _on_axis(page, 3, 90_000), _on_axis(page, 3, 41_000)
    _drag(page, (x + 3, bottom), (x + 3, top))
    assert _listed(page) == [0, 1, 2, 3]
    (x, low), (_, high) = _on_axis(page, 0, 7.5), _on_axis(page, 0, 8)
    _drag(page, (x, low), (x, high - 4))
    assert _listed(page) == [1, 3]


@needs_browser
def test_pointing_tells_figures_and_command_and_a_click_pins(browse, six):
    page = browse(six)
    page.page.mouse.move(*_spot(page, 2))
    command = "accelsim run irmen --workload mnist --images 1 --set arrays.lanes=4"
    assert page.tip() == [
        "point 2, on the Pareto front",
        "arrays.lanes 4; cell.damping 0.02; cell.criterion magnetization",
        "latency 60 ns; energy per image 80 pJ",
        command,
    ]
    page.page.mouse.click(*_spot(page, 2))
    assert page.page.locator("#command code").inner_text() == command
    assert page.page.locator("#figures p").all_inner_texts() == [
        "latency 60 ns", "energy per image 80 pJ",
    ]  # fmt: skip
    page.press(".")
    assert page.page.locator("#design h2").inner_text() == "point 3"
    assert page.page.locator("tr.pinned button").inner_text() == "3"


@needs_browser
def test_keys_choose_the_front_and_the_failed(browse, six):
    page = browse(six)
    page.press("f")
    assert _listed(page) == [0, 2]
    page.press("e")
    assert _listed(page) == [5]
    assert page.page.locator("#table td").last.inner_text().startswith("</script><b>&")
    page.press("a")
    assert len(_listed(page)) == 6


@needs_browser
def test_the_filter_knows_columns_and_units(browse, six):
    page = browse(six)
    for terms, points in FILTERS.items():
        page.page.locator("#filter").fill(terms)
        assert (terms, _listed(page)) == (terms, points)


@needs_browser
def test_a_wrong_filter_says_what_was_expected_and_changes_nothing(browse, six):
    page = browse(six)
    for terms, message in WRONG_FILTERS.items():
        page.page.locator("#filter").fill(terms)
        assert page.page.locator("#note").inner_text() == f"6 of 6 points; {message}"
        assert page.page.locator("#filter").get_attribute("aria-invalid") == "true"
        assert len(_listed(page)) == 6


@needs_browser
def test_headings_sort_and_the_table_is_copied_as_csv(browse, six):
    page = browse(six)
    page.page.locator("#table").get_by_role("button", name="latency").click()
    assert _listed(page) == [0, 3, 2, 1, 4, 5]
    page.page.locator("#table").get_by_role("button", name="latency").click()
    assert _listed(page) == [4, 1, 2, 0, 3, 5]  # what has none stays last
    copied = page.ask("app.data.csv(app.table.order)")
    rows = list(csv.DictReader(io.StringIO(copied)))
    assert [row["point"] for row in rows] == ["4", "1", "2", "0", "3", "5"]
    assert rows[0]["latency_ps"] == "1000000"
    assert (rows[5]["error"], rows[5]["latency_ps"]) == (HOSTILE, "")
    page.page.evaluate("navigator.clipboard.writeText = async (text) => { window.kept = text; }")
    page.press("t")
    page.page.get_by_text("copied: 6 points as CSV").wait_for()
    assert page.page.evaluate("window.kept") == copied


@needs_browser
def test_names_from_files_are_shown_as_they_are(browse, make_sweep):
    lines = ("description: '</script><b>&'", *LINES[1:])
    page = browse(make_sweep([_row(0, error=HOSTILE), _row(1, error="other")], lines))
    assert page.page.locator("header p").inner_text().startswith("</script><b>&")
    assert page.page.locator("header b").count() == 0
    assert _listed(page) == [0, 1]  # no design has a figure: the page stands all the same
    page.press(".")
    assert page.page.locator("#error p").inner_text().startswith("</script><b>&")


@needs_browser
def test_ten_thousand_points_are_drawn_brushed_and_listed(browse, make_sweep):
    rng = np.random.default_rng(0)
    figures = zip(rng.uniform(4e4, 4e5, 10_000), rng.uniform(5e7, 5e8, 10_000), strict=True)
    rows = [
        _row(number, latency_ps=latency, energy_per_image_aJ=energy)
        for number, (latency, energy) in enumerate(figures)
    ]
    page = browse(make_sweep(rows))
    assert len(_listed(page)) == 100  # the rest behind a button
    page.page.locator("#more").click()
    assert len(_listed(page)) == 200
    box = page.page.locator(".plot .layers").first.bounding_box()
    bottom = box["y"] + box["height"] - 20
    _drag(page, (box["x"] + 56, bottom), (box["x"] + box["width"] / 2, box["y"] + 8))
    low, high = page.ask("app.chosen.ranges.get(app.data.byName.get('latency_ps'))")
    expected = sum(low <= row["latency_ps"] <= high for row in rows)
    assert page.ask("app.chosen.count") == pytest.approx(expected, rel=0.05)
    assert 0 < expected < 10_000


@needs_browser
@pytest.mark.parametrize(("width", "height"), [(800, 600), (1280, 720)])
def test_it_fits_its_window(browse, six, width, height):
    page = browse(six, width, height)
    assert page.ask("document.documentElement.scrollWidth") <= width
    for place in ("#plots .layers", "#parallel"):
        box = page.page.locator(place).first.bounding_box()
        assert box["height"] >= 90
        assert box["y"] + box["height"] < height
    sizes = page.ask(
        "[...document.querySelectorAll('body *')].filter((each) => each.offsetParent)"
        ".map((each) => parseFloat(getComputedStyle(each).fontSize))"
    )
    assert min(sizes) >= 11


@needs_browser
def test_front_and_others_differ_without_colour(browse, six):
    """The middle of a design of the front is lighter than that of one that is not."""
    page = browse(six)
    greys = page.ask(
        """(() => {
            const {layers, spots} = app.plots[0], {width, height} = layers.chosen;
            const {data} = layers.chosen.getContext("2d").getImageData(0, 0, width, height);
            return [0, 1].map((i) => {
                const [x, y] = spots[i].map((each) => Math.round(each * devicePixelRatio));
                const [r, g, b] = data.subarray(4 * (y * width + x));
                return 0.299 * r + 0.587 * g + 0.114 * b;
            });
        })()"""
    )
    assert greys[0] - greys[1] > 50
