"""Runs of tenants: figures and ledger of each, kept, replayed, explained."""

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import accelsim
from accelsim.arrivals import Arrivals
from accelsim.errors import InputError
from accelsim.network import Tenant
from accelsim.reports import explain_tree
from accelsim.runs import compare_runs, open_run, tenant_of
from accelsim.runs.replay import replay_elsewhere, replay_run
from accelsim.timeline import RunView
from accelsim.trace import Window
from tests.conftest import CONV, RELU

NAMES = ("cam", "mic", "idle")


@pytest.fixture(scope="module")
def tenants(mnist, make_network):
    small = replace(make_network([1, 4, 4], CONV, RELU), file=None)
    return [Tenant("cam", mnist, 1), Tenant("mic", mnist, 1, priority=3), Tenant("idle", small, 1)]


@pytest.fixture(scope="module")
def stream():
    # Two of cam at once, one of mic meanwhile, another of each long after.
    return Arrivals(
        np.array([0, 0, 10_000, 500_000, 500_000]),
        image=np.array([0, 1, 0, 9, 5]),
        deadline_ps=np.array([50_000, 50_000, -1, 42_000, 42_000]),
        tenant=np.array([0, 0, 1, 0, 1]),
        tenants=NAMES,
    )


@pytest.fixture(scope="module")
def run(tenants, stream, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tenants") / "run"
    machine = accelsim.load_machine(
        "irmen",
        {"sequencer.contexts": 3, "banks.planes": 6, "effects.active": "read_noise,settling"},
    )
    return accelsim.simulate(machine, tenants, stream, outdir=folder, seed=5)


def test_figures_of_each(run):
    # cam has one context: images 0, 1, 3 take 42 ns each, 1 after 0. mic's image 2 runs beside
    # them; image 4 comes with 3, which is loaded before it in the same port: a cycle later.
    shares = run.stats.tenants
    assert shares.keys() == {"cam", "mic"}
    assert (shares["cam"].images.value, shares["mic"].images.value) == (3, 2)
    cam, mic = (
        {name: figure.value for name, figure in shares[each].load.items()}
        for each in ("cam", "mic")
    )
    assert cam["time_in_system_max"] == 84_000
    assert (cam["deadlines"], cam["deadline_misses"]) == (3, 1)
    assert (mic["deadlines"], mic["deadline_misses"]) == (1, 1)
    assert mic["time_in_system_max"] == 43_000
    # Image 2 came after 1 and was loaded before it.
    assert (cam["overtaken"], cam["overtaken_max"], mic["overtaken"]) == (1, 1, 0)
    assert run.stats.accuracy is None
    assert shares["cam"].accuracy.value == 1
    assert run.tenants[2].stats is None


def test_shares_add_up_to_the_run(run):
    shares, whole = run.stats.tenants.values(), run.stats
    assert sum(share.images.value for share in shares) == whole.images.value
    assert sum(share.throughput.value for share in shares) == pytest.approx(whole.throughput.value)
    by_tenant = {name: figure.value for name, figure in whole.energy.by_tenant.items()}
    assert list(by_tenant) == ["cam", "mic", "idle", "standby"]
    assert sum(by_tenant.values()) == whole.energy.total.value
    assert by_tenant["idle"] == 0
    for view in ("by_component", "by_layer", "by_step", "by_action", "by_block"):
        total = sum(figure.value for figure in getattr(whole.energy, view).values())
        assert total == whole.energy.total.value
    actions = {}
    for share in shares:
        for name, figure in share.actions.items():
            actions[name] = actions.get(name, 0) + figure.value
    assert actions["issue"] == whole.actions["issue"].value == 5 * 14
    power = sum(share.load["power"].value for share in shares)
    standby = by_tenant["standby"] * 1e-18 / (whole.makespan.value * 1e-12)
    assert power + standby == pytest.approx(whole.load["power"].value)


def test_lines_of_the_ledger_have_their_tenant(run):
    with (run.outdir / "ledger.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert {row["tenant"] for row in rows} == {"cam", "mic", "", "total"}
    energy = dict.fromkeys(("cam", "mic", ""), 0)
    for row in rows[:-1]:
        energy[row["tenant"]] += int(row["energy_aJ"])
    assert energy["cam"] == run.ledger.tenant_aJ["cam"]
    assert sum(energy.values()) == int(rows[-1]["energy_aJ"]) == run.ledger.total_aJ


def test_each_has_values_of_its_own(run, irmen, mnist):
    cam, mic, idle = (each.values for each in run.tenants)
    assert cam.images.tolist() == [0, 1, 3]
    assert cam.labels.tolist() == [7, 2, 9]
    assert mic.images.tolist() == [2, 4]
    assert mic.labels.tolist() == [7, 1]
    assert idle is None
    ideal = accelsim.simulate(irmen, mnist, 10).values.features
    assert np.abs(cam.features - ideal[[0, 1, 9]]).max() < 1
    # The same picture, in another image: noise of its own.
    assert (cam.features[0] != mic.features[0]).any()


def test_it_is_replayed_to_the_byte(run):
    assert set(replay_run(open_run(run.outdir)).files.values()) == {"same bytes"}


def test_it_is_replayed_elsewhere(run):
    charge = accelsim.load_machine("charge", {"sequencer.contexts": 3, "banks.planes": 6})
    found = replay_elsewhere(open_run(run.outdir), charge)
    assert found.replayed.images == 5
    assert found.tenants["cam"][0] == 1
    assert set(found.tenants) == set(NAMES)
    small = accelsim.load_machine("irmen", {"sequencer.contexts": 3})
    with pytest.raises(InputError, match=r"3 contexts need 5 planes .*banks.planes = 4: 5 would"):
        replay_elsewhere(open_run(run.outdir), small)
    with pytest.raises(InputError, match=r"--workload mnist: .* has tenants \(cam, mic, idle\)"):
        replay_run(open_run(run.outdir), workload="mnist")


def test_priority_needs_one_of_everybody(run, tenants, stream):
    machine = accelsim.load_machine(
        "irmen",
        {"sequencer.contexts": 3, "banks.planes": 6, "sequencer.arbitration": "priority"},
    )
    for attempt, given in (
        (lambda: accelsim.simulate(machine, tenants, stream), "Tenant('cam', network, priority=N)"),
        (
            lambda: replay_elsewhere(open_run(run.outdir), machine),
            "--tenant cam=WORKLOAD,priority=N",
        ),
    ):
        with pytest.raises(InputError) as caught:
            attempt()
        assert str(caught.value) == (
            "sequencer.arbitration priority: tenant 'cam' has none, nor has its arrival 0; "
            f"expected {given} or a column 'priority'"
        )


@pytest.mark.parametrize(
    ("change", "what", "without"),
    [
        ({"effects.active": "settling"}, "effects.active: settling", "effects"),
        (
            {"timing.write_cycles": 1},
            "values with transfer, settling, as phases are shorter than the cell needs",
            "values",
        ),
    ],
)
def test_old_values_of_another_tenant_are_not_modelled(tenants, stream, change, what, without):
    changes = {"sequencer.contexts": 2} | change
    shared = [Tenant(each.name, each.network) for each in tenants]
    with pytest.raises(InputError) as caught:
        accelsim.simulate(accelsim.load_machine("irmen", changes), shared, stream)
    assert str(caught.value) == (
        f"{what}: what an image leaves in planes that another tenant's image "
        "uses next is not modelled; expected contexts of each tenant's own "
        f"(Tenant('NAME', network, contexts=N)), or {without} without settling"
    )


def test_whose_an_image_is_can_be_seen(run):
    opened = open_run(run.outdir)
    assert [tenant_of(opened, image) for image in range(5)] == ["cam", "cam", "mic", "cam", "mic"]
    assert explain_tree(opened, "latency", 2)["tenant"] == "mic"
    detail = RunView(opened, Window(images=(1, 3))).read(Window(images=(1, 3)), 10_000)
    layers = set(zip(detail.image.tolist(), detail.layer.read(), strict=True))
    assert (1, "cam: conv1") in layers
    assert (2, "mic: conv1") in layers
    assert not any(text == "conv1" for _, text in layers)


def test_another_arbitration_differs_from_it(run, tenants, stream, tmp_path):
    machine = accelsim.load_machine(
        "irmen",
        {"sequencer.contexts": 3, "banks.planes": 6, "sequencer.arbitration": "fair"},
    )
    accelsim.simulate(machine, tenants, stream, outdir=tmp_path / "fair")
    found = compare_runs(run.outdir, tmp_path / "fair")
    assert found.machine["sequencer.arbitration"] == (None, "fair")
    assert found.values["seed"] == (5, 0)
    assert found.traces.images == 5


def damaged(run, tmp_path, change):
    folder = tmp_path / "run"
    shutil.copytree(run.outdir, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    change(folder, manifest)
    for name in manifest["files"]:
        manifest["files"][name]["sha256"] = accelsim.files.sha256(folder / name)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_tenants_that_do_not_agree_are_damage(run, tmp_path):
    def change(folder, manifest):
        manifest["tenants"] = manifest["tenants"][:1]

    with pytest.raises(InputError, match=r"manifest\.json: damaged: its tenants are not of"):
        open_run(damaged(run, tmp_path, change))


def test_programs_without_names_are_damage(run, tmp_path):
    def change(folder, manifest):
        programs = json.loads((folder / "program.json").read_text())
        (folder / "program.json").write_text(json.dumps(programs | {"names": ["cam", "cam", ""]}))

    with pytest.raises(InputError, match=r"program\.json: not a program .*a name and contexts"):
        open_run(damaged(run, tmp_path, change))
