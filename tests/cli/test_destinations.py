"""Where commands write is looked at before they compute anything."""

import pytest


@pytest.fixture
def nothing_computed(monkeypatch):
    """Let whatever the commands below compute with fail."""

    def fail(*_, **__):
        raise AssertionError("computed before the destination was looked at")

    for name in (
        "accelsim.cli.study_tasks.run_accuracy",
        "accelsim.cli.device_tasks.run_characterize",
        "accelsim.cli.device_tasks.run_sweep",
        "accelsim.cli.import_tasks.import_model_to",
        "accelsim.cli.workload_tasks.write",
    ):
        monkeypatch.setattr(name, fail)


@pytest.mark.parametrize(
    "words",
    [
        "study accuracy bits --outdir file/s",
        "device characterize --outdir file/s",
        "device sweep --outdir file/s",
        "import model.onnx -o file/s",
        "timeline run --outdir file/s",
    ],
)
def test_a_folder_that_cannot_be_is_said_first(command, tmp_path, nothing_computed, words):
    (tmp_path / "file").write_text("")
    code, out, err = command(*words.split())
    assert (code, out, err) == (2, "", "error: file/s: cannot be written: Not a directory\n")


@pytest.mark.parametrize(
    "words",
    ["device characterize -o file/s", "workload poisson -o file/s", "reproduce --html file/s"],
)
def test_a_file_that_cannot_be_is_said_first(command, tmp_path, nothing_computed, words):
    (tmp_path / "file").write_text("")
    code, out, err = command(*words.split())
    assert (code, out) == (2, "")
    assert err == "error: file: cannot be written: File exists\n"


def test_a_try_leaves_nothing(command, tmp_path):
    """An error after the folder was tried: neither the folder nor those above it are left."""
    code, _, err = command("study", "accuracy", "bits", "--seeds", "x", "--outdir", "a/b")
    assert (code, err.partition(":")[0]) == (2, "error")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "name", "what"),
    [
        ("run --outdir -", "--outdir", "a folder"),
        ("replay run --outdir -", "--outdir", "a folder"),
        ("study snr --outdir -", "--outdir", "a folder"),
        ("import model.onnx --outdir -", "--outdir", "a folder"),
        ("init -", "DIR", "a folder"),
        ("reproduce --html -", "--html", "a file"),
        ("run --characterize -", "--characterize", "a file"),
    ],
)
def test_a_dash_is_no_name(command, tmp_path, words, name, what):
    assert command(*words.split()) == (
        2, "", f"error: {name} -: expected {what}; it is not for standard output\n"
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []
