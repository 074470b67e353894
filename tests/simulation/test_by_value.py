"""Runs whose energies follow values: the same however they run, and refused without values."""

import csv
import json

import numpy as np
import pytest

import accelsim
from accelsim.arrivals import Arrivals
from accelsim.config import load_machine
from accelsim.config.energy_by_value import FOLLOW_VALUES
from accelsim.errors import InputError, ReconciliationError
from accelsim.model import Stream
from accelsim.network.tenants import parse_tenants
from accelsim.simulation import run_events
from tests.conftest import AVG2

BY_VALUE = {"energy.model": "by_value"}
THREE = {"sequencer.contexts": 3, "banks.planes": 6}


@pytest.fixture(scope="module")
def by_value():
    return load_machine("irmen", BY_VALUE)


def files_of(folder):
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"
    }


@pytest.mark.parametrize("name", ["irmen", "charge"])
def test_what_is_skipped_costs_what_it_would_have(name, mnist, tmp_path):
    machine = load_machine(name, BY_VALUE | THREE)
    found = {}
    for fast in (True, False):
        folder = tmp_path / str(fast)
        result = accelsim.simulate(machine, mnist, 24, outdir=folder, fast_forward=fast)
        assert bool(result.skipped) == (fast and name == "irmen")
        found[fast] = files_of(folder)
    assert found[True] == found[False]
    ledger = result.ledger
    assert len(np.unique(ledger.image_aJ)) == 24
    lines = list(csv.DictReader(found[True]["ledger.csv"].decode().splitlines()))
    for line in lines[:-1]:
        follows = line["action"] in FOLLOW_VALUES
        assert (line["price_aJ"] == "") == follows
        if not follows:
            assert int(line["count"]) * int(line["price_aJ"]) == int(line["energy_aJ"])
    assert sum(int(line["energy_aJ"]) for line in lines[:-1]) == ledger.total_aJ
    assert json.loads(found[True]["stats.json"])["energy"]["total"]["value"] == ledger.total_aJ


def test_all_but_energies_is_that_of_the_run_by_count(by_value, irmen, mnist):
    one, other = (accelsim.simulate(each, mnist, 3) for each in (by_value, irmen))
    np.testing.assert_allclose(one.values.logits, other.values.logits, atol=1e-4)
    names = [name for name in one.trace.column_names if name != "energy_aJ"]
    assert one.trace.select(names).equals(other.trace.select(names))
    assert one.ledger.counts == other.ledger.counts
    for action, energy in other.ledger.action_aJ.items():
        assert (one.ledger.action_aJ[action] == energy) == (action not in FOLLOW_VALUES)


def test_tenants_have_energies_of_their_own_images(mnist):
    machine = load_machine("irmen", BY_VALUE | {"sequencer.contexts": 2, "banks.planes": 8})
    tenants = parse_tenants(["one=mnist,contexts=1", "other=mnist,contexts=1"])
    stream = Arrivals(np.zeros(6, np.int64), tenant=np.array([0, 1, 1, 0, 1, 0], np.int8))
    result = accelsim.simulate(machine, tenants, stream)
    # Each tenant's images are those of its own data set, as if it were alone.
    alone = accelsim.simulate(load_machine("irmen", BY_VALUE), mnist, 6)
    for share, images in zip(result.tenants, ([0, 3, 5], [1, 2, 4]), strict=True):
        assert share.values.images.tolist() == images
        assert (
            share.ledger.action_aJ["ota_tap_cycle"] == alone.ledger.action_aJ["ota_tap_cycle"] / 2
        )
    assert sum(result.ledger.tenant_aJ.values()) == result.ledger.total_aJ
    shared = parse_tenants(["one=mnist", "other=mnist"])
    with pytest.raises(InputError, match=r"^energy.model: got 'by_value'; expected 'by_count', or"):
        accelsim.simulate(machine, shared, stream)


def test_a_network_without_values_is_refused(by_value, make_network, tmp_path):
    network = make_network([1, 4, 4], AVG2)
    with pytest.raises(InputError) as caught:
        accelsim.simulate(by_value, network, 1, outdir=tmp_path / "run")
    assert str(caught.value) == (
        "energy.model: got 'by_value'; expected 'by_count': energies follow values, and there are "
        "none: network 'test' names no weights"
    )
    assert not list(tmp_path.iterdir())


def test_the_command_refuses_a_network_without_values(command):
    code, out, err = command(
        "run", "-w", "resnet", "--set", "energy.model=by_value", "--set", "banks.planes=60"
    )
    assert (code, out) == (2, "")
    assert err.startswith("error: energy.model: got 'by_value'; expected 'by_count': energies")


def test_events_alone_have_no_values(by_value, mnist):
    program = accelsim.compile_network(mnist, by_value)
    with pytest.raises(InputError, match=r"^energy.model: got .* no values are computed"):
        run_events(by_value, program, Stream.at_once(range(1)))


def test_a_failing_supply_is_refused(repository, tmp_path):
    text = (repository / "configs" / "irmen.yaml").read_text()
    failing = "faults: {events: [{kind: power_failure, at: 1 us, duration: 1 us}]}\n"
    path = tmp_path / "mine.yaml"
    path.write_text(text + failing)
    load_machine(path)
    with pytest.raises(InputError) as caught:
        load_machine(path, BY_VALUE)
    assert str(caught.value) == (
        "--set energy.model=by_value: energy.model: got 'by_value' with a fault 'power_failure'; "
        "expected 'by_count': what cells hold of a step that was lost is not modelled"
    )


def test_energies_that_do_not_meet_the_records_are_an_error(by_value, mnist):
    result = accelsim.simulate(by_value, mnist, 2)
    energies, program = result.values.energies, result.program
    energies.reconcile(result.ledger)
    energies.actions["cell_write"].energy_aJ[0, 0] += 1
    with pytest.raises(ReconciliationError, match=r"the records have \d+ aJ of cell_write, the v"):
        energies.reconcile(result.ledger)
    with pytest.raises(ReconciliationError, match="counts cell_write for an image without val"):
        run_events(by_value, program, Stream.at_once(range(3)), energies=[energies])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"energy.model": "by_valu"}, "got 'by_valu'; expected 'by_count' or 'by_value'; did you"),
        ({"energy.by_value.swing": 0}, "energy.by_value.swing: got 0; expected a positive number"),
        ({"energy.by_value.zero_share": 1.5}, "a number of 0 or more, at most 1, such as '0.1'"),
        ({"energy.by_value.weigth": 1}, "did you mean 'weight'?"),
    ],
)
def test_keys_are_checked(changes, message):
    with pytest.raises(InputError) as caught:
        load_machine("irmen", changes)
    assert message in str(caught.value)


def test_a_machine_that_does_not_say_how_is_refused(repository, tmp_path):
    text = (repository / "configs" / "charge.yaml").read_text()
    start, end = text.index("  by_value:\n"), text.index("# What a machine at rest")
    path = tmp_path / "mine.yaml"
    path.write_text(text[:start] + text[end:])
    load_machine(path)
    with pytest.raises(InputError) as caught:
        load_machine(path, BY_VALUE)
    assert "energy.model: got 'by_value'; expected 'by_count', or a section energy.by_value" in str(
        caught.value
    )
