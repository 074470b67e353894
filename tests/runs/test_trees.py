"""What the command prints as JSON is what Python users get as dictionaries."""

import json

import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.reports import explain_tree
from accelsim.runs import (
    compare_runs,
    diff_tree,
    elsewhere_tree,
    open_run,
    replay_elsewhere,
    replay_run,
    replay_tree,
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory, irmen, mnist):
    folder = tmp_path_factory.mktemp("trees")
    slower = accelsim.load_machine("irmen", {"timing.write_cycles": 3})
    for machine, name in ((irmen, "a"), (slower, "b")):
        accelsim.simulate(machine, mnist, 2, outdir=folder / name)
    return folder


def test_diff(runs, command):
    tree = diff_tree(compare_runs(runs / "a", runs / "b"))
    assert json.loads(command("diff", runs / "a", runs / "b", "--json")[1]) == tree
    assert tree["figures"]["run"]["makespan"] == {"a": 84_000, "b": 112_000, "unit": "ps"}
    assert tree["machine"] == {"timing.write_cycles": {"a": 2, "b": 3}}


def test_diff_of_results_in_memory(irmen, mnist):
    result = accelsim.simulate(irmen, mnist, 1)
    found = compare_runs(result, result.trace)
    assert found.same
    assert diff_tree(found)["records"]["differing"] == 0


def test_replays(runs, command, charge):
    run = open_run(runs / "a")
    again = json.loads(command("replay", runs / "a", "--json")[1])
    assert again == replay_tree(replay_run(run), run)
    assert again["same"] is True
    elsewhere = json.loads(command("replay", runs / "a", "--machine", "charge", "--json")[1])
    assert elsewhere == elsewhere_tree(replay_elsewhere(run, charge), run)
    assert (elsewhere["recorded_on"], elsewhere["replayed_on"]) == ("irmen", "charge")


def test_explanations(runs, command):
    run = open_run(runs / "a")
    assert json.loads(command("explain", runs / "a", "--json")[1]) == explain_tree(run)
    assert explain_tree(run, "latency", 1)["latency"]["latency_ps"] == 42_000
    with pytest.raises(InputError, match=r"latncy: no such metric; .*did you mean 'latency'\?"):
        explain_tree(run, "latncy")
    with pytest.raises(InputError, match=r"image 2: not in the run; it has images 0 to 1"):
        explain_tree(run, "energy", 2)
