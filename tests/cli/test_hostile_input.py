"""Input that no user means, but that must be refused or shown as it is, never misread."""

import json

import numpy as np
import pytest

import accelsim
from accelsim.config import load_machine
from accelsim.errors import InputError
from accelsim.network import load_weights
from accelsim.runs import check_file
from accelsim.simulation import select_images


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
        "[" * 600,  # deeper than Python recurses
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
    for files in ({}, {"nope": {"sha256": "0" * 64}}):
        (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"files": files}))
        with pytest.raises(InputError, match=r"manifest.json: damaged: it does not list"):
            check_file(tmp_path)


def test_a_folder_under_the_name_of_a_file(tmp_path, irmen, mnist):
    (tmp_path / "ledger.csv").mkdir()
    with pytest.raises(InputError, match=r"ledger.csv: cannot be written: Is a directory"):
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
    busy = {row["resource"] for row in trace.to_pylist() if row["cause"] == "busy"}
    assert any(resource.endswith("read_ports") for resource in busy)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('name: "a\\eb"', r"2:1: name: got 'a\x1bb'; it has the character '\x1b'; expected print"),
        ('name: "a\\u202Eb"', r"2:1: name: got 'a\u202eb'; it has the character '\u202e'; expec"),
        ('name: "a\\nb"', r"2:1: name: got 'a\nb'; it has the character '\n'; expected printable"),
        ('description: "\\u2028"', r"description: got '\u2028'; it has the character '\u2028'; "),
        ('description: "a\\rb"', r"description: got 'a\rb'; it has the character '\r'; expected"),
        ('"a\\eb": 1', r"machine.yaml: key 'a\x1bb' has the character '\x1b'; expected printable"),
    ],
)
def test_what_a_terminal_would_obey_is_refused(tmp_path, repository, text, shown):
    key = text.partition(":")[0]
    lines = (repository / "configs" / "irmen.yaml").read_text().splitlines()
    kept = [line for line in lines if not line.startswith(f"{key}:")]
    (tmp_path / "machine.yaml").write_text("\n".join(["# ours", text, *kept]))
    with pytest.raises(InputError) as caught:
        accelsim.load_machine(tmp_path / "machine.yaml")
    assert shown in str(caught.value)
    assert str(caught.value).isprintable()


def test_the_name_of_a_layer_is_shown_as_it_is(make_network):
    with pytest.raises(InputError, match=r"layers\[0\].name: got '\\x1b\[31m'; it has the char"):
        make_network([1, 4, 4], {"name": "\x1b[31m", "op": "relu"})
    with pytest.raises(InputError, match=r"name: got 'a\\nb'"):
        load_machine("irmen", {"name": "a\nb"})


def test_text_in_any_language_and_on_lines_is_kept(tmp_path, repository):
    text = (repository / "configs" / "irmen.yaml").read_text()
    described = accelsim.load_machine("irmen").description
    assert described
    path = tmp_path / "machine.yaml"
    lines = [line for line in text.splitlines() if not line.startswith(("name:", "description:"))]
    path.write_text("\n".join(["name: Überträger µ 磁", "description: |", "  a", "  b", *lines]))
    machine = accelsim.load_machine(path)
    assert (machine.name, machine.description) == ("Überträger µ 磁", "a\nb\n")


