"""Input that no user means, but that must be refused or shown as it is, never misread."""

import json

import numpy as np
import pytest

import accelsim
from accelsim.errors import InputError
from accelsim.network import load_weights
from accelsim.simulation import check_file, select_images


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("clock", "1,5 ns", "is not a number with a unit"),
        ("clock", "1_0 ns", "is not a number with a unit"),
        ("clock", "3 Hz", "which is not a positive whole number of ps"),
        ("energy.issue", "123456789012345.4 aJ", "is not a whole number of aJ"),
        ("clock", "2023-13-45", "is not a number with a unit|has no unit"),
    ],
)
def test_quantities_are_never_misread(key, value, message):
    with pytest.raises(InputError, match=message):
        accelsim.load_machine("irmen", {key: value})


@pytest.mark.parametrize(
    "text",
    [
        "a: 2023-13-45\n",
        "a: !!int foo\n",
        "a: &x {b: 1}\nc: {<<: *x}\n",
        "[" * 2000,
        "? {a: 1}\n: 2\n",
    ],
)
def test_odd_yaml_is_refused_without_a_traceback(tmp_path, text):
    path = tmp_path / "machine.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"machine.yaml"):
        accelsim.load_machine(path)


def test_an_unknown_technology_with_an_unknown_key_of_the_cell():
    with pytest.raises(InputError, match=r"technology: got 'foo'"):
        accelsim.load_machine("irmen", {"technology": "foo", "cell.bogus": 1})


def test_weights_beyond_single_precision(tmp_path, mnist):
    with np.load(mnist.weights_file) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["conv1.weight"] = np.full((4, 1, 3, 3), 1e39)
    np.savez(tmp_path / "w.npz", **arrays)
    with pytest.raises(InputError, match=r"layer 'conv1': weight must hold finite"):
        load_weights(tmp_path / "w.npz", mnist)


@pytest.mark.parametrize("name", ["standby", "output", "input"])
def test_names_that_the_ledger_uses(make_network, name):
    with pytest.raises(InputError, match=rf"layer '{name}': the name is taken"):
        make_network([1, 4, 4], {"name": name, "op": "maxpool", "kernel": 2})


@pytest.mark.parametrize("images", [3_000_000_000, 10**23, range(10**12, 10**12 + 1)])
def test_images_far_out_of_range(mnist, images):
    with pytest.raises(InputError, match=r"is out of range"):
        select_images(mnist, images)


def test_a_manifest_has_to_list_the_files(tmp_path, irmen, mnist):
    accelsim.simulate(irmen, mnist, 1, outdir=tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    for files in ({}, {"nope": {"sha256": "x"}}):
        (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"files": files}))
        with pytest.raises(InputError, match=r"manifest.json: damaged: it does not list"):
            check_file(tmp_path)


def test_a_folder_under_the_name_of_a_file(tmp_path, irmen, mnist):
    (tmp_path / "ledger.csv").mkdir()
    with pytest.raises(InputError, match=r"cannot be written: ledger.csv is a folder there"):
        accelsim.simulate(irmen, mnist, 1, outdir=tmp_path, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.csv"]


def test_every_run_reconciles(monkeypatch, irmen, mnist):
    from accelsim.energy import Ledger  # noqa: PLC0415

    calls = []
    monkeypatch.setattr(Ledger, "reconcile", lambda self: calls.append(self.total_aJ))
    accelsim.simulate(irmen, mnist, 2)
    assert calls == [2 * 99_722_000]


def test_a_read_port_is_waited_for(mnist):
    # With one read port, three images on the charge machine wait for ports of circuit A.
    changes = {"sequencer.contexts": 3, "banks.planes": 6, "banks.read_ports": 1}
    trace = accelsim.simulate(accelsim.load_machine("charge", changes), mnist, 9).trace
    causes = set(trace.column("cause").to_pylist())
    assert any(cause.startswith("busy") and cause.endswith("read_ports") for cause in causes)
