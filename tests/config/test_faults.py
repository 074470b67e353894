"""The section `faults:` of a machine file: what it may hold, and what is said where it may not."""

import pytest

import accelsim
from accelsim.config import resolved_yaml
from accelsim.errors import InputError
from accelsim.runs.machines import as_shipped, machine_changes

PLANE, PORTS = "circuit_b.lane0.bank.plane0", "circuit_b.lane0.bank.write_ports"


@pytest.fixture
def load(tmp_path, repository, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def start(*events, more="", name="irmen", **changes):
        text = (repository / "configs" / f"{name}.yaml").read_text()
        listed = "".join(f"    - {{{event}}}\n" for event in events)
        (tmp_path / "m.yaml").write_text(f"faults:\n  events:\n{listed}{more}{text}")
        return accelsim.load_machine(
            "m.yaml", {k.replace("__", "."): v for k, v in changes.items()}
        )

    return start


def test_what_is_said_is_read(load):
    machine = load(
        f"kind: late_settle, where: {PLANE}, at: 4 ns, cycles: 3, detected: false, step: 2",
        "kind: stuck_port, rate: 10 kHz, duration: 1 us",
        more="  seed: 7\n",
    )
    first, second = machine.faults.events
    assert (first.where, first.at.value, first.cycles.value) == (PLANE, 4000, 3)
    assert (first.detected, first.step, first.image) == (False, 2, None)
    assert (second.rate.value, second.duration.value, second.where) == (10_000, 10**6, None)
    assert machine.faults.seed.value == 7


def test_it_is_written_and_read_again(load, tmp_path):
    machine = load(
        f"kind: stuck_port, where: {PORTS}, at: 0 ns", "kind: late_settle, rate: 1 Hz, cycles: 1"
    )
    (tmp_path / "again.yaml").write_text(resolved_yaml(machine))
    assert accelsim.load_machine("again.yaml") == machine


def test_machines_differ_in_their_faults(load, irmen):
    machine = load(f"kind: stuck_port, where: {PORTS}, at: 0 ns")
    assert machine_changes(irmen, machine) == {
        "faults.events[0]": (None, f"kind stuck_port, where {PORTS}, at 0 ns")
    }
    assert as_shipped(machine) is None
    assert as_shipped(irmen) == ("irmen", {})


def test_a_seed_is_set_for_a_run(load):
    machine = load("kind: late_settle, rate: 1 Hz, cycles: 1", faults__seed=9)
    assert machine.faults.seed.value == 9


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (
            f"kind: late_setle, where: {PLANE}, at: 4 ns",
            "faults.events[0].kind: got 'late_setle'; expected 'late_settle', "
            "'stuck_port', 'lost_release', 'missed_refresh' or 'power_failure'; did you mean "
            "'late_settle'?",
        ),
        (
            "kind: late_settle, where: circuit_b.lane0.bank.plan0, at: 4 ns, cycles: 1",
            "faults.events[0].where: got 'circuit_b.lane0.bank.plan0'; expected a "
            f"plane such as 'circuit_a.lane0.bank.plane0'; did you mean '{PLANE}'?",
        ),
        (
            "kind: late_settle, where: circuit_b.lane8.bank.plane0, at: 4 ns, cycles: 1",
            "faults.events[0].where: got 'circuit_b.lane8.bank.plane0'; expected a "
            "plane such as 'circuit_a.lane0.bank.plane0'; did you mean "
            "'circuit_b.lane7.bank.plane0'?",
        ),
        (
            f"kind: stuck_port, where: {PLANE}, at: 4 ns",
            f"faults.events[0].where: got '{PLANE}'; expected the ports of a bank "
            "such as 'circuit_a.lane0.bank.read_ports'; did you mean "
            "'circuit_b.lane0.bank.read_ports'?",
        ),
        (
            f"kind: stuck_port, where: {PORTS}, at: -4 ns",
            "faults.events[0].at: '-4 ns' is negative; expected a time such as '1 ns'",
        ),
        (
            f"kind: stuck_port, where: {PORTS}, at: 4 ns, number: 1",
            "faults.events[0].number: got 1; expected a port from 0 to 0, as "
            "banks.write_ports is 1",
        ),
        (
            f"kind: stuck_port, where: {PORTS}, at: 4 ns, number: -1",
            "faults.events[0].number: got -1; expected the number of a port, 0 or more",
        ),
        (
            f"kind: late_settle, where: {PLANE}, at: 4 ns, cycles: 1, image: true",
            "faults.events[0].image: got True; expected the number of an image, 0 or more",
        ),
        (
            f"kind: late_settle, where: {PLANE}, at: 4 ns",
            "faults.events[0]: missing key 'cycles'; a late_settle needs it",
        ),
        (
            "kind: lost_release, at: 4 ns",
            "faults.events[0]: missing key 'where'; a lost_release needs it",
        ),
        (
            f"kind: lost_release, where: {PLANE}",
            "faults.events[0]: a lost_release needs 'at', such as '30 ns', or 'rate', "
            "such as '10 kHz'",
        ),
        (
            f"kind: lost_release, where: {PLANE}, at: 1 ns, rate: 1 MHz",
            "faults.events[0]: a lost_release needs 'at', such as '30 ns', or 'rate', "
            "such as '10 kHz'; got both",
        ),
        (
            f"kind: lost_release, where: {PLANE}, at: 1 ns, duration: 3 ns",
            "faults.events[0].duration: a lost_release has no such key; it has kind, "
            "at, rate, where, image, step",
        ),
        (
            "kind: late_settle, rate: 0 Hz, cycles: 1",
            "faults.events[0].rate: got 0 Hz; expected a positive number, at most "
            "1e+09, in Hz such as '10 kHz'",
        ),
        (
            f"kind: stuck_port, wher: {PORTS}, at: 4 ns",
            "faults.events[0].wher: unknown key; allowed here: kind, where, at, rate, "
            "cycles, detected, image, step, number, duration; did you mean 'where'?",
        ),
        (
            "kind: missed_refresh, where: circuit_b.lane0.bank, at: 4 ns",
            "faults.events[0].kind: got 'missed_refresh'; the machine has no "
            "banks.refresh_interval",
        ),
    ],
)
def test_refused_events(load, event, message):
    with pytest.raises(InputError) as caught:
        load(event)
    assert str(caught.value) == f"{place(event, message)}: {message}"


def place(event, message):
    """Return where the key that a message begins with is: events begin in line 3, column 8."""
    key = message.partition(":")[0].partition("].")[2]
    return f"m.yaml:3:{8 + event.index(f'{key}:') if key else 7}"


def test_a_supply_that_fails_beside_power_states(load):
    event = "kind: power_failure, at: 1 ns, duration: 1 ns"
    with pytest.raises(InputError) as caught:
        load(event, power__policy="off_after")
    assert str(caught.value) == (
        "m.yaml:3:8: faults.events[0].kind: got 'power_failure' with power.policy off_after; "
        "expected always_on: a failure in a power state is not modelled"
    )


def test_a_supply_that_fails_without_a_section_that_says_what_it_takes(load, irmen, tmp_path):
    machine = load("kind: power_failure, at: 1 ns, duration: 1 ns").model_copy(
        update={"power": None}
    )
    (tmp_path / "without.yaml").write_text(resolved_yaml(machine))
    with pytest.raises(InputError, match=r"expected a section 'power' beside it, which says what"):
        accelsim.load_machine("without.yaml")
