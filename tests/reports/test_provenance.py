"""Provenance: no result without a root, no cycle, and verdicts that follow from ancestors alone."""

import json
from dataclasses import replace

import pytest

from accelsim.config import load_machine, read_document
from accelsim.config.device import DeviceFile
from accelsim.device import Numerics, characterize, inputs
from accelsim.device.cell import IrmenDevice
from accelsim.documents.validation import validate
from accelsim.network import load_network
from accelsim.reports import cells, chains, rivals, runs
from accelsim.reports.provenance import Node, Provenance, machine_nodes
from accelsim.reports.reproduction import MACHINES, shipped_provenance
from accelsim.reports.sources import held, provenance, provenance_of_run
from accelsim.resources import shipped


@pytest.fixture(scope="module")
def graph():
    return shipped_provenance()


def small(*more, ties=()):
    """A published length a gives b; c is half of b; r is computed from c."""
    nodes = [
        Node("published:a", "published", "is 2 m"),
        Node("m:b", "published", "2 m", inputs=("published:a",)),
        Node("m:c", "derived", "1 m", inputs=("m:b",)),
        Node("r", "figure", inputs=("m:c",)),
        Node("published:r", "published", "is 1 m"),
        Node("published:s", "published", "below 3 m"),
    ]
    changed = {node.name for node in more}
    return Provenance([*(each for each in nodes if each.name not in changed), *more], ties)


def test_what_ships_lacks_nothing(graph):
    """If this fails for a new constant, the message says what to add to its line."""
    assert list(graph.lacking()) == []


def test_every_figure_and_constant_ends_in_roots(graph):
    for node in graph.nodes.values():
        leaves = [each for each in graph.chain(node.name) if not each.inputs]
        assert leaves
        for leaf in leaves:
            assert leaf.kind in ("published", "assumed") or leaf.aims, (node.name, leaf.name)


@pytest.mark.parametrize("name", ["irmen", "charge"])
def test_device_files_that_ship_name_what_they_follow_from(name):
    path = shipped("configs/devices") / f"{name}.yaml"
    file = validate(DeviceFile, read_document(path))
    timing = file.timing
    for constant in (timing.read_time, timing.write_time, timing.read_cycles, timing.write_cycles):
        assert constant.inputs
    machine = load_machine(name, {"device": name})
    nodes = [
        *machine_nodes("m", machine),
        *(node for node in shipped_provenance().nodes.values() if node.kind == "published"),
    ]
    assert list(Provenance(nodes).lacking()) == []


def test_figures_are_those_that_are_computed(graph):
    wanted = {each.figure for each in held(load_network("mnist")) if each.figure}
    assert wanted <= runs.INPUTS.keys() | cells.INPUTS.keys() | rivals.INPUTS.keys()
    assert not runs.INPUTS.keys() & cells.INPUTS.keys()


def test_what_all_is_published_agrees():
    assert small().verdict("r", "published:r") == (
        "agrees",
        "all that it follows from is published",
    )


def test_an_assumed_ancestor_changes_the_verdict():
    assumed = Node("m:d", "assumed", "3")
    derived = Node("m:c", "derived", "1 m", inputs=("m:b", "m:d"))
    found = small(assumed, derived).verdict("r", "published:r")
    assert found == ("consistent, on assumptions", "on m d (assumed)")


def test_a_constant_that_nobody_gave_a_source_is_no_published_one():
    found = small(Node("m:c", "derived", "1 m", inputs=("m:gone",))).verdict("r", "published:r")
    assert found.word == "consistent, on assumptions"


def test_a_constant_chosen_in_view_of_the_figure_makes_it_calibrated():
    fitted = Node("m:c", "calibrated", "1 m", inputs=("m:b",), aims=("published:r",))
    found = small(fitted)
    assert found.verdict("r", "published:r") == (
        "calibrated", "m c (calibrated) was chosen in view of the published r",
    )  # fmt: skip
    # Beside another published figure it is an adjusted constant, no more.
    assert found.verdict("r", "published:s").word == "consistent, on assumptions"


def test_a_tied_figure_is_no_evidence_either():
    fitted = Node("m:c", "assumed", "1 m", aims=("published:r",))
    found = small(fitted, ties=[("r", "s")])
    assert found.verdict("r", "published:s").word == "calibrated"
    assert small(fitted, ties=[("r", "t"), ("t", "s")]).verdict("r", "published:s").word != (
        "calibrated"
    )


def test_a_figure_that_went_in_is_taken_over():
    assert small().verdict("r", "published:a") == ("taken over", "the published figure is an input")


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (
            Node("m:c", "derived", "1 m"),
            "m:c: kind 'derived', and names no input; add `from: [...]` with the keys that it "
            "follows from, such as cell.length, or published:ID",
        ),
        (
            Node("m:c", "calibrated", "1 m"),
            "m:c: kind 'calibrated', and names no figure; add `to: [published:ID]` with the "
            "published figure that it was chosen for",
        ),
        (
            Node("m:c", "derived", "1 m", inputs=("published:aa",)),
            "m:c: 'from' names 'published:aa', which neither a machine file nor "
            "configs/published nor a figure has; did you mean 'published:a'?",
        ),
        (
            Node("m:c", "calibrated", "1 m", aims=("published:x",)),
            "m:c: 'to' names 'published:x', which neither a machine file nor configs/published "
            "nor a figure has; did you mean 'published:s'?",
        ),
        (
            Node("q", "figure"),
            "figure 'q' names no inputs in the table beside its computation",
        ),
    ],
)  # fmt: skip
def test_the_check_says_what_is_lacking(node, message):
    (found,) = small(node).lacking()
    assert found.partition("; did")[0] == message.partition("; did")[0]


