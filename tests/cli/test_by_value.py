"""Commands on runs whose energies follow values: which model, what moved, the same again."""

import json

import numpy as np
import pytest


@pytest.fixture
def runs(command, tmp_path):
    """Make a run by count and one by value."""
    images = ("run", "--images", "2")
    assert command(*images, "--outdir", "count")[0] == 0
    code, out, err = command(*images, "--set", "energy.model=by_value", "--outdir", "value")
    assert (code, err) == (0, "")
    assert out.startswith(
        "Note: Energies follow weights and values (energy.model by_value): ota_tap"
    )
    return tmp_path


def test_explain_says_which_model(runs, command):
    code, out, err = command("explain", "value", "energy")
    assert (code, err) == (0, "")
    # 44.68 pJ / 121,128 tap-cycles.
    assert "ota_tap_cycle 121,128 ~368.9 aJ 44.6800" in " ".join(out.split())
    assert "energy.model by_value" in out
    assert (
        "By value: ota_tap_cycle and cell_write, what weights and values make of the quoted" in out
    )
    assert "Exact but for rounding: energy is linear in each price." in out
    tree = json.loads(command("explain", "value", "energy", "--json")[1])["energy"]
    models = {one["action"]: one["model"] for one in tree["actions"]}
    assert {name for name, model in models.items() if model == "by_value"} == {
        "ota_tap_cycle", "cell_write",
    }  # fmt: skip
    whole = json.loads((runs / "value" / "stats.json").read_text())
    assert sum(one["energy_aJ"] for one in tree["actions"]) <= whole["energy"]["total"]["value"]
    _, out, _ = command("explain", "count", "energy")
    assert "count x price" in out
    assert "by_value" not in out
    code, out, err = command("explain", "value")
    assert (code, err) == (0, "")
    assert "energies follow values (energy.model by_value), and none are computed" in " ".join(
        out.split()
    )


def test_diff_tells_what_the_model_moved(runs, command):
    code, out, _ = command("diff", "count", "value")
    assert code == 3
    assert "Machine: energy.model by_count -> by_value" in out
    assert "energy of ota_tap_cycle, by count to by value: ~500 aJ to ~368.9 aJ = -15.88 pJ" in out
    assert "energy of cell_write, by count to by value: ~10 aJ to ~" in out


def test_a_run_by_value_is_replayed(runs, command):
    code, out, err = command("replay", "value")
    assert (code, err) == (0, "")
    assert "The run came out as it was recorded." in out
    code, out, err = command("replay", "count", "--set", "energy.model=by_value")
    assert (code, err) == (0, "")
    code, out, err = command("compare", "count", "value")
    assert (code, err) == (0, "")
    assert "99.72 pJ" in out
    assert "0.8394" in out


def test_a_network_without_labels_is_replayed_by_value(command, tmp_path):
    (tmp_path / "net.yaml").write_text(
        "name: edges\ninput: [1, 4, 4]\nweights: w.npz\ndataset: {format: npz, images: i.npz}\n"
        "layers:\n"
        "  - {name: conv1, op: conv, out: 1, kernel: 3, padding: same}\n"
        "  - {name: relu1, op: relu}\n"
    )
    weights = {"conv1.weight": np.full((1, 1, 3, 3), 0.1), "conv1.bias": np.zeros(1)}
    np.savez(tmp_path / "w.npz", **weights)
    np.savez(tmp_path / "i.npz", images=np.arange(48, dtype=np.uint8).reshape(3, 1, 4, 4))
    options = ("--images", "3", "--set", "energy.model=by_value", "--outdir", "run")
    code, out, err = command("run", "-w", "net.yaml", *options)
    assert (code, err) == (0, "")
    code, out, err = command("replay", "run")
    assert (code, err) == (0, "")
    assert "The run came out as it was recorded." in out
    (tmp_path / "i.npz").unlink()
    code, _, err = command("replay", "run")
    assert code == 2
    assert err.startswith("error: energy.model: got 'by_value'; expected 'by_count': energies foll")
