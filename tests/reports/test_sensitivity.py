"""What could change the order of machines: by hand."""

import math

import pytest

from accelsim.documents.constants import Constant
from accelsim.errors import InputError
from accelsim.network import load_network
from accelsim.reports.contenders import labels_of, read_contender
from accelsim.reports.sensitivity import plausible, sensitivity

TIMES = ("clock", "timing.read_cycles", "timing.write_cycles")


def orders(*texts):
    chosen = [read_contender(text) for text in texts]
    found = sensitivity(chosen, labels_of(chosen), load_network("mnist"))
    return {order.figure: order for order in found}


def turns(order):
    return {(turn.machine, turn.key): turn for turn in order.turns}


@pytest.fixture(scope="module")
def slower():
    # 14 steps of 1 + 2 and of 1 + 3 cycles: 42 and 56 ns.
    return orders("irmen", "irmen:timing.write_cycles=3")


def test_cycles_and_the_clock_by_hand(slower):
    latency = slower["latency"]
    first, second = "write_cycles=2", "write_cycles=3"
    assert (latency.first, latency.second) == (first, second)
    assert latency.ratio == pytest.approx(56 / 42)
    found = turns(latency)
    # Fewer lanes, or smaller arrays, take more steps.
    assert {key[1] for key in found if key[1].startswith("arrays.")} == {
        "arrays.lanes", "arrays.rows", "arrays.cols"
    }  # fmt: skip
    assert {key: turn.at for key, turn in found.items() if key[1] in TIMES} == {
        (first, "timing.write_cycles"): "3",
        (second, "timing.write_cycles"): "2",
        (first, "timing.read_cycles"): "2",  # 14 x 4
        # 42 periods of 1334 ps are more than 56 ns; 56 of 750 ps are 42 ns.
        (first, "clock"): "0.75 GHz",
        (second, "clock"): "1.33 GHz",
    }
    assert found[second, "clock"].factor == pytest.approx(1 / 0.75, rel=1e-3)
    assert found[first, "clock"].plausible == "0.5 to 2 GHz"
    assert found[first, "timing.write_cycles"].kind == "derived from assumed"
    factors = [abs(math.log(turn.factor)) for turn in latency.turns]
    assert factors == sorted(factors)


def test_prices_by_hand():
    # 14 instructions of 0.35 pJ are 4.9 of 99.722 pJ, and 9.8 of 104.622 pJ at 0.7 pJ each.
    found = orders("irmen", "irmen:energy.issue=0.7 pJ")
    energy = found["energy_per_image"]
    cheap, dear = energy.first, energy.second
    assert energy.ratio == pytest.approx(104.622 / 99.722)
    by_key = turns(energy)
    assert by_key[cheap, "energy.issue"].factor == pytest.approx(2)
    assert by_key[cheap, "energy.issue"].at == "700 fJ"
    assert by_key[dear, "energy.issue"].factor == pytest.approx(0.5)
    # 121,128 tap-cycles of 500 aJ are 60.564 pJ.
    assert by_key[cheap, "energy.ota_tap_cycle"].factor == pytest.approx(1 + 4.9 / 60.564)
    assert by_key[dear, "energy.ota_tap_cycle"].factor == pytest.approx(1 - 4.9 / 60.564)
    # Writes are 0.1764 pJ: 28.8 times.
    assert by_key[cheap, "energy.cell_write"].factor == pytest.approx(1 + 4.9 / 0.1764)
    assert (dear, "energy.cell_write") not in by_key  # all of it is less than 4.9 pJ
    # The latency is the same: no order to turn by prices.
    assert not any(turn.key.startswith("energy.") for turn in found["latency"].turns)


def test_the_product_moves_with_both(slower):
    product = slower["energy_delay_product"]
    found = turns(product)
    # Energies differ by 14 clock cycles of 20 fJ: 99.722 and 100.002 pJ.
    assert product.ratio == pytest.approx(56 * 100.002 / (42 * 99.722))
    wanted = 56 * 100.002 / 42 - 99.722
    issue = found["write_cycles=2", "energy.issue"]
    assert issue.factor == pytest.approx(1 + wanted / 4.9)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Not published; plausible 1 to 4", "1 to 4"),
        ("Plausible 0.5 to 2 GHz.", "0.5 to 2 GHz"),
        ("8 uA through the stack; plausible 0.5 to 5 fJ", "0.5 to 5 fJ"),
        ("S5: published", ""),
    ],
)
def test_the_range_that_a_source_names(source, expected):
    assert plausible(Constant(1, "", "1", "assumed", source)) == expected


def test_commands(command):
    words = "compare", "irmen", "irmen:timing.write_cycles=3", "--images", "1", "--sensitivity"
    code, out, err = command(*words)
    assert (code, err) == (0, "")
    assert "Latency: write_cycles=2, then write_cycles=3 (1.333 x)" in out
    assert "0.5 to 2 GHz" in out
    code, out, _ = command("compare", "irmen", "charge", "--images", "1", "--sensitivity")
    assert "Energy per image: irmen, then charge (122.3 x): no constant alone changes that." in out


def test_runs_are_refused(command, tmp_path):
    command("run", "--outdir", "a", "--images", "1")
    command("run", "--outdir", "b", "--images", "1", "--set", "clock=2 GHz")
    code, _, err = command("compare", "a", "b", "--sensitivity")
    assert code == 2
    assert "--sensitivity: runs alone were given; expected machines" in err
    with pytest.raises(InputError, match=r"sensitivity: a is a run; expected machines"):
        orders("irmen", "a")
