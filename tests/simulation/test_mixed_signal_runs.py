"""Whole runs of a machine whose maps are in the SRAM: intervals, energy, records."""

import random
from collections import Counter

import numpy as np
import pytest

import accelsim
from accelsim.analysis.critical import critical_path
from accelsim.analysis.limits import latency_limit
from accelsim.compiler import compile_network
from accelsim.energy import Pricing
from accelsim.model import Accelerator, Arrival, Design
from accelsim.simulation import run_events
from accelsim.trace import TableTrace
from tests.conftest import CONV, MAX2, RELU

SMALL = {
    "arrays.rows": 4, "arrays.cols": 4, "timing.read_cycles": 3, "converters.adc.count": 1,
    "converters.dac.count": 2, "digital.alus": 4, "maps.digital": "pool",
}  # fmt: skip
THREE = {"sequencer.contexts": 3, "banks.planes": 12}
LAYERS = (CONV, RELU, MAX2, CONV, RELU)


def machine_of(**changes):
    return accelsim.load_machine("mixed_signal", SMALL | changes)


def images(number):
    return [Arrival(n, 0) for n in range(number)]


@pytest.mark.parametrize("changes", [{}, THREE], ids=["one", "three"])
def test_fast_forward_and_shuffles_change_no_record(make_network, changes):
    network, machine = make_network([1, 4, 4], *LAYERS), machine_of(**changes)
    program = compile_network(network, machine)
    tables = []
    for forward in (True, False):
        trace = TableTrace()
        events = run_events(machine, program, images(30), trace=trace, fast_forward=forward)
        tables.append(trace.table())
    assert tables[0].equals(tables[1])
    assert len(events.times) == 30
    for seed in range(3):
        trace = TableTrace()
        sinks = [Pricing(machine.prices_aJ, [trace])]
        Accelerator(
            Design.of(machine), program, images(30), sinks, shuffle=random.Random(seed)
        ).run()
        assert trace.table().equals(tables[0])


def test_the_converters_set_the_interval(make_network):
    # load conv relu 15, store 16 + 1, handoff 2: 34 cycles alone. Of three images in flight there
    # is always one that waits for the ADC, which takes 16 cycles for a map.
    network, machine = make_network([1, 4, 4], CONV, RELU), machine_of(**THREE)
    program = compile_network(network, machine)
    assert run_events(machine, program, images(1)).times.makespan_ps == 34_000
    assert run_events(machine, program, images(30)).times.interval_ps == 16_000
    twice = machine_of(**THREE, **{"converters.adc.count": 2})
    assert run_events(twice, program, images(30)).times.interval_ps < 16_000


def test_energy_by_hand(make_network):
    network, machine = make_network([1, 4, 4], *LAYERS), machine_of()
    result = accelsim.simulate(machine, network, 1)
    actions = {name: figure.value for name, figure in result.stats.actions.items()}
    # 16 codes of 4 bits are a word of 64 bits, and so are 4.
    assert {name: actions[name] for name in (
        "adc_conversion", "dac_conversion", "digital_op", "sram_read", "sram_write",
        "engine_leakage", "sram_leakage", "cell_write", "cell_read_cycle",
    )} == {
        "adc_conversion": 16 + 4, "dac_conversion": 4, "digital_op": 3 * 4,
        "sram_read": 1 + 1 + 1, "sram_write": 1 + 1 + 1, "engine_leakage": 57, "sram_leakage": 57,
        # load, conv, relu; fetch, conv, relu. What conv, relu, store, conv, relu and store read.
        "cell_write": 3 * 16 + 3 * 4, "cell_read_cycle": 3 * (3 * 16 + 3 * 4),
    }  # fmt: skip
    blocks = {name: figure.value for name, figure in result.stats.energy.by_block.items()}
    assert blocks["converters"] == 20 * 800_000 + 4 * 200_000
    assert blocks["SRAM"] == 6 * 20_000_000 + 57 * 16_000
    assert blocks["digital engine"] == 12 * 30_000 + 57 * 10_000
    assert "analog-to-digital converters" not in result.stats.to_dict()["not_modelled"]


