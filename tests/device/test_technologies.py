"""Every cell technology has all its parts, and a machine is refused for one that there is not."""

import pytest

from accelsim.config import DeviceFile, load_machine, read_document, validate
from accelsim.device import TECHNOLOGIES, Numerics, characterize, magnet_cell, write_device_file
from accelsim.device.technology import Cell
from accelsim.errors import InputError
from accelsim.plots import COLUMN
from accelsim.resources import shipped

NAMES = list(TECHNOLOGIES)


@pytest.mark.parametrize("name", NAMES)
def test_a_technology_has_its_words_its_cell_and_a_shipped_machine(name):
    technology = TECHNOLOGIES[name]
    assert technology.name == name
    assert technology.title
    assert technology.title not in {TECHNOLOGIES[other].title for other in NAMES if other != name}
    assert issubclass(technology.cell, Cell)
    machine = load_machine(name)
    assert type(machine.cell) is technology.cell
    storage = technology.storage(machine.cell)
    assert storage.title
    # A machine that ships is refreshed if a decay of its levels is modelled, and in time.
    interval = machine.banks.refresh_interval
    assert storage.decays == (interval is not None)
    if interval is not None:
        assert interval.value < storage.usable_for(machine.cell.precision.value) * 1e12


@pytest.fixture(scope="module", params=NAMES)
def characterized(request):
    """A shipped machine, and what came out for its cell."""
    machine = load_machine(request.param)
    return machine, characterize(machine, Numerics(samples=64))


def test_a_characterization_has_all_that_machine_files_and_readers_need(characterized, tmp_path):
    machine, result = characterized
    path = tmp_path / "cell.yaml"
    write_device_file(machine, result, path)
    device = validate(DeviceFile, read_document(path))
    assert device.technology == machine.technology
    taken = load_machine(machine.name, {"device": str(path)})
    assert taken.timing.read_cycles.value == result.timing.read_cycles
    assert taken.timing.write_cycles.value == result.timing.write_cycles
    for listing in result.listings():
        assert listing.rows
        assert {len(row) for row in listing.rows} == {len(listing.columns)}
        if listing.marked is not None:
            named = str(machine.cell.precision.value), getattr(machine.cell, "criterion", "")
            assert listing.rows[listing.marked][0] in named
    assert bool(result.no_figure) == (result.figure("Cell.", COLUMN) is None)


def test_a_cell_is_characterized_at_its_precision_and_clock(characterized):
    machine, result = characterized
    assert (result.timing.period_ps, result.timing.precision) == (1000, 4)
    assert result.timing.read_cycles == machine.timing.read_cycles.value
    assert result.timing.write_cycles == machine.timing.write_cycles.value


def test_only_a_cell_with_a_magnet_has_one():
    assert magnet_cell(load_machine("charge")) is None
    device = magnet_cell(load_machine("irmen"))
    assert device is not None
    assert device.magnet.volume == pytest.approx(5400e-27, rel=1e-5)


def test_a_device_file_of_an_unknown_technology(tmp_path):
    text = (shipped("configs/devices") / "irmen.yaml").read_text()
    path = tmp_path / "cell.yaml"
    path.write_text(text.replace("technology: irmen", "technology: charg"))
    with pytest.raises(InputError) as caught:
        load_machine("irmen", {"device": str(path)})
    assert str(caught.value) == (
        f"{path}:3:1: technology: got 'charg'; expected 'irmen' or 'charge'; did you mean 'charge'?"
    )
