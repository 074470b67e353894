"""What a price is per, and what a clock makes of it: worked by hand at three clocks."""

from fractions import Fraction

import pytest

import accelsim
from accelsim.config import load_machine, resolved_yaml
from accelsim.config.checks import notes_of, warnings_of
from accelsim.config.energy import PRICED
from accelsim.errors import InputError
from accelsim.runs.machines import as_shipped, machine_changes

# Of one image: 121,128 tap-cycles and 20,776 reads are through a time, the rest is not:
# 17,640 writes of 10 aJ, 14 issues of 350 fJ, 42 clock cycles of 20 fJ.
TIMED_AJ = 121_128 * 500 + 20_776 * 1600
REST_AJ = 17_640 * 10 + 14 * 350_000


@pytest.mark.parametrize(
    ("clock", "taps", "reads"),
    [("500 MHz", 1000, 3200), ("1 GHz", 500, 1600), ("2 GHz", 250, 800), ("400 ps", 200, 640)],
)
def test_a_current_costs_in_proportion_and_nothing_else_does(clock, taps, reads):
    prices = load_machine("irmen", {"clock": clock}).prices_aJ
    assert prices == {
        "ota_tap_cycle": taps, "cell_read_cycle": reads, "cell_write": 10,
        "cell_static_cycle": 0, "issue": 350_000, "clock_cycle": 20_000, "leakage": 0,
        "refresh": 1610,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("clock", "latency_ps", "share"),
    [("500 MHz", 84_000, 2), ("1 GHz", 42_000, 1), ("2 GHz", 21_000, Fraction(1, 2))],
)
def test_an_image_at_three_clocks(mnist, clock, latency_ps, share):
    stats = accelsim.simulate(load_machine("irmen", {"clock": clock}), mnist, 1).stats
    assert stats.latency.value == latency_ps
    assert stats.energy_per_image.value == TIMED_AJ * share + REST_AJ + 42 * 20_000


@pytest.mark.parametrize(("clock", "share"), [("500 MHz", 2), ("2 GHz", Fraction(1, 2))])
def test_three_images_in_flight(mnist, clock, share):
    changes = {"clock": clock, "sequencer.contexts": 3, "banks.planes": 6}
    stats = accelsim.simulate(load_machine("irmen", changes), mnist, 3).stats
    # They enter one cycle apart and never meet: 42 + 2 cycles in all.
    assert stats.makespan.value == 44 * 1000 * share
    assert stats.energy.total.value == 3 * (TIMED_AJ * share + REST_AJ) + 44 * 20_000


@pytest.mark.parametrize(
    ("clock", "share", "leak"), [("500 MHz", 2, 2), ("1 GHz", 1, 1), ("2 GHz", Fraction(1, 2), 1)]
)
def test_charge_at_three_clocks(mnist, clock, share, leak):
    stats = accelsim.simulate(load_machine("charge", {"clock": clock}), mnist, 1).stats
    # 9 read cycles: taps and amplifiers. Half an aJ of leakage is counted as one.
    timed = 9 * (121_128 * 3100 + 17_640 * 30_000)
    leakage = 2 * 8 * 4 * 784 * 154 * leak
    rest = 17_640 * 229_000 + 14 * 350_000 + 154 * 20_000
    assert stats.energy_per_image.value == timed * share + leakage + rest


def test_what_a_price_is_per_can_be_said(tmp_path):
    def tap(changes):
        machine = load_machine("irmen", {"clock": "2 GHz", **changes})
        return machine.energy.ota_tap_cycle, machine.prices_aJ["ota_tap_cycle"]

    price, cost = tap({"energy.ota_tap_cycle": "800 aJ"})
    assert (price.quoted, cost) == ("800 aJ per 1 ns", 400)  # per stays as the file has it
    price, cost = tap({"energy.ota_tap_cycle.per": "cycle"})
    assert (price.quoted, cost, price.kind) == ("500 aJ per cycle", 500, "assumed")
    for changes in (
        {"energy.ota_tap_cycle.per": "250 ps", "energy.ota_tap_cycle": "100 aJ"},
        {"energy.ota_tap_cycle": "100 aJ", "energy.ota_tap_cycle.per": "250 ps"},
    ):
        assert tap(changes)[1] == 200
    path = tmp_path / "resolved.yaml"
    machine = load_machine("irmen", {"energy.ota_tap_cycle.per": "250 ps"})
    path.write_text(resolved_yaml(machine))
    assert load_machine(path) == machine
    assert machine_changes(load_machine("irmen"), machine) == {
        "energy.ota_tap_cycle.per": ("1 ns", "250 ps")
    }
    assert as_shipped(machine) == ("irmen", {"energy.ota_tap_cycle.per": "250 ps"})


