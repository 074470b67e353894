"""`accelsim explain` as a user meets it."""

import hashlib
import json
import shutil
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import accelsim
from accelsim.arrivals import ArrivalFile
from accelsim.runs import open_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "out"
    changes = {"sequencer.contexts": 4, "banks.planes": 16, "timing.read_cycles": 3}
    machine = accelsim.load_machine("irmen", changes)
    accelsim.simulate(machine, accelsim.load_network("mnist"), range(10, 14), outdir=folder)
    return str(folder)


def test_the_reference_in_one_screen(command):
    code, out, err = command("explain")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) <= 48
    assert max(len(line.rstrip()) for line in lines) <= 100
    text = " ".join(out.split())
    for expected in (
        "irmen on mnist, image 0, clock period 1 ns (simulated for this explanation)",
        "14 x (1 read + 2 write) = 42 cycles; the path's 28 records add up to 42,000 ps exactly",
        "Where 99.7220 pJ go",
        "ota_tap_cycle 121,128 500 aJ 60.5640 60.7 % calibrated",
        "total 42 14 28 99.7220",
        "of 42 cycles in flight, 26 for a plane to settle",
        "never used: datapath b local",
    ):
        assert expected in text, expected


def test_standby_of_a_refreshed_run(command, mnist, tmp_path):
    """One round, 2 circuits x 8 lanes x 4 planes x 784 cells x 229,000 aJ, and leakage."""
    changes = {"banks.refresh_interval": "100 ns", "banks.refresh_cycles": 1}
    run = accelsim.simulate(
        accelsim.load_machine("charge", changes), mnist, 1, outdir=tmp_path / "c"
    )
    assert run.ledger.counts["refresh"] == 2 * 8 * 4 * 784
    standby = run.ledger.layer_aJ["standby"] / 1e6
    assert standby > 11_490
    text = " ".join(command("explain", "c", "energy")[1].split())
    assert f"idle clock): {standby:,.4f} pJ, {standby:,.4f} pJ per image." in text


def test_waits_while_a_plane_is_charged_are_no_settling(command, charge, mnist, tmp_path):
    accelsim.simulate(charge, mnist, 1, outdir=tmp_path / "c")
    text = " ".join(command("explain", "c")[1].split())
    assert (
        "of 154 cycles in flight, 104 for a plane being charged, 26 for a plane to settle." in text
    )
    waits = json.loads(command("explain", "c", "stalls", "--json")[1])["stalls"]["waits"]
    assert sum(wait["charged_ps"] for wait in waits) == 104_000
    assert sum(wait["settling_ps"] for wait in waits) == 26_000
    assert sum(wait["time_ps"] for wait in waits) == 130_000


def test_a_wait_for_another_image_is_named(command, run):
    code, out, _ = command("explain", run, "latency", "--image", "10")
    assert code == 0
    text = " ".join(out.split())
    assert "free: circuit_a.lane0.array (image 13, step 1, record" in text
    assert "2 wait + 3 read + 2 write" in text
    full = command("explain", run, "latency", "--full")[1]
    assert "busy circuit_a.lane0.array:" in " ".join(full.split())
    assert "slack" in full


def test_each_metric(command, run):
    energy = " ".join(command("explain", run, "energy")[1].split())
    assert "If one price is 10 % lower or higher" in energy
    assert "run again with --set KEY=VALUE" in energy
    assert "conv2" in energy
    stalls = command("explain", run, "stalls", "--full")[1]
    assert "circuit_a.lane0.array" in stalls
    busy = command("explain", run, "utilization", "--full")[1]
    assert "banks A, planes settling" in busy
    assert "circuit_b.lane7.array" in busy


def test_one_image_and_the_run_are_told_apart(command, run):
    text = " ".join(command("explain", run)[1].split())
    assert "image 10 of 10 to 13, clock" in text
    mean = open_run(run).stats["energy_per_image"]["value"] / 1e6
    assert f"mean of the run {mean:,.4f} pJ (a clock cycle belongs to" in text
    # Four images are too few to tell an interval; the machine has one if images always wait.
    assert "cycles, if images always wait, limited by " in text
    stalls = command("explain", run, "stalls")[1]
    assert stalls.startswith("irmen on mnist, images 10 to 13, clock")


