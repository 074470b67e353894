"""Prices that follow the cell in use, and those that contradict it."""

import pytest

import accelsim
from accelsim.config import resolved_yaml
from accelsim.config.checks import notes_of, warnings_of
from accelsim.resources import shipped


def machine(name="irmen", **changes):
    keys = {key.replace("__", ".", 1): value for key, value in changes.items()}
    return accelsim.load_machine(name, keys)


def of_prices(found):
    return [text for text in warnings_of(found) if text.startswith("energy.")]


@pytest.fixture
def other(tmp_path):
    """A device file of a cell that is read with 4 uA and written with 2 fF."""
    text = (shipped("configs/devices") / "irmen.yaml").read_text()
    for before, after in (("value: 8 uA", "value: 4 uA"), ("value: 1 fF", "value: 2 fF")):
        assert text.count(before) == 1
        text = text.replace(before, after)
    path = tmp_path / "other.yaml"
    path.write_text(text)
    return path


def test_prices_follow_the_cell_of_a_device_file(other):
    found = machine(device=str(other))
    # 4 uA x 0.2 V x 1 ns; 2 fF x (0.1 V)^2; both.
    prices = found.prices_aJ
    assert [prices[key] for key in ("cell_read_cycle", "cell_write", "refresh")] == [800, 20, 820]
    read = found.energy.cell_read_cycle
    assert (read.kind, read.quoted) == ("derived", "800 aJ per 1 ns")
    assert read.inputs == ("cell.read_current", "cell.supply_voltage")
    assert read.source == ("Follows the cell: 4 uA x 200 mV x 1 ns, in place of 1600 aJ per 1 ns")
    assert of_prices(found) == []
    assert (
        "Prices follow the cell in use: cell_read_cycle 800 aJ per 1 ns, cell_write 20 aJ per "
        "event, refresh 820 aJ per event"
    ) in notes_of(found)
    # A read through half the time costs half as much, a write what it did.
    prices = machine(device=str(other), clock="2 GHz").prices_aJ
    assert (prices["cell_read_cycle"], prices["cell_write"]) == (400, 20)


def test_an_image_costs_what_its_cells_do(other, mnist):
    # Of 99.722 pJ: 20,776 reads at half the price, 17,640 writes at twice.
    energy = accelsim.simulate(machine(device=str(other)), mnist, 1).stats.energy_per_image.value
    assert energy == 99_722_000 - 20_776 * 800 + 17_640 * 10


def test_prices_follow_a_changed_cell():
    assert machine(cell__read_current="4 uA").prices_aJ["cell_read_cycle"] == 800
    # Beyond saturation a write goes to 100 mV all the same; below it to what it is given.
    assert machine(cell__write_voltage="50 mV").prices_aJ["cell_write"] == 3
    assert machine("charge", cell__ota_power="6.275 uW").prices_aJ["ota_tap_cycle"] == 6275
    assert machine("charge", cell__amplifier_power="15 uW").prices_aJ["cell_static_cycle"] == 15000


def test_what_ships_is_as_it_was():
    for name in ("irmen", "charge"):
        found = machine(name)
        assert of_prices(found) == []
        assert notes_of(found) == ()
        assert machine(name, device=name).prices_aJ == found.prices_aJ


def test_a_price_that_contradicts_the_cell_is_said_with_both_values(tmp_path, repository):
    path = tmp_path / "mine.yaml"
    text = (repository / "configs" / "irmen.yaml").read_text()
    path.write_text(
        text.replace("cell_read_cycle: {value: 1600 aJ", "cell_read_cycle: {value: 2 fJ")
    )
    found = accelsim.load_machine(path)
    assert of_prices(found) == [
        "energy.cell_read_cycle: 2 fJ per 1 ns is counted, and the constants of the cell give "
        "1600 aJ per 1 ns (8 uA x 200 mV x 1 ns)"
    ]
    # It never was the cell's, and does not follow it.
    assert (
        accelsim.load_machine(path, {"cell.read_current": "4 uA"}).prices_aJ["cell_read_cycle"]
        == 2000
    )


def test_a_price_of_the_user_stays():
    changed = machine(energy__cell_read_cycle="1 fJ", cell__read_current="4 uA")
    assert changed.prices_aJ["cell_read_cycle"] == 1000
    assert of_prices(changed) == [
        "energy.cell_read_cycle: 1 fJ per 1 ns is counted, and the constants of the cell give "
        "800 aJ per 1 ns (4 uA x 200 mV x 1 ns)"
    ]


def test_whole_attojoules_of_a_small_write_are_said():
    # 1 fF x (50 mV)^2.
    assert of_prices(machine(cell__write_voltage="50 mV")) == [
        "energy.cell_write: 3 aJ per event is counted, and the constants of the cell give "
        "2.5 aJ per event (1 fF x (50 mV)^2)"
    ]


def test_a_resolved_machine_says_the_same(other, tmp_path):
    for changes in ({"device": str(other)}, {"cell.read_current": "4 uA"}):
        found = accelsim.load_machine("irmen", changes)
        path = tmp_path / "resolved.yaml"
        path.write_text(resolved_yaml(found))
        again = accelsim.load_machine(path)
        assert again == found
        assert (warnings_of(again), notes_of(again)) == (warnings_of(found), notes_of(found))
        # And it follows a cell that is changed again.
        assert (
            accelsim.load_machine(path, {"cell.read_current": "2 uA"}).prices_aJ["cell_read_cycle"]
            == 400
        )
