"""Runs that are stopped anywhere and resumed: the same bytes as a run that nobody stopped."""

import json
import random
import shutil
import signal
from dataclasses import replace

import numpy as np
import pytest

import accelsim
from accelsim.arrivals import Arrivals
from accelsim.errors import InputError, InterruptError
from accelsim.network import Tenant
from accelsim.records import recorder
from accelsim.runs import Stop, check_file, checkpoints, open_partial, open_run, resume
from accelsim.runs.arrivals import recover_arrivals
from accelsim.runs.replay import replay_elsewhere, replay_run
from accelsim.trace import Window

IMAGES = 40
POISSON = Arrivals(np.cumsum(np.random.default_rng(1).exponential(9000, IMAGES).astype(np.int64)))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """A block of a few images, so that a short run can be stopped at many places."""
    monkeypatch.setattr(recorder, "LINES_PER_BLOCK", 90)
    monkeypatch.setattr(recorder, "BLOCK", 200)


@pytest.fixture
def network(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: net\ninput: [1, 4, 4]\nlayers:\n"
        "  - {name: c, op: conv, out: 1, kernel: 3}\n  - {name: r, op: relu}\n"
    )
    return accelsim.load_network(path)


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def stopped_at(block, stop):
    """Return a progress that asks the run to stop before a block is over."""

    def progress(now):
        if now.blocks == block - 1:
            stop.signal = signal.SIGTERM

    return progress


def run(machine, network, folder, *, at=None, images=IMAGES, **options):
    """Run; stopped in a block if one is given."""
    stop = Stop()
    progress = None if at is None else stopped_at(at, stop)
    return accelsim.simulate(
        machine, network, images, outdir=folder, progress=progress, stop=stop, command=["x"],
        **options,
    )  # fmt: skip


def stopped(machine, network, folder, at=4, **options):
    with pytest.raises(InterruptError) as caught:
        run(machine, network, folder, at=at, **options)
    return caught.value


def test_a_run_that_is_stopped_is_partial_and_whole(irmen, network, tmp_path):
    error = stopped(irmen, network, tmp_path / "run")
    assert error.exit_code == 128 + signal.SIGTERM
    assert "is a partial run," in str(error)
    assert "of 40 images; accelsim run --resume" in str(error)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "config.resolved.yaml", "manifest.json", "program.json", "trace.part-00001.parquet",
    ]  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.yaml", "run"]
    partial = json.loads((tmp_path / "run" / "manifest.json").read_text())["partial"]
    assert (partial["blocks"], partial["parts"]) == (4, 1)
    # One image at a time, 12 ns each.
    assert 0 < partial["images"] < IMAGES
    assert partial["time_ps"] in range(partial["images"] * 12_000, (partial["images"] + 2) * 12_000)


@pytest.mark.parametrize("kept", [Window(), Window(100_000, 300_000), None])
def test_resumed_it_has_the_bytes_of_a_whole_one(irmen, network, tmp_path, kept):
    run(irmen, network, tmp_path / "whole", trace=kept, images=POISSON)
    stopped(irmen, network, tmp_path / "run", at=3, trace=kept, images=POISSON)
    for at in (2, 5):  # and again, while its events are run again and after
        stop = Stop()
        with pytest.raises(InterruptError):
            resume(open_partial(tmp_path / "run"), stop=stop, progress=stopped_at(at, stop))
    result = resume(open_partial(tmp_path / "run"))
    assert bytes_of(tmp_path / "run") == bytes_of(tmp_path / "whole")
    assert result.outdir == tmp_path / "run"
    assert check_file(tmp_path / "run").startswith("run directory")


def test_stopped_at_random_moments(network, tmp_path):
    # Checkpoints of their own accord in between, streams, contexts, refresh.
    chance = random.Random(7)
    machine = accelsim.load_machine("charge", {"sequencer.contexts": 2, "banks.planes": 6})
    times = np.cumsum(np.random.default_rng(1).integers(0, 60_000, IMAGES))
    stream = Arrivals(times, None, np.full(IMAGES, 90_000))
    run(machine, network, tmp_path / "whole", images=stream)
    blocks = []
    accelsim.simulate(machine, network, stream, progress=lambda now: blocks.append(now.blocks))
    for number in range(2):
        folder = tmp_path / str(number)
        stopped(machine, network, folder, at=chance.randint(1, blocks[-1]), images=stream)
        resume(open_partial(folder))
        assert bytes_of(folder) == bytes_of(tmp_path / "whole")