def test_the_steady_interval(command):
    command("run", "--images", "3", "--outdir", "steady")
    text = " ".join(command("explain", "steady")[1].split())
    # The load, and relu, add_h and add_v twice: array A is busy in 7 of 42 cycles, the issue
    # slot in 14.
    assert (
        "Throughput: an image every 42 cycles, limited by 1 image in flight (sequencer.contexts); "
        "busiest: the issue slot, 14 cycles an image." in text
    )


def test_json_adds_up(command, run):
    tree = json.loads(command("explain", run, "--json", "--image", "12")[1])
    path = tree["latency"]["path"]
    times = [record["t_end_ps"] - record["t_start_ps"] for record in path]
    assert sum(times) == tree["latency"]["latency_ps"]
    assert all(wait["waited_for"] for wait in tree["latency"]["waits_for_other_images"])
    energies = [action["energy_aJ"] for action in tree["energy"]["actions"]]
    assert sum(energies) == tree["energy"]["energy_aJ"]
    assert tree["stalls"]["waits"]
    assert tree["utilization"]["makespan_ps"] > 0
    alone = json.loads(command("explain", "stalls", "--json")[1])
    assert set(alone) == {"machine", "workload", "images", "image", "period_ps", "stalls"}


def test_standby_of_a_volatile_machine(command, tmp_path):
    """Two images of 154 cycles: 16 banks of 4 planes of 784 cells leak 1 aJ a cycle each."""
    machine, network = accelsim.load_machine("charge"), accelsim.load_network("mnist")
    accelsim.simulate(machine, network, 2, outdir=tmp_path / "out")
    energy = json.loads(command("explain", "out", "energy", "--json")[1])["energy"]
    (leakage,) = energy["standby_actions_of_run"]
    assert leakage["count"] == 308 * 16 * 4 * 784 == energy["standby_of_run_aJ"]
    assert leakage["a_tenth_moves_the_image_by_aJ"] == leakage["energy_aJ"] / 20
    assert "leakage" in command("explain", "out", "energy")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere",), "nowhere: no such folder; expected the folder of a run"),
        (("RUN", "latancy"), "latancy: no such metric; expected latency, energy, stalls, "),
        (("RUN", "latancy"), "did you mean 'latency'?"),
        (("RUN", "--image", "3"), "--image 3: not in the run; it has images 10 to 13"),
        (("RUN", "energy", "--image", "-1"), "--image -1: not in the run"),
        (("RUN", "stalls", "--image", "11"), "--image 11: stalls is over all images of the run"),
        (("RUN", "utilization", "--image", "11"), "--image 11: utilization is over all images"),
    ],
)
def test_bad_input(command, run, arguments, message):
    code, out, err = command("explain", *(run if a == "RUN" else a for a in arguments))
    assert (code, out) == (2, "")
    assert message in err


def test_a_damaged_run(command, tmp_path):
    machine, network = accelsim.load_machine(), accelsim.load_network("mnist")
    accelsim.simulate(machine, network, 1, outdir=tmp_path / "out")
    (tmp_path / "out" / "trace.parquet").write_bytes(b"PAR1")
    code, _, err = command("explain", "out")
    assert code == 2
    assert "trace.parquet: changed since the run" in err


