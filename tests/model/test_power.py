"""Power states: schedules and ledgers of three images with gaps, derived by hand.

One lane, a network of four steps: load 0-3, conv 3-6, relu 6-9, handoff 9-12, each of 1 + 2
cycles of 1 ns. Images arrive at 0, 1000 and 1040.5 ns. Two lanes change state (a lane of A, one of
B). An array of A holds the templates of the load (1 word) and relu (1 + 1), one of B those of
conv (9 + 1): 13 words; the sequencer holds 4 instructions.
"""

import random

import pytest

from accelsim.compiler import compile_network
from accelsim.config import load_machine
from accelsim.energy import Pricing, Tally
from accelsim.errors import InputError
from accelsim.model import Accelerator, Arrival, Design
from accelsim.simulation.events import run_events
from accelsim.simulation.rest import RestCosts, oracle_of
from accelsim.topology import PowerState
from accelsim.trace.sinks import TableTrace
from tests.conftest import CONV, RELU

TIMES_PS = (0, 1_000_000, 1_040_500)
# Prices in aJ that tell each part of a sum apart.
KEYS = {
    "arrays.lanes": 1, "banks.planes": 2, "power.after": "10 ns",
    "power.clock_gated.entry_time": "1 ns", "power.clock_gated.exit_time": "2 ns",
    "power.off.entry_time": "5 ns", "power.off.exit_time": "20 ns",
    "power.clock_gated.entry": "1 aJ", "power.clock_gated.exit": "10 aJ",
    "power.clock_gated.cycle": "2 aJ", "power.off.entry": "100 aJ", "power.off.exit": "1000 aJ",
    "power.off.cycle": "1 aJ", "power.off.bank": "3 aJ", "power.off.restore_template": "7 aJ",
    "power.off.restore_instruction": "11 aJ", "energy.clock_cycle": "50 aJ",
    "energy.leakage": "1 aJ",
}  # fmt: skip
GATED, OFF = "power.clock_gated", "power.off"
CELLS = 2 * 2 * 28 * 28  # of both banks


@pytest.fixture(scope="module")
def run(make_network):
    def start(name="irmen", times_ps=TIMES_PS, shuffle=None, fast_forward=True, **changes):
        keys = KEYS | {key.replace("__", "."): value for key, value in changes.items()}
        machine = load_machine(name, keys)
        program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
        arrivals = [Arrival(number, time) for number, time in enumerate(times_ps)]
        tally, table = Tally(machine.prices_aJ), TableTrace()
        sinks = [Pricing(machine.prices_aJ, [tally, table])]
        oracle = oracle_of(machine, program)
        block = Accelerator(
            Design.of(machine), program, arrivals, sinks, oracle=oracle, shuffle=shuffle,
            fast_forward=fast_forward,
        )  # fmt: skip
        block.run()
        start.skipped = block.skipped
        ledger = tally.ledger()
        ledger.reconcile()
        return table.table().to_pylist(), ledger

    return start


def seen(trace, *kinds):
    """Return (kind, component, begin, end) in ns of records, by time and id."""
    rows = sorted(trace, key=lambda row: (row["t_start_ps"], row["id"]))
    return [
        (row["kind"], row["component"], row["t_start_ps"] / 1000, row["t_end_ps"] / 1000)
        for row in rows
        if row["kind"] in kinds
    ]


def power(trace):
    return seen(trace, "enter", "sleep", "exit", "restore")


def done(trace):
    """Return when each image is done, in ns."""
    ends = {}
    for row in trace:
        if row["kind"] == "settle":
            ends[row["image"]] = max(ends.get(row["image"], 0), row["t_end_ps"] / 1000)
    return [ends[image] for image in sorted(ends)]


def waits(trace):
    """Return (begin, end, cause) in ns of waits in the queue."""
    return [
        (row["t_start_ps"] / 1000, row["t_end_ps"] / 1000, row["cause"])
        for row in trace
        if row["kind"] == "wait" and row["component"] == "host.queue"
    ]


def rest_aJ(ledger):  # noqa: N802
    """Return the energy by action of what no step counts, and of the clock."""
    names = ("leakage", "gat", "off", "restore", "clock", "refresh", "array_leakage")
    return {name: aj for name, aj in ledger.action_aJ.items() if name.startswith(names) and aj}


def test_always_on(run):
    trace, ledger = run(power__policy="always_on")
    # The third comes between edges, at 1040.5, and is taken at 1041.
    assert done(trace) == [12, 1012, 1053]
    assert power(trace) == []
    assert waits(trace) == [(1040.5, 1041, "clock edge")]
    assert rest_aJ(ledger) == {"leakage": CELLS * 1053, "clock_cycle": 50 * 1053}


def test_gate_after(run):
    trace, ledger = run(power__policy="gate_after")
    # Rests at 12, gated from 22: in by 23. Woken at 1000, the second image waits 2 ns and is done
    # at 1014; gated 1024-1025; woken at the next edge, 1041, the third is taken at 1043.
    assert done(trace) == [12, 1014, 1055]
    assert power(trace) == [
        ("enter", GATED, 22, 23),
        ("sleep", GATED, 23, 1000),
        ("exit", GATED, 1000, 1002),
        ("enter", GATED, 1024, 1025),
        ("sleep", GATED, 1025, 1041),
        ("exit", GATED, 1041, 1043),
    ]
    assert waits(trace) == [(1000, 1002, "waking"), (1040.5, 1043, "waking")]
    asleep = 977 + 16
    assert rest_aJ(ledger) == {
        "leakage": CELLS * 1055,
        "clock_cycle": 50 * (1055 - asleep),
        "gated_cycle": 2 * asleep,
        "gate_entry": 2 * 2 * 1,
        "gate_exit": 2 * 2 * 10,
    }


def test_off_after(run):
    trace, ledger = run(power__policy="off_after")
    # Off from 22, in by 27. Exit 1000-1020, 4 instructions 1020-1024: done at 1036. The third
    # comes at 1040.5, before 1046, and finds the machine awake.
    assert done(trace) == [12, 1036, 1053]
    assert power(trace) == [
        ("enter", OFF, 22, 27),
        ("sleep", OFF, 27, 1000),
        ("exit", OFF, 1000, 1020),
        ("restore", "sequencer", 1020, 1024),
    ]
    assert waits(trace) == [(1000, 1024, "waking"), (1040.5, 1041, "clock edge")]
    assert rest_aJ(ledger) == {
        "leakage": CELLS * (1053 - 973),
        "off_bank": 3 * 2 * 973,
        "off_cycle": 973,
        "clock_cycle": 50 * (1053 - 973),
        "off_entry": 2 * 100,
        "off_exit": 2 * 1000,
        "restore_instruction": 4 * 11,
    }


CHARGE = {
    "timing__read_cycles": 1,
    "power__policy": "off_after",
    "energy__refresh": "1 aJ",
    "banks__refresh_interval": "100 ns",
    "banks__refresh_cycles": 3,
}


def test_charge_loses_its_templates(run):
    trace, ledger = run("charge", **CHARGE)
    # As above, then the 3 words of the array of A and the 10 of that of B, one a cycle: 1037.
    assert done(trace) == [12, 1049, 1061]
    assert power(trace)[2:] == [
        ("exit", OFF, 1000, 1020),
        ("restore", "sequencer", 1020, 1024),
        ("restore", "circuit_a.lane0.array", 1024, 1027),
        ("restore", "circuit_b.lane0.array", 1027, 1037),
    ]
    assert ledger.action_aJ["restore_template"] == 7 * 13
    # Nothing is refreshed while it is off, and the counter starts anew at 1000: nothing until 1061.
    assert seen(trace, "refresh") == []
    by_id = {row["id"]: row for row in trace}
    (wait,) = (row for row in trace if row["cause"] == "waking")
    last = by_id[wait["cause_id"]]
    assert (last["kind"], last["component"]) == ("restore", "circuit_b.lane0.array")
    assert last["t_end_ps"] == wait["t_end_ps"]
    assert by_id[last["cause_id"]]["kind"] == "exit"


def test_the_oracle_wakes_in_time(run):
    trace, ledger = run(power__policy="oracle")
    # Nothing waits for power. First rest 12-1000: off, from 17 to 1000 - 4 - 20 = 976. Second rest
    # 1012-1041: staying draws 29 x (50 + 3136), gated saves 48 x 26 less 22, off sleeps not at all
    # (5 + 24 cycles): gated from 1013 to 1039.
    assert done(trace) == [12, 1012, 1053]
    assert power(trace) == [
        ("enter", OFF, 12, 17),
        ("sleep", OFF, 17, 976),
        ("exit", OFF, 976, 996),
        ("restore", "sequencer", 996, 1000),
        ("enter", GATED, 1012, 1013),
        ("sleep", GATED, 1013, 1039),
        ("exit", GATED, 1039, 1041),
    ]
    assert waits(trace) == [(1040.5, 1041, "clock edge")]
    assert rest_aJ(ledger) == {
        "leakage": CELLS * (1053 - 959),
        "off_bank": 3 * 2 * 959,
        "off_cycle": 959,
        "clock_cycle": 50 * (1053 - 959 - 26),
        "gated_cycle": 2 * 26,
        "gate_entry": 2,
        "gate_exit": 20,
        "off_entry": 200,
        "off_exit": 2000,
        "restore_instruction": 44,
    }


def test_an_image_that_comes_during_the_entry_waits_for_all_of_it(run):
    # Off from 22 to 27; the image of 24 wakes the machine at 27: exit 27-47, instructions to 51.
    trace, _ = run(times_ps=(0, 24_000), power__policy="off_after")
    assert done(trace) == [12, 63]
    assert power(trace) == [
        ("enter", OFF, 22, 27),
        ("exit", OFF, 27, 47),
        ("restore", "sequencer", 47, 51),
    ]
    assert waits(trace) == [(24, 51, "waking")]


def test_an_image_of_the_instant_keeps_the_machine_awake(run):
    trace, _ = run(times_ps=(0, 22_000, 34_000), power__policy="off_after", power__after="0 ns")
    # Off at 12 at once, in by 17, woken at 22: 22-42-46. The third waits for a context, until 58,
    # in which the machine does not rest.
    assert power(trace)[:2] == [("enter", OFF, 12, 17), ("sleep", OFF, 17, 22)]
    assert done(trace) == [12, 58, 70]
    assert len(power(trace)) == 4
    trace, _ = run(times_ps=(0, 22_000), power__policy="off_after")  # it would go at 22
    assert power(trace) == []


def test_a_machine_that_waits_for_its_first_image_rests(run):
    trace, _ = run(times_ps=(500_000,), power__policy="off_after")
    assert power(trace)[:2] == [("enter", OFF, 10, 15), ("sleep", OFF, 15, 500)]
    assert done(trace) == [536]


SECOND = 10**12


@pytest.mark.parametrize(
    ("storage", "seconds", "restored"),
    [
        ("held", 3_600_000, 1),
        # Half a step of 4 bits is gone after 26 s; grains spread by more from the beginning.
        ("charge", 20, 1),
        ("charge", 30, 3),
        ("remanent", 1, 3),
    ],
)
def test_what_a_storage_keeps(run, storage, seconds, restored):
    keys = {"power__policy": "off_after", "cell__storage": storage}
    trace, _ = run(times_ps=(0, seconds * SECOND), **keys)
    assert len([row for row in trace if row["kind"] == "restore"]) == restored


def test_leakage_of_arrays_is_counted_where_the_file_has_it(run):
    arrays = {"power__arrays__leakage": "2 aJ", "power__arrays__off": "5 aJ"}
    _, ledger = run(power__policy="always_on", **arrays)
    assert ledger.action_aJ["array_leakage"] == 2 * 2 * 1053
    _, ledger = run(power__policy="off_after", **arrays)
    assert ledger.action_aJ["array_leakage"] == 2 * 2 * (1053 - 973)
    assert ledger.action_aJ["off_array"] == 2 * 5 * 973
    assert not [row for row in run()[0] if "array" in row["component"] and row["kind"] == "standby"]


@pytest.mark.parametrize("contexts", [1, 3])
@pytest.mark.parametrize("policy", ["gate_after", "off_after", "oracle"])
@pytest.mark.parametrize("name", ["irmen", "charge"])
def test_order_of_events_changes_no_byte(run, name, policy, contexts):
    changes = {
        "power__policy": policy, "sequencer__contexts": contexts, "banks__planes": 2 * contexts,
        "banks__refresh_interval": "70 ns", "banks__refresh_cycles": 1, "power__after": "7 ns",
    }  # fmt: skip
    draw = random.Random(5)
    times, now = [], 0
    for _ in range(25):
        now += draw.choice((0, 0, 1_000, 7_000, 19_000, 60_500, 333_000))
        times.append(now)
    expected, ledger = run(name, tuple(times), **changes)
    assert len(power(expected)) > 6
    for seed in range(4):
        again, _ = run(name, tuple(times), shuffle=random.Random(seed), **changes)
        assert again == expected
    # All of the time is either active, with its clock cycles, or asleep.
    asleep = ledger.counts.get("gated_cycle", 0) + ledger.counts.get("off_cycle", 0)
    assert asleep + ledger.counts["clock_cycle"] == done(expected)[-1]


@pytest.mark.parametrize("interval_ps", [13_000, 47_000, 1_000_500])
@pytest.mark.parametrize("policy", ["gate_after", "off_after", "oracle"])
@pytest.mark.parametrize("name", ["irmen", "charge"])
def test_fast_forward_changes_no_byte(run, name, policy, interval_ps):
    times = tuple(interval_ps * number for number in range(60))
    keys = {"power__policy": policy, "power__after": "0 ns"}
    expected, ledger = run(name, times, fast_forward=False, **keys)
    again, forwarded = run(name, times, **keys)
    assert again == expected
    assert forwarded.total_aJ == ledger.total_aJ
    # Of 1,000.5 ns two intervals are a period of whole cycles.
    # A wait in the beginning drains slowly at 13 ns, and charge-based cells are saturated there.
    assert run.skipped > 40 or interval_ps == 13_000 or name == "charge"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["irmen", "charge"])
def test_no_policy_spends_less_than_the_oracle_on_long_rests(run, name, seed):
    # Rests in which every policy sleeps: longer than its time, entry, exit and restoring.
    draw = random.Random(seed)
    times, now = [0], 0
    for _ in range(6):
        now += draw.randrange(300_000, 9_000_000)
        times.append(now)
    changes = {"energy__clock_cycle": f"{draw.choice((0, 50, 5000))} aJ", "energy__refresh": "0 aJ"}
    spent = {
        policy: run(name, tuple(times), power__policy=policy, **changes)[1].total_aJ
        for policy in ("always_on", "gate_after", "off_after", "oracle")
    }
    assert spent["oracle"] == min(spent.values()), spent


def test_a_wait_can_pay_where_the_oracle_lets_none_wait(run):
    # Two images 20 ns apart after each long rest. Off_after makes the first wait 24 ns, so that the
    # second follows it without a rest; the oracle stays active for the 8 ns between them.
    times = tuple(start + more for start in (10**6, 2 * 10**6, 3 * 10**6) for more in (0, 20_000))
    slow = {"power__clock_gated__exit_time": "10 ns"}
    off = {"power__policy": "off_after", "power__after": "0 ns"}
    _, eager = run(times_ps=times, **off, **slow)
    _, oracle = run(times_ps=times, power__policy="oracle", **slow)
    # Entry, waking and images take 5 + 24 + 12 + 12 ns of both, and 8 ns more of the oracle.
    assert eager.counts["clock_cycle"] == 3 * 53
    assert oracle.counts["clock_cycle"] == 3 * (53 + 8)
    assert eager.total_aJ < oracle.total_aJ


def test_the_refresh_of_a_long_rest_is_summed_up(run):
    # Interval 100 ns, both planes of both banks. Rests of 31 whole rounds are recorded one by one,
    # those of 32 and more as one record a bank; counts are the same as if each had been recorded.
    keys = {
        "power__policy": "always_on", "banks__refresh_interval": "100 ns",
        "banks__refresh_cycles": 3, "timing__read_cycles": 1,
    }  # fmt: skip
    for rounds in (31, 32, 500):
        # Due at 100, 200, ...; an image at 0 and one 50 ns after the last of the rounds.
        trace, ledger = run("charge", (0, 100_000 * rounds + 50_000), **keys)
        records = [row for row in trace if row["actions"]["refresh"]]
        assert ledger.counts["refresh"] == 4 * 784 * rounds
        assert len(records) == (4 * rounds if rounds < 32 else 2)
        assert {row["kind"] for row in records} == {"refresh" if rounds < 32 else "standby"}
        last = max(row["t_end_ps"] for row in records)
        assert last == 100_000 * rounds + 6_000
        assert done(trace)[-1] == 100 * rounds + 50 + 12
    # An image in the middle of a round meets it as ever: due at 50,000 ns, it takes until 50,006.
    trace, _ = run("charge", (0, 50_001_000), **keys)
    late = [row for row in trace if row["cause"] in ("refreshing", "busy") and row["image"] == 1]
    assert late
    assert late[0]["t_end_ps"] > 50_001_000