def test_checkpoints_of_its_own_accord(irmen, network, tmp_path, monkeypatch):
    run(irmen, network, tmp_path / "whole")
    monkeypatch.setattr(checkpoints, "EVERY_S", 0)
    seen = []

    def look(now):
        seen.append(now.blocks)
        if now.blocks == 3:
            shutil.copytree(tmp_path / "run", tmp_path / "killed")  # as a kill would leave it

    accelsim.simulate(irmen, network, IMAGES, outdir=tmp_path / "run", progress=look, command=["x"])
    assert bytes_of(tmp_path / "run") == bytes_of(tmp_path / "whole")
    assert sorted(tmp_path.iterdir()) == [
        tmp_path / n for n in ("killed", "net.yaml", "run", "whole")
    ]
    assert len(open_partial(tmp_path / "killed").recorded.files) == 2 + 3
    monkeypatch.setattr(checkpoints, "EVERY_S", 60)
    resume(open_partial(tmp_path / "killed"))
    assert bytes_of(tmp_path / "killed") == bytes_of(tmp_path / "whole")


def test_stopped_while_values_are_computed(irmen, mnist, tmp_path, monkeypatch):
    monkeypatch.setattr(recorder, "BLOCK", 1 << 16)
    stop = Stop()

    def progress(now):
        if now.valued:
            stop.signal = signal.SIGINT

    run(irmen, mnist, tmp_path / "whole", images=130)
    with pytest.raises(InterruptError, match="130 of 130 images"):
        accelsim.simulate(
            irmen, mnist, 130, outdir=tmp_path / "run", progress=progress, stop=stop, command=["x"]
        )
    result = resume(open_partial(tmp_path / "run"))
    assert result.values.correct is not None
    assert bytes_of(tmp_path / "run") == bytes_of(tmp_path / "whole")


@pytest.mark.parametrize("at", ["values", 3])
def test_by_value_it_is_stopped_once_there_are_records(mnist, tmp_path, monkeypatch, at):
    # Values come first: a run that is stopped then has nothing to keep until its first block.
    machine = accelsim.load_machine("irmen", {"energy.model": "by_value"})
    monkeypatch.setattr(recorder, "LINES_PER_BLOCK", 900)
    stop = Stop()

    def progress(now):
        if (now.valued and at == "values") or now.blocks == at:
            stop.signal = signal.SIGINT

    run(machine, mnist, tmp_path / "whole", images=12)
    with pytest.raises(InterruptError, match=r"is a partial run, \d+ of 12 images"):
        accelsim.simulate(
            machine, mnist, 12, outdir=tmp_path / "run", progress=progress, stop=stop, command=["x"]
        )
    resume(open_partial(tmp_path / "run"))
    assert bytes_of(tmp_path / "run") == bytes_of(tmp_path / "whole")


def test_a_run_that_is_to_be_replaced_stays_until_there_is_a_checkpoint(irmen, network, tmp_path):
    run(irmen, network, tmp_path / "run", images=2)
    (tmp_path / "run" / "notes.txt").write_text("mine")
    stopped(irmen, network, tmp_path / "run", force=True)
    assert not (tmp_path / "run" / "stats.json").exists()
    resume(open_partial(tmp_path / "run"))
    assert open_run(tmp_path / "run").manifest["images"] == IMAGES
    assert (tmp_path / "run" / "notes.txt").read_text() == "mine"


def test_in_a_folder_that_cannot_be_exchanged(irmen, network, tmp_path):
    # With a folder in it, files get their names one by one.
    (tmp_path / "run" / "sub").mkdir(parents=True)
    run(irmen, network, tmp_path / "whole")
    stopped(irmen, network, tmp_path / "run")
    resume(open_partial(tmp_path / "run"))
    (tmp_path / "run" / "sub").rmdir()
    assert bytes_of(tmp_path / "run") == bytes_of(tmp_path / "whole")


def test_everything_else_says_that_it_is_partial(irmen, network, command, tmp_path):
    stopped(irmen, network, tmp_path / "run")
    for arguments in (("explain",), ("timeline",), ("validate",), ("replay",), ("diff", "run")):
        code, _, err = command(*arguments, "run")
        assert code == 2
        assert "a partial run, " in err
        assert "of 40 images" in err
        assert "accelsim run --resume" in err
    code, _, err = command("run", "--outdir", "run", "--images", "1")
    assert code == 2
    assert "holds a partial run: accelsim run --resume" in err


