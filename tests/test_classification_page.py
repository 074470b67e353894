"""docs/classification.md says what runs give."""

import json
import re

import pytest

import accelsim
from tests.test_docs import table_below


@pytest.fixture(scope="module")
def page(repository):
    return (repository / "docs" / "classification.md").read_text()


@pytest.fixture(scope="module")
def result():
    return accelsim.simulate(accelsim.load_machine("irmen", {"scope": "classification"}), "mnist")


def test_times_by_hand(page, result):
    rows = table_below(page, "step | what | ns")
    stages = [
        row
        for row in result.trace.to_pylist()
        if row["kind"] in ("convert", "mac", "digital") and row["step"]
    ]
    assert [(row[0], row[2], row[3]) for row in rows] == [
        (
            str(stage["step"]),
            f"{(stage['t_end_ps'] - stage['t_start_ps']) / 1000}",
            f"{stage['t_start_ps'] / 1000}-{stage['t_end_ps'] / 1000}",
        )
        for stage in stages
    ]


def test_energies_by_hand(page, result):
    rows = table_below(page, "action | count | price")
    energies, counts = result.classification.behind.action_aJ, result.classification.behind.counts
    shown = {row[0].strip("`"): (row[1], row[3]) for row in rows}
    for action, energy in energies.items():
        count, of = shown.pop(action)
        assert str(counts[action]) in re.findall(r"\d+", count.replace(",", ""))
        assert of == f"{energy / 1e6:.3f}"
    assert {name: of for name, (_, of) in shown.items()} == {
        "behind the handoff": f"{result.classification.behind.total_aJ / 1e6:.3f}",
        "published scope": f"{result.ledger.total_aJ / 1e6:.3f}",
        "to the label": f"{result.classification.ledger.total_aJ / 1e6:.3f}",
    }


def test_charge_machine(page):
    machine = accelsim.load_machine("charge", {"scope": "classification"})
    stats = accelsim.simulate(machine, "mnist").stats
    behind = stats.classification.behind_handoff
    assert f"{behind['latency'].to('ns'):g} ns" in page
    assert f"{behind['energy'].to('pJ'):.1f} pJ come after 154 ns and 12.2 nJ" in page


def test_every_figure_is_named(page, result):
    named = set(re.findall(r"`(\w+)`", page.partition("## Figures")[2].partition("## Accuracy")[0]))
    figures = json.loads(json.dumps(result.stats.to_dict()))["classification"]["behind_handoff"]
    assert set(figures) <= named
