"""One name for each figure: keys of what a run writes, labels, and the page that lists them."""

import json
from pathlib import Path

from accelsim.quantities import QUANTITIES, axis, heading, label, text


def test_figures_of_a_run_have_the_keys_and_units_of_the_table(command, tmp_path):
    (tmp_path / "two.csv").write_text("time_ns,deadline_ns\n0,100\n10,50\n")
    assert command("run", "--arrivals", "two.csv", "--outdir", "out")[0] == 0
    stats = json.loads(Path("out/stats.json").read_text())
    figures = stats | stats["load"]
    leaves = {key: value for key, value in figures.items() if "unit" in value}
    assert "deadline_misses" in leaves
    for key, figure in leaves.items():
        assert figure["unit"] == QUANTITIES[key].unit, key


def test_the_page_has_the_table(repository):
    rows = [
        f"| {each.label} | `{key}` | {each.unit if each.unit != '1' else 'share'} "
        f"| {each.meaning} |"
        for key, each in QUANTITIES.items()
    ]
    page = (repository / "docs/quantities.md").read_text()
    assert "\n".join(rows) in page, "\n".join(rows)


def test_labels_are_one_to_one():
    labels = [each.label for each in QUANTITIES.values()]
    assert len(set(labels)) == len(labels)


def test_texts():
    assert (label("energy_per_image"), label("gated_time")) == ("energy per image", "gated time")
    assert (heading("latency"), axis("latency", "ns")) == ("Latency", "latency, ns")
    assert text(42_000, "ps") == "42 ns"
    assert text(0.98, "1") == "98.00 %"
    assert text(99_722_040 * 42_000, "aJ ps") == "4,188.3 pJ ns"
    assert (text(1234, "images"), text(0.25, "images"), text(12345.6, "cycles")) == (
        "1,234", "0.25", "12,346",
    )  # fmt: skip
    assert text(None, "ps") == "-"