def test_what_cannot_be_resumed(irmen, network, command, tmp_path):
    run(irmen, network, tmp_path / "done", images=1)
    for arguments, message in (
        (("--resume", "done"), "done: a finished run; there is nothing to resume"),
        (("--resume", "none"), "none: no such folder; expected the folder of a partial run"),
        (("--resume", "net.yaml"), "net.yaml: is a file; expected the folder of a partial run"),
        (("--resume", "."), "no run: missing manifest.json; there is none to resume"),
        (("charge", "--resume", "done"), "CONFIG: a run that is resumed has its own; leave it out"),
        (("--seed", "1", "--resume", "x"), "--seed: a run that is resumed has its own; leave it"),
    ):
        code, _, err = command("run", *arguments)
        assert (code, message in err) == (2, True), err


def edited(folder, **changes):
    """Change what the manifest of a run says."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | changes))
    return manifest


def damaged(folder, name):
    (folder / name).write_bytes((folder / name).read_bytes()[:-1] + b"x")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda run: edited(run, accelsim="0.0.1"), r"of accelsim 0\.0\.1; this is .*others"),
        (lambda run: damaged(run, "trace.part-00001.parquet"), r"part-00001\.parquet: changed sin"),
        (
            lambda run: damaged(run, "config.resolved.yaml"),
            r"config\.resolved\.yaml: changed since",
        ),
        (lambda run: (run / "program.json").unlink(), r"program\.json: missing; the run cannot be"),
        (lambda run: edited(run, files={}), r"manifest\.json: damaged: it does not list the run's"),
        (lambda run: edited(run, partial={}), r"damaged: partial\.blocks: Field required"),
        (
            lambda run: (run.parent / "net.yaml").write_text("name: other"),
            "the network file changed since the run",
        ),
        (lambda run: edited(run, images=30), r"manifest\.json: changed since the run"),
    ],
)
def test_a_checkpoint_that_is_damaged_or_of_something_else(
    irmen, network, tmp_path, damage, message
):
    stopped(irmen, network, tmp_path / "run")
    damage(tmp_path / "run")
    before = bytes_of(tmp_path / "run")
    with pytest.raises(InputError, match=message):
        resume(open_partial(tmp_path / "run"))
    assert bytes_of(tmp_path / "run") == before
    assert list(tmp_path.glob(".partial*")) == []


def test_a_checkpoint_of_another_program_or_of_other_events(irmen, network, tmp_path):
    stopped(irmen, network, tmp_path / "run")
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    other = accelsim.load_machine("irmen", {"timing.write_cycles": 3})
    run(other, network, tmp_path / "other", images=1)
    name = "config.resolved.yaml"  # with its hash, as if it were that of the run
    shutil.copy(tmp_path / "other" / name, tmp_path / "run" / name)
    manifest["files"][name]["sha256"] = accelsim.files.sha256(tmp_path / "run" / name)
    edited(tmp_path / "run", files=manifest["files"])
    with pytest.raises(InputError, match="its checkpoint is not of this run: it has"):
        resume(open_partial(tmp_path / "run"))
    one = accelsim.load_machine("irmen", {"circuits": 1})
    run(one, network, tmp_path / "one", images=1)
    shutil.copy(tmp_path / "one" / name, tmp_path / "run" / name)
    manifest["files"][name]["sha256"] = accelsim.files.sha256(tmp_path / "run" / name)
    edited(tmp_path / "run", files=manifest["files"])
    with pytest.raises(InputError, match="its checkpoint is of another program"):
        resume(open_partial(tmp_path / "run"))


@pytest.mark.parametrize("at", [2, 5])
def test_tenants_are_resumed(network, tmp_path, at):
    machine = accelsim.load_machine(
        "irmen", {"sequencer.contexts": 2, "sequencer.arbitration": "priority"}
    )
    tenants = [Tenant("cam", network, priority=1), Tenant("mic", network, 1, priority=2)]
    stream = replace(
        POISSON, tenant=np.arange(IMAGES) % 3 // 2, tenants=("cam", "mic"),
    )  # fmt: skip
    run(machine, tenants, tmp_path / "whole", images=stream)
    with pytest.raises(InterruptError):
        run(machine, tenants, tmp_path / "run", at=at, images=stream)
    resume(open_partial(tmp_path / "run"))
    assert bytes_of(tmp_path / "run") == bytes_of(tmp_path / "whole")
    assert open_run(tmp_path / "run").stats["tenants"]["mic"]["images"]["value"] == IMAGES // 3


@pytest.fixture
def own(tmp_path):
    """Three pictures and labels, in place of those that the network file names."""
    path = tmp_path / "data" / "own.npz"
    path.parent.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)
    np.savez(path, images=pixels, labels=np.array([1, 2, 3]))
    return path


def test_a_tenant_with_pictures_of_its_own_is_resumed(own, mnist, irmen, tmp_path):
    tenants = [Tenant("cam", accelsim.load_network("mnist", own)), Tenant("mic", mnist)]
    stream = Arrivals(
        np.arange(8) * 10_000, tenant=np.arange(8) % 2, tenants=("cam", "mic"),
    )  # fmt: skip
    run(irmen, tenants, tmp_path / "whole", images=stream)
    stopped(irmen, tenants, tmp_path / "run", at=4, images=stream)
    partial = open_partial(tmp_path / "run")
    inputs = partial.manifest["inputs"]
    assert inputs["cam.images"] == {
        "sha256": accelsim.files.sha256(own), "path": "../data/own.npz",
    }  # fmt: skip
    assert "path" not in inputs["mic.images"]
    own.rename(tmp_path / "gone.npz")
    with pytest.raises(InputError, match=r"^the cam\.images file is gone: .*own\.npz$"):
        resume(partial)
    (tmp_path / "gone.npz").rename(own)
    result = resume(partial)
    assert result.tenants[0].values.labels.tolist() == [1, 2, 3, 1]
    assert bytes_of(tmp_path / "run") == bytes_of(tmp_path / "whole")


def test_a_network_with_pictures_of_its_own_needs_no_option(own, irmen, tmp_path):
    network = accelsim.load_network("mnist", own)
    run(irmen, network, tmp_path / "whole", images=3)
    stopped(irmen, network, tmp_path / "run", at=3, images=3)
    resume(open_partial(tmp_path / "run"))
    assert bytes_of(tmp_path / "run") == bytes_of(tmp_path / "whole")


@pytest.mark.parametrize("kept", [Window(), Window(20_000, 200_000)])
def test_tenants_asleep_and_by_priority_are_resumed_and_replayed(network, tmp_path, kept):
    machine = accelsim.load_machine(
        "irmen",
        {
            "sequencer.contexts": 2,
            "sequencer.arbitration": "priority",
            "power.policy": "off_after",
            "power.after": "20 ns",
        },
    )
    tenants = [Tenant("cam", network, priority=1), Tenant("mic", network, 1, priority=2)]
    stream = replace(
        POISSON,
        time_ps=POISSON.time_ps + 300_000 * (np.arange(IMAGES) // 20),  # a rest in the middle
        tenant=np.arange(IMAGES) % 3 // 2,
        tenants=("cam", "mic"),
        priority=np.where(np.arange(IMAGES) % 7 == 0, 9, -1),
    )
    run(machine, tenants, tmp_path / "whole", images=stream, trace=kept)
    with pytest.raises(InterruptError):
        run(machine, tenants, tmp_path / "run", at=5, images=stream, trace=kept)
    with pytest.raises(InputError, match=r"a partial run, .*accelsim run --resume .* completes it"):
        open_run(tmp_path / "run")
    resume(open_partial(tmp_path / "run"))
    assert bytes_of(tmp_path / "run") == bytes_of(tmp_path / "whole")
    opened = open_run(tmp_path / "run")
    assert opened.stats["power"]["off_entries"]["value"] > 0
    again = replay_run(opened, outdir=tmp_path / "again")
    assert set(again.files.values()) == {"same bytes"}
    assert "arrivals.parquet" in again.files
    other = accelsim.load_machine("irmen", {"sequencer.contexts": 2})
    if kept:
        with pytest.raises(InputError, match="expected a run with all of its records"):
            replay_elsewhere(opened, other)
        return
    found = replay_elsewhere(opened, other, outdir=tmp_path / "other")
    assert found.replayed.images == IMAGES
    before, after = (
        {each.image: each.time_ps for each in recover_arrivals(open_run(tmp_path / name).trace)}
        for name in ("run", "other")
    )
    assert before == after
    assert (tmp_path / "other" / "arrivals.parquet").read_bytes() == bytes_of(tmp_path / "run")[
        "arrivals.parquet"
    ]