_DAMAGES = {
    "command": [None, "x", [1], ["a\x1b[2J"], ["a\n# machine: other"]],
    "first_image": [None, "0", -1, 2**63],
    "images": [None, 0, 1.5],
    "seed": [None, -1, 2**63],
    "workload": [None, 3, "\x1b[31m"],
    "accelsim": [None, 1],
    "inputs": [None, [], {"network": {"path": "\x1b]0;x\x07"}}, {"a\nb": {}}],
    "files": [None, {"stats.json": {"sha256": "x\x1b"}}],
}


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, values in _DAMAGES.items() for value in values]
)
def test_a_manifest_is_checked_once_for_all(tmp_path, irmen, mnist, command, key, value):
    accelsim.simulate(irmen, mnist, 1, outdir=tmp_path / "run")
    path = tmp_path / "run" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest[key] = value
    if value is None:
        del manifest[key]
    path.write_text(json.dumps(manifest))
    for arguments in (
        ("validate", "run"),
        ("explain", "run"),
        ("trace", "export", "run", "--format", "csv"),
    ):
        code, _, err = command(*arguments)
        assert code == 2
        assert f"run/manifest.json: damaged: {key}" in err
        assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--outdir", ""), "an argument: is empty; expected a value"),
        (("run", "--outdir="), "--outdir=: is empty; expected a value"),
        (("run", "--images", "1_0"), "--images 1_0: expected a number such as 100"),
        (("run", "--images", "\u0661"), "--images \u0661: expected a number such as 100"),
        (("run", "--images", "9" * 4000), "99: expected a number such as 100"),
        (("study", "accuracy", "bits", "--seeds", "1_0"), "--seeds 1_0: expected a number of"),
        (("run", "--trace-window", "1_0:2_0"), "--trace-window 1_0:2_0: expected a number such as"),
        (
            ("run", "--trace-window", "\u0661"),
            "--trace-window \u0661: expected a number such as 17",
        ),
        (("compile", "--set", "sequencer.contexts=1_0"), "sequencer.contexts: got '1_0'; expected"),
        (("compile", "--set", "cell.damping=0.0\u0661"), "cell.damping: '0.0\u0661' is not"),
        (
            ("compile", "--set", "cell.temperature=\u0663\u0660 K"),
            "'\u0663\u0660 K' is not a number",
        ),
        (("workload", "poisson", "--rate", "\u0662 MHz", "--images", "1", "-o", "x"), "is no rate"),
        (("run", "--set", "name=\x1b[31m"), "--set 'name=\\x1b[31m': expected printable text"),
        (("run", "\x1b[31m"), "\\x1b[31m: no such machine: expected a file, or one of"),
        (("run", "x" * 5000), "x: no such machine: expected a file, or one of"),
        (("validate", "\x1b]0;x\x07"), "\\x1b]0;x\\x07: no such file"),
    ],
)
def test_options_that_are_none(command, arguments, message):
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.removesuffix("\n").isprintable()
    assert len(err) < 1200


def test_a_message_is_at_most_a_screen(tmp_path, command):
    (tmp_path / "m.yaml").write_text("".join(f"key{number}: 1\n" for number in range(500)))
    code, _, err = command("run", "m.yaml")
    assert code == 2
    assert len(err.splitlines()) == 20
    assert err.splitlines()[-1].endswith(" more")


def test_the_name_of_a_layer_is_no_formula(tmp_path, command):
    (tmp_path / "n.yaml").write_text(
        "name: n\ninput: [1, 8, 8]\nlayers:\n"
        "  - {name: '$\\frac{$', op: conv, out: 2, kernel: 3}\n"
        "  - {name: relu, op: relu}\n"
        "  - {name: pool, op: maxpool, kernel: 2, stride: 2}\n"
    )
    code, _, err = command("run", "-w", "n.yaml", "--images", "1", "--outdir", "run")
    assert (code, err) == (0, "")
    code, _, err = command("timeline", "run", "--format", "svg")
    assert (code, err) == (0, "")
    assert "$\\frac{$" in (tmp_path / "run" / "timeline.svg").read_text()


def test_a_folder_that_may_not_be_entered(command, monkeypatch):
    def closed(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.exists", closed)
    code, _, err = command("run", "--images", "1")
    assert (code, err) == (2, "error: runs/irmen-mnist-1: Permission denied\n")


def test_more_memory_than_there_is(command, monkeypatch):
    def none(*_):
        raise MemoryError

    monkeypatch.setattr("accelsim.config.load_machine", none)
    code, _, err = command("compile")
    assert (code, err) == (1, "error: more memory is needed than there is\n")
