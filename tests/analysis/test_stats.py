"""Statistics: every figure has a value and a unit, and follows from the run."""

import json

import pytest

import accelsim
from accelsim.analysis import NO_INTERVAL, NOT_MODELLED


@pytest.fixture(scope="module")
def stats(irmen, mnist):
    return accelsim.simulate(irmen, mnist, 4).stats


def leaves(node, path=""):
    if isinstance(node, dict) and set(node) == {"value", "unit"}:
        yield path, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}")
    else:
        assert path == ".not_modelled" or path.startswith(".notes.")


def test_every_figure_has_a_value_and_a_unit(stats):
    tree = json.loads(json.dumps(stats.to_dict()))
    figures = dict(leaves(tree))
    assert len(figures) > 60
    for path, figure in figures.items():
        assert isinstance(figure["value"], int | float), path
        assert isinstance(figure["unit"], str), path
    assert tree["not_modelled"] == list(NOT_MODELLED)


def test_the_names_of_the_design(stats):
    tree = stats.to_dict()
    assert {
        "images", "cycles_per_image", "latency", "makespan", "throughput",
        "energy_per_image", "energy", "actions", "time_in_system", "time_in_system_max",
        "queue_wait", "load_wait", "initiation_interval",
    } <= set(tree)  # fmt: skip
    assert {"total", "by_component", "by_layer", "by_step", "by_action"} <= set(tree["energy"])


def test_values(stats):
    # Four images of 42 ns, one after the other.
    assert stats.makespan.value == 168_000
    assert stats.throughput.value == pytest.approx(4 / 168e-9)
    assert stats.queue_wait.value == (0 + 42_000 + 84_000 + 126_000) / 4
    assert stats.energy.total.value == 4 * 99_722_000
    assert stats.energy.by_step["2"].value == 4 * 17_375_760
    assert stats.energy.by_step["standby"].value == 0
    assert stats.actions["cell_write"].unit == "cells"
    assert stats.initiation_interval.value == 42_000
    # All arrive at 0: in the system until they leave.
    assert stats.load_wait.value == 0
    assert stats.time_in_system.value == (42_000 + 84_000 + 126_000 + 168_000) / 4
    assert stats.time_in_system_max.value == 168_000


def test_notes_say_what_figures_include(stats, irmen, mnist):
    assert stats.notes.keys() == {"throughput"}
    assert "fill and drain included" in stats.to_dict()["notes"]["throughput"]
    short = accelsim.simulate(irmen, mnist, 2).stats
    assert short.initiation_interval is None
    assert "initiation_interval" not in short.to_dict()
    assert short.to_dict()["notes"]["initiation_interval"] == NO_INTERVAL