def test_the_check_finds_cycles():
    (found,) = small(Node("m:b", "derived", "1", inputs=("m:c",))).lacking()
    assert found in ("a cycle: m:b -> m:c -> m:b", "a cycle: m:c -> m:b -> m:c")


def test_verdicts_of_what_ships_move_with_a_constant(graph):
    """Nothing chosen in view of 42 ns any more: then the latency is consistent, no more."""
    assert graph.verdict("latency", "published:latency").word == "calibrated"
    nodes = [
        replace(node, aims=()) if "published:latency" in node.aims else node
        for node in graph.nodes.values()
    ]
    found = Provenance(nodes).verdict("latency", "published:latency")
    assert found.word == "consistent, on assumptions"


def test_the_weakest_of_a_derived_constant(graph):
    def kind(name):
        return chains.kind_of(graph, graph.node(name))

    assert kind("irmen:energy.cell_write") == "derived, from assumed write voltage"
    assert kind("irmen:timing.write_cycles").startswith("derived, from assumed length, thickness")
    assert kind("charge:energy.ota_tap_cycle") == "derived"
    assert kind("irmen:cell.damping") == "published"
    assert kind("irmen:clock") == "assumed, in view of the published latency"


def test_a_run_of_any_machine_has_its_chain():
    machine = load_machine("irmen", {"clock": "2 GHz"})
    found = provenance_of_run(machine)
    assert list(found.lacking()) == []
    names = [node.name for node in found.chain("latency")]
    assert names[:2] == ["latency", "machine:clock"]
    assert found.node("machine:clock").aims == ()
    assert found.node("machine:clock").kind == "assumed"


def numbers(machine):
    result = characterize(machine, Numerics(samples=16))
    noise = result.cell_noise()
    found = {
        "read_time": (result.timing.read_ps, result.read_inputs),
        "write_time": (result.timing.write_ps, result.write_inputs),
    }
    for name in ("readout_ktc", "write", "settling"):
        share = getattr(noise, name)
        found[f"noise.{name}"] = (share.value, share.inputs)
    return found


def test_what_the_charge_based_cell_follows_from_is_what_moves_it():
    """Each key that is named moves the figure; no other one does."""
    machine = load_machine("charge")
    before = numbers(machine)
    keys = [key for key in type(machine.cell).model_fields if key not in ("precision", "synapses")]
    for key in keys:
        constant = getattr(machine.cell, key)
        other = constant.value * (1.1 if key != "swing" else 1.05)
        changed = load_machine("charge", {f"cell.{key}": f"{other!r} {constant.unit}".strip()})
        for name, (value, _) in numbers(changed).items():
            moved = value != before[name][0]
            assert moved == (f"cell.{key}" in before[name][1]), (key, name)


def electrical(machine):
    device = IrmenDevice.of(machine.cell)
    return {
        "readout_ktc": device.readout_ktc,
        "shot": device.shot_noise,
        "write": device.write_ktc,
        "charging": device.charging_time(machine.cell.swing.value, 1 / 16),
    }


def test_what_moves_the_electrical_figures_of_the_irmen_cell_is_named():
    """No constant moves a figure that does not name it."""
    named = {
        "readout_ktc": inputs.READOUT_KTC, "shot": inputs.SHOT, "write": inputs.WRITE_KTC,
        "charging": inputs.CHARGING,
    }  # fmt: skip
    oblong = {"cell.shape": "rectangle", "cell.length": "48 nm", "cell.width": "46 nm"}
    machine = load_machine("irmen", oblong)
    before = electrical(machine)
    words = ("precision", "criterion", "shape", *machine.cell.of_storage)
    stated = [key for key in type(machine.cell).model_fields if getattr(machine.cell, key)]
    for key in [key for key in stated if key not in words]:
        constant = getattr(machine.cell, key)
        other = f"{constant.value * 1.02!r} {constant.unit}".strip()
        change = {**oblong, f"cell.{key}": other}
        for name, value in electrical(load_machine("irmen", change)).items():
            if value != before[name]:
                assert f"cell.{key}" in named[name], (key, name)


def test_why(command, graph):
    code, out, err = command("reproduce", "--why", "write_energy")
    assert (code, err) == (0, "")
    assert out.splitlines()[:4] == [
        "By hand: is 10 aJ (C V^2, 1 fF, 0.1 V). If ours fits: arithmetic of the source;",
        "  the same constants by hand: a check of the program alone.",
        "write energy",
        "  me capacitance 1 fF, published",
    ]
    code, out, _ = command("reproduce", "--why", "latency")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    assert (
        "If ours fits: calibrated; clock (assumed), interface anisotropy (assumed) were"
        in " ".join(out.split())
    )
    assert "length 47.873 nm, assumed (above)" in out
    tree = json.loads(command("reproduce", "--why", "cell.anisotropy", "--json")[1])
    assert tree == chains.as_plain(graph, "irmen:cell.anisotropy")
    assert tree[0]["to"] == ["published:stability_smallest", "published:stability_largest"]


def test_fig_3_is_found_by_its_name(command):
    for name in ("Fig. 3", "fig3"):
        code, out, err = command("reproduce", "--why", name)
        assert (code, err) == (0, "")
        assert "Fig. 3: read-out RC: S1, Fig. 3 of S2" in out


def test_why_of_nothing(command):
    code, out, err = command("reproduce", "--why", "latenzy")
    assert (code, out) == (2, "")
    assert "--why latenzy: no such figure or constant; did you mean 'latency'?" in err


def test_a_network_that_says_nothing_is_assumed():
    network = replace(load_network("mnist"), origins={})
    found = provenance({name: load_machine(name) for name in MACHINES}, network)
    assert found.node("network:weights").kind == "assumed"
    assert found.node("network:weights").source == "no source given"
