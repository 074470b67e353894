"""Faults through the command: a run, its replay and timeline, what differs, and a deadlock."""

import json

import pytest

SMALL = """\
name: small
input: [1, 4, 4]
layers:
  - {name: c, op: conv, out: 1, kernel: 3}
  - {name: r, op: relu}
"""
LATE = "kind: late_settle, where: circuit_b.lane0.bank.plane0, at: 0 ns, cycles: 3"
STUCK = "kind: stuck_port, where: circuit_a.lane0.bank.write_ports, at: 4 ns"


@pytest.fixture
def run(command, tmp_path, repository):
    (tmp_path / "n.yaml").write_text(SMALL)

    def start(folder, *events):
        listed = "".join(f"    - {{{event}}}\n" for event in events)
        section = f"\nfaults:\n  events:\n{listed}" if events else ""
        text = (repository / "configs" / "irmen.yaml").read_text() + section
        (tmp_path / "m.yaml").write_text(text)
        return command("run", "m.yaml", "-w", "n.yaml", "--images", "3", "--outdir", folder)

    return start


def test_a_run_with_faults(run, command, tmp_path):
    code, out, _ = run("b", LATE, STUCK + ", duration: 4 ns", LATE.replace("plane0", "plane3"))
    assert code == 0
    assert (
        "Faults: 2 injected (late_settle 1, stuck_port 1); 1 event without effect; held up 7 ns, "
        "waited for 3 ns" in " ".join(out.split())
    )
    stats = json.loads((tmp_path / "b" / "stats.json").read_text())
    assert stats["faults"]["injected"] == {"value": 2, "unit": "faults"}
    assert stats["faults"]["waited"] == {"value": 3000, "unit": "ps"}
    code, out, _ = command("replay", "b")
    assert code == 0
    assert "The run came out as it was recorded." in out
    run("a")
    code, out, _ = command("diff", "a", "b")
    assert code == 3
    assert "only B has the fault of step 2 in faults.fault0, image 0" in out
    assert "faults.events[0]" in out
    code, out, _ = command("explain", "b", "latency", "--image", "0")
    assert code == 0
    assert "fault over: circuit_b.lane0.bank.plane0" in " ".join(out.split())
    code, out, _ = command("explain", "b", "stalls")
    assert "what a fault keeps" in " ".join(out.split())
    assert command("trace", "export", "b", "--format", "vcd", "--output", "t.vcd")[0] == 0
    assert "fault0" in (tmp_path / "t.vcd").read_text()


def test_an_image_that_was_begun_again_has_no_critical_path(run, command):
    assert run("b", "kind: power_failure, at: 7 ns, duration: 1 ns")[0] == 0
    code, _, err = command("explain", "b", "latency", "--image", "0")
    assert code == 2
    assert "image 0: step 3 was issued at 6000 ps, lost with the supply, and issued again" in err


def test_a_deadlock_leaves_nothing(run, tmp_path):
    code, _, err = run("b", STUCK)
    assert code == 1
    assert "circuit_a.lane0.bank.write_ports: stuck since 4 ns (faults.fault0, stuck_port)" in err
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.yaml", "n.yaml"]