def test_records_of_the_ways_to_and_from_the_sram(make_network):
    network, machine = make_network([1, 4, 4], *LAYERS), machine_of()
    result = accelsim.simulate(machine, network, 1)
    rows = Counter(
        (row["component"], row["kind"], row["t_start_ps"] // 1000, row["t_end_ps"] // 1000)
        for row in result.trace.select(["component", "kind", "t_start_ps", "t_end_ps"]).to_pylist()
        if row["component"].startswith(("converters", "digital"))
    )
    assert rows == Counter([
        ("converters.adc", "convert", 15, 31), ("digital.sram.lane0.plane0", "write", 15, 31),
        ("digital.sram.lane0.plane0", "settle", 31, 32),
        ("digital.engine", "compute", 32, 35), ("digital.sram.lane0.plane0", "read", 32, 35),
        ("digital.sram.lane0.plane1", "write", 32, 35),
        ("digital.sram.lane0.plane1", "settle", 35, 36),
        ("converters.dac", "convert", 36, 38), ("digital.sram.lane0.plane1", "read", 36, 38),
        ("converters.adc", "convert", 50, 54), ("digital.sram.lane0.plane0", "write", 50, 54),
        ("digital.sram.lane0.plane0", "settle", 54, 55),
        ("digital.sram.lane0.plane0", "read", 55, 56),
        ("digital.sram", "standby", 0, 57), ("digital.engine", "standby", 0, 57),
    ])  # fmt: skip
    path = critical_path(result.trace)
    assert sum(record.duration_ps for record in path.path) == path.latency_ps == 57_000
    parts = latency_limit(path).parts_ps
    assert (parts["convert"], parts["digital"]) == (22_000, 3_000)
    lanes = {row.op: row.lanes for row in result.schedule}
    assert [lanes[op] for op in ("load", "store", "max_d", "fetch", "handoff")] == [1] * 5


def test_a_map_is_not_overwritten_while_it_is_read(make_network):
    # Two maps a lane in the SRAM, three images in flight with two each, and one lane for all.
    machine = machine_of(**THREE, **{"arrays.lanes": 1, "digital.sram.size": 6 * 8})
    network = make_network([1, 4, 4], *LAYERS)
    found = run_events(machine, compile_network(network, machine), images(9))
    assert np.all(np.diff(found.times.done_ps) > 0)


VARIANTS = {
    "`irmen`": ("irmen", {}),
    "`charge`": ("charge", {}),
    "`mixed_signal`": ("mixed_signal", {}),
    "with `maps.digital=relu`": ("mixed_signal", {"maps.digital": "relu"}),
    "with `maps.digital=relu, pool`": ("mixed_signal", {"maps.digital": "relu, pool"}),
    "`mixed_signal_8bit`": ("mixed_signal_8bit", {}),
}


def test_the_page_has_the_figures_of_the_machines(repository, mnist):
    page = (repository / "docs" / "mixed_signal.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in page.partition("| 1 image of MNIST")[2]
            .splitlines() if line.startswith("| ")]  # fmt: skip
    assert [row[0].strip() for row in rows] == list(VARIANTS)
    for name, cycles, energy, *shares in rows:
        machine = accelsim.load_machine(*VARIANTS[name.strip()])
        stats = run_events(machine, compile_network(mnist, machine), images(1)).stats()
        assert stats.cycles_per_image.value == int(cycles)
        assert round(stats.energy_per_image.value / 1e9, len(energy.split(".")[1])) == float(energy)
        for share, block in zip(shares, ("converters", "SRAM"), strict=False):
            if "%" in share:
                of = stats.energy.by_block[block].value / stats.energy.total.value
                assert f"{100 * of:.1f} %" == share.strip()