def test_days_of_rest_with_everything_on(make_network):
    # 53 days at 1 mW and more: each record fits 64 bits, and their sum is exact.
    machine = load_machine("charge", {"energy.clock_cycle": "1 pJ"})
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    arrivals = [Arrival(0, 0), Arrival(1, 2**62)]
    events = run_events(machine, program, arrivals)
    cycles = events.times.done_ps[-1] // 1000
    assert events.ledger.counts["clock_cycle"] == cycles
    assert events.ledger.action_aJ["clock_cycle"] == int(cycles) * 10**6 > 2**63


def test_figures_of_a_run(make_network):
    machine = load_machine("irmen", KEYS | {"power.policy": "off_after"})
    program = compile_network(make_network([1, 4, 4], CONV, RELU), machine)
    arrivals = [Arrival(number, time) for number, time in enumerate(TIMES_PS)]
    figures = run_events(machine, program, arrivals).stats().power
    assert {name: figure.value for name, figure in figures.items()} == {
        "active_time": 80_000, "clock_gated_time": 0, "clock_gated_entries": 0,
        "off_time": 973_000, "off_entries": 1, "sleep_energy": 973 * 7, "transition_energy": 2200,
        "restored": 4, "restore_energy": 44, "woken_for": 1, "waking_wait": 24_000,
    }  # fmt: skip
    always = run_events(load_machine("irmen", KEYS), program, arrivals).stats()
    assert "power" not in always.to_dict()


def test_break_even_by_hand(mnist):
    # docs/power.md has the arithmetic.
    def after(name, state, other=None, **keys):
        machine = load_machine(name, {"power.policy": "oracle", **keys})
        costs = RestCosts.of(machine, compile_network(mnist, machine))
        return costs.break_even_ps(state, other)

    # Gated: 18000 (g - 3) > 20000. Off: 19900 (g - 134) > 97.6 pJ + 4.9 pJ.
    assert after("irmen", PowerState.GATED) == (3 + 2) * 1000
    assert after("irmen", PowerState.OFF) == (134 + 5151) * 1000
    # 50,176 cells leak 1 aJ a cycle and are refreshed once a ms; 505 words of templates.
    power = 20_000 + 50_176 + 50_176 * 229_000 / 10**6
    once = 275.2e6 + 14 * 350e3 + 505 * 229e3 + 639 * (70_176 - 1108)
    cycles = int(once / (power - 1108)) + 1
    assert after("charge", PowerState.OFF) == cycles * 1000 == 5_461_000
    assert after("charge", PowerState.OFF, PowerState.GATED) == 7_031_000
    assert after("irmen", PowerState.OFF, PowerState.GATED) == 55_312_000
    never = {"power.clock_gated.cycle": "20 fJ"}
    assert after("irmen", PowerState.GATED, **never) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"power.policy": "off_afer"},
            "--set power.policy=off_afer: power.policy: got 'off_afer'; expected 'always_on', "
            "'gate_after', 'off_after' or 'oracle'; did you mean 'off_after'?",
        ),
        ({"power.after": "5"}, "--set power.after=5: power.after: '5' has no unit"),
        ({"power.of.bank": "1 aJ"}, "power.of: unknown key; allowed here: policy, after,"),
        ({"power.arrays.leakage": "1 aJ"}, "power.arrays.off: missing key"),
        ({"power.off.bank.per": "event"}, "got per 'event'; expected 'cycle', or the time"),
    ],
)
def test_refused(changes, message):
    with pytest.raises(InputError) as caught:
        load_machine("irmen", changes)
    assert message in str(caught.value)


def test_a_machine_without_the_section_is_always_on(tmp_path, repository):
    text = (repository / "configs" / "irmen.yaml").read_text()
    start, end = text.index("power:\n"), text.index("# Of a value in a step")
    path = tmp_path / "old.yaml"
    path.write_text(text[:start] + text[end:])
    assert load_machine(path).power is None
    with pytest.raises(InputError, match=r"power\.after: missing key"):
        load_machine(path, {"power.policy": "off_after"})