def _rewritten(folder, table):
    """Write another trace into a run, and its hash into the manifest."""
    pq.write_table(table, folder / "trace.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    digest = hashlib.sha256((folder / "trace.parquet").read_bytes()).hexdigest()
    manifest["files"]["trace.parquet"]["sha256"] = digest
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("arguments", [(), ("latency",), ("energy", "--json"), ("stalls",)])
def test_a_trace_without_records_is_said_to_be_so(command, run, tmp_path, arguments):
    folder = Path(shutil.copytree(run, tmp_path / "edited"))
    whole = pq.read_table(folder / "trace.parquet")
    _rewritten(folder, whole.slice(0, 0))
    assert command("explain", "edited", *arguments) == (
        2, "", "error: edited/trace.parquet: damaged: it has no records\n",
    )  # fmt: skip
    _rewritten(folder, whole.filter(pc.field("image") > 10))
    assert command("explain", "edited", *arguments) == (
        2, "", "error: edited/trace.parquet: damaged: it has no record of image 10\n",
    )  # fmt: skip


def test_files_of_a_run_that_disagree(command, tmp_path):
    accelsim.simulate(
        accelsim.load_machine(), accelsim.load_network("mnist"), 1, outdir=tmp_path / "edited"
    )
    whole = pq.read_table(tmp_path / "edited" / "trace.parquet")
    _rewritten(tmp_path / "edited", whole.slice(0, whole.num_rows - 40))
    code, out, err = command("explain", "edited", "energy")
    assert (code, out) == (2, "")
    assert err.startswith("error: edited: damaged: its files do not agree: ")
    # Of record 5 alone, a wait of the first image: no step of it was issued.
    _rewritten(tmp_path / "edited", whole.slice(5, 1))
    told = "edited: damaged: its files do not agree: an image has no record of a step that was"
    assert command("explain", "edited", "latency") == (2, "", f"error: {told} issued\n")
    accelsim.simulate(
        accelsim.load_machine(), accelsim.load_network("mnist"), 1, outdir=tmp_path / "whole"
    )
    code, out, err = command("diff", "whole", "edited")
    assert (code, err) == (3, "")
    assert "First divergence, at 0 s: only A has the issue of step 1" in out


@pytest.fixture(scope="module")
def limited(tmp_path_factory, mnist):
    """Runs of both machines with one and three images in flight, and of streams."""
    folder = tmp_path_factory.mktemp("limited")
    for name in ("irmen", "charge"):
        for contexts in (1, 3):
            changes = {"sequencer.contexts": contexts, "banks.planes": 6}
            accelsim.simulate(
                accelsim.load_machine(name, changes), mnist, 12, outdir=folder / f"{name}{contexts}"
            )
    for name, every in (("stream", 56), ("flood", 21)):
        (folder / f"{name}.csv").write_text(
            "time_ns\n" + "".join(f"{every * n}\n" for n in range(10))
        )
        stream = ArrivalFile(folder / f"{name}.csv").arrivals()
        accelsim.simulate(accelsim.load_machine(), mnist, stream, outdir=folder / name)
    return folder


# Fourteen steps of 1 + 2, or 9 + 2, cycles. Three images fill the issue slot, 14 issues each, or
# array A of charge, whose planes are written in 7 steps of 9 cycles.
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "irmen1",
            "Limited by settling: write phases are 28 of 42 cycles of image 0 (read phases 14). "
            "Throughput: an image every 42 cycles, limited by 1 image in flight "
            "(sequencer.contexts); busiest: the issue slot, 14 cycles an image. "
            "Cycles an image by images in flight, simulated: 1: 42, 2: 21 (x 2), 3: 14 (x 3), "
            "4: 14 (x 3); from 3 on the limit is the issue slot. "
            "Accuracy: 100.00 %, ideal cells. Why 42 cycles",
        ),
        (
            "irmen3",
            "Throughput: an image every 14 cycles, limited by the issue slot, busy 14 cycles an "
            "image. Cycles",
        ),
        (
            "charge1",
            "Limited by integration in the read phase: read phases are 126 of 154 cycles of image "
            "0 (write phases 28). Throughput: an image every 154 cycles, limited by 1 image in "
            "flight (sequencer.contexts); busiest: arrays A, 63 cycles an image. Cycles an image "
            "by images in flight, simulated: 1: 154, 2: 77 (x 2), 3: 63 (x 2.44), 4: 63 (x 2.44); "
            "from 3 on the limit is arrays A.",
        ),
        (
            "charge3",
            "read phases are 126 of 184 cycles of image 0 (write phases 28, waits for others 30). "
            "Throughput: an image every 63 cycles, limited by arrays A, busy 63 cycles an image.",
        ),
        (
            # 10 images in 9 x 56 ns.
            "stream",
            "Throughput: an image every 42 cycles, if images always wait, limited by 1 image in "
            "flight (sequencer.contexts); busiest: the issue slot, 14 cycles an image. Load: "
            "17.86 Mimages/s arrive, 75.0 % of the 23.81 Mimages/s that the machine takes: "
            "arrivals limit it.",
        ),
        (
            "flood",
            "Load: 47.62 Mimages/s arrive, 200.0 % of the 23.81 Mimages/s that the machine takes: "
            "it cannot keep up.",
        ),
    ],
)
def test_it_begins_with_what_limits(command, limited, monkeypatch, name, lines):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(limited)
    out = command("explain", name)[1]
    assert max(len(line.rstrip()) for line in out.splitlines()) <= 80
    head = [line for line in out.splitlines() if not line.startswith("Changed: ")]
    assert head[1].startswith("Limited by ")
    assert lines in " ".join(out.split())


