"""The tables of docs/device.md that a sweep and the storage of grains compute."""

import pytest

from accelsim.config import load_machine
from accelsim.device import Numerics
from accelsim.device.criteria import magnetization
from accelsim.device.melayer import storage_of
from accelsim.device.storage import lasting
from accelsim.device.sweep import CUBIC_NM, sweep
from accelsim.units import readable_time


@pytest.fixture(scope="module")
def page(repository):
    return (repository / "docs" / "device.md").read_text()


def rows_below(page, header):
    """Return the cells of the table whose header begins so."""
    _, _, rest = page.partition(f"| {header}")
    assert rest, f"no table with the header '{header}'"
    rows = rest.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip(" *") for cell in row.strip("|").split("|")] for row in rows]


def test_size_and_stability(page, device):
    rows = rows_below(page, "volume, nm^3 | Delta | B_z")
    assert [row[0] for row in rows] == ["1530", "2497.5", "3465", "4432.5", "5400"]
    for volume, *told, _, _, flips in rows:
        sized = device.with_volume(float(volume) * CUBIC_NM)
        settled = magnetization(sized, 0.9, 1e-12)[3]
        magnet = sized.magnet
        figures = (magnet.stability, magnet.normal_stiffness, settled * 1e9)
        assert told == [f"{figure:.4g}" for figure in figures]
        assert flips == readable_time(magnet.flip_time(1e-9))


def test_noise_of_the_smallest_and_the_largest(page, device):
    rows = rows_below(page, "volume, nm^3 | Delta | B_z")
    ends = sweep(device, [1530 * CUBIC_NM, 5400 * CUBIC_NM], 1000, Numerics(samples=256, seed=3))
    for row, point in zip((rows[0], rows[-1]), ends, strict=True):
        assert row[4] == f"{point.instantaneous:.4f}"
        value, told = map(float, row[5].split(" +- "))
        assert value == pytest.approx(point.sigma, abs=4 * (point.sigma_error**2 + told**2) ** 0.5)
        # 2,048 cells instead of 256: errors are sqrt(8) times smaller.
        assert told == pytest.approx(point.sigma_error / 8**0.5, rel=0.35)


def test_grains_of_one_layer(page):
    for number, barrier, spread, *times in rows_below(page, "N | U | spread at 0"):
        changes = {"cell.storage": "remanent", "cell.grains": int(number)}
        storage = storage_of(load_machine("irmen", changes).cell)
        assert (barrier, spread) == (f"{storage.barrier:.3g} kT", f"{storage.spread:.3f}")
        for text, bits in zip(times, (1, 2, 4), strict=True):
            seconds = storage.usable_for(bits)
            assert text == (lasting(seconds) if seconds else "never")