def test_a_bare_price_is_per_what_its_action_is(tmp_path, repository):
    text = (repository / "configs" / "irmen.yaml").read_text()
    start, end = text.index("energy:"), text.index("# Of a value in a step")
    prices = "".join(f"  {action}: 7 aJ\n" for action in PRICED)
    path = tmp_path / "bare.yaml"
    path.write_text(f"{text[:start]}energy:\n{prices}{text[end:]}")
    table = load_machine(path).energy
    assert {action: price.per for action, price in table.prices.items()} == {
        "ota_tap_cycle": "1 ns", "cell_read_cycle": "1 ns", "cell_write": "event",
        "cell_static_cycle": "1 ns", "issue": "event", "clock_cycle": "cycle",
        "leakage": "1 ns", "refresh": "event",
    }  # fmt: skip
    changed = load_machine(path, {"energy.leakage.per": "cycle"})
    assert changed.energy.leakage.quoted == "7 aJ per cycle"
    assert changed.energy.leakage.kind == "assumed"


@pytest.mark.parametrize(
    ("key", "per", "message"),
    [
        ("issue", "1 ns", "got per '1 ns'; expected 'event': issue is counted by events, whatever"),
        ("cell_write", "cycle", "got per 'cycle'; expected 'event': cell_write is counted by"),
        ("leakage", "event", "got per 'event'; expected 'cycle', or the time that the price is "
         "quoted for, such as '1 ns': leakage is counted by cycles"),
        ("leakage", "cycel", "got per 'cycel'; expected 'cycle', or the time that the price is "
         "quoted for, such as '1 ns'; did you mean 'cycle'?"),
        ("leakage", 3, "got per 3; expected 'cycle', or the time"),
        ("leakage", "0 ns", "got per '0 ns', which is no time; expected 'cycle', or the time"),
        ("leakage", "0.5 ps", "got per '0.5 ps'; expected 'cycle', or the time"),
    ],
)  # fmt: skip
def test_what_a_price_cannot_be_per(key, per, message):
    with pytest.raises(InputError) as caught:
        load_machine("irmen", {f"energy.{key}.per": per})
    where = f"--set energy.{key}.per={per}: energy.{key}.per: "
    assert str(caught.value).startswith(where + message)


def test_per_of_an_action_that_is_none():
    with pytest.raises(InputError, match=r"--set energy\.tap\.per=cycle: .* no 'energy\.tap'"):
        load_machine("irmen", {"energy.tap.per": "cycle"})


@pytest.mark.parametrize(
    ("price", "period", "expected", "off"),
    [
        # 0.5 is counted as 1; 1.5 as 2; 0.4 as 0; a third of 1001 is 333.67, 0.1 % off.
        ("1 aJ", "500 ps", 1, "1 aJ per 1 ns is 0.5 aJ for a cycle of 500 ps; 1 aJ is counted, "
         "100 % off"),
        ("3 aJ", "500 ps", 2, "1.5 aJ for a cycle of 500 ps; 2 aJ is counted, 33.3 % off"),
        ("1 aJ", "400 ps", 0, "0.4 aJ for a cycle of 400 ps; 0 aJ is counted, 100 % off"),
        ("998 aJ", "500 ps", 499, ""),
        ("999 aJ", "500 ps", 500, "499.5 aJ for a cycle of 500 ps; 500 aJ is counted, 0.1 % off"),
        ("1001 aJ", "500 ps", 501, ""),
        ("0 aJ", "500 ps", 0, ""),
    ],
)  # fmt: skip
def test_whole_attojoules_that_are_off_are_said(price, period, expected, off):
    machine = load_machine("irmen", {"energy.leakage": price, "clock": period})
    assert machine.prices_aJ["leakage"] == expected
    found = [text for text in warnings_of(machine) if text.startswith("energy.leakage: ")]
    assert len(found) == bool(off)
    assert not off or found[0].endswith(off)


def test_prices_that_follow_the_clock_are_noted():
    assert notes_of(load_machine("irmen")) == ()
    assert notes_of(load_machine("irmen", {"clock": "2 GHz"})) == (
        "Prices of currents follow the clock, for a cycle of 500 ps: ota_tap_cycle 250 aJ "
        "(500 aJ per 1 ns), cell_read_cycle 800 aJ (1600 aJ per 1 ns); the others do not depend "
        "on it",
    )