def test_waits_of_a_common_start_are_told_apart(command, limited):
    """Twelve images, 14 ns apart, three of which begin at once, a cycle after one another.

    Image 3 + n waits in the queue for image n: 42 + 14 n ns, in sum 9 x 42 + ... of 12 images.
    """
    text = " ".join(command("explain", limited / "irmen3", "stalls")[1].split())
    queue = sum(42 + 14 * (n // 3) * 3 + n % 3 for n in range(9)) / 12
    assert (
        f"Only as all 12 images come at once, and in no latency: {queue:g} in the host's queue, "
        "0.25 before the loads of the first images." in text
    )
    assert "Before its load" not in text
    tree = json.loads(command("explain", limited / "irmen3", "stalls", "--json")[1])["stalls"]
    assert tree["of_common_start_ps"] == {"queue": queue * 12_000, "before_load": 3_000}
    flood = " ".join(command("explain", limited / "flood", "stalls")[1].split())
    # Image n comes 21 ns after the one before and waits 21 ns longer.
    assert f"In the host's queue: {sum(21 * n for n in range(10)) / 10:g} for a free" in flood
    assert "Only as all" not in flood


def test_what_ifs_in_a_table(command, limited, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    out = command("explain", limited / "irmen1", "latency")[1]
    rows = [" ".join(line.split()) for line in out.splitlines()]
    for row in (
        "as it is 42 ns 42 ns 99.72 contexts",
        "timing.write_cycles 2 to 1* derived 28 ns 28 ns 99.44 contexts",
        "clock 1 to 1.25 GHz* assumed 33.6 ns 33.6 ns 80.96 contexts",
        "sequencer.contexts 1 to 3 assumed 42 ns 14 ns 99.18 issue slot",
        "arrays.lanes 8 to 16 assumed 42 ns 42 ns 99.72 contexts",
    ):
        assert row in rows, out
    tree = json.loads(command("explain", limited / "irmen1", "latency", "--json")[1])
    assert tree["limits"]["latency"]["parts_ps"] == {
        "write": 28_000, "read": 14_000, "issue": 0, "wait": 0,
    }  # fmt: skip
    assert tree["limits"]["interval"]["by"] == "images in flight"
    assert (tree["limits"]["accuracy"], tree["limits"]["accuracy_of"]) == ({"": 1}, "ideal cells")
    first, second = tree["what_if"]["trials"][:2]
    assert (first["changes"], first["latency_ps"]) == ({}, 42_000)
    assert second["changes"] == {"timing.write_cycles": {"now": "2", "then": "1"}}
    assert (second["latency_ps"], second["interval"]["interval_ps"]) == (28_000, 28_000)
